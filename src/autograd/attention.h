/* What the kernels of causal attention share: one head of one sequence at a time, its scratch
 * memory the caller's. One kernel computes in real, one multiplies bf16. */
#ifndef AUTOGRAD_ATTENTION_H
#define AUTOGRAD_ATTENTION_H

#include "autograd/dropout.h"
#include "autograd/op.h"

#include <math.h>

/* Kept for backward: the log-sum-exp of each query of each head (B, NH, T). */
typedef struct attention_saved {
    int n_head;
    real p; /* dropout */
    rng_key key;
    real *lse;
} attention_saved;

/* One head of one sequence: q (T, HS), k and v (S, HS), y (T, HS) as views. */
typedef struct attention_head {
    tensor q, k, v, y;
    int64_t offset; /* query t sees keys 0 .. t + offset */
    int64_t index;  /* among the B NH heads */
    real scale, p;  /* of scores; of dropout */
    rng_key key;
    real *lse;     /* (T) */
    const real *D; /* (T), sum(dy y) of each query, in backward */
} attention_head;

/* The gradients of one head, as views like those of the head (data is NULL where none is wanted),
 * and how they begin (0) or go on (1). */
typedef struct attention_grads {
    tensor dq, dk, dv, dy;
    real beta_q, beta_k, beta_v;
} attention_grads;

/* A kernel: what one head takes in bytes of scratch memory, multiples of 64, and its two passes. */
typedef struct attention_kernel {
    size_t (*forward_bytes)(int64_t S, int64_t HS);
    size_t (*backward_bytes)(int64_t S, int64_t HS);
    /* y = softmax(scale q k^T, causal) v, lse set. */
    void (*forward)(const attention_head *d, void *memory);
    /* dv += p^T dy;  dp = dy v^T;  ds = p (dp - sum(dy y)) scale;  dk += ds^T q;  dq += ds k. */
    void (*backward)(const attention_head *d, const attention_grads *g, void *memory);
} attention_kernel;

extern const attention_kernel attention_in_real, attention_in_bf16;

/* Keys that query number `query` sees. */
static inline int64_t attention_seen(const attention_head *d, int64_t query) {
    return query + d->offset + 1;
}

/* The number of the first probability of a query in the dropout stream. */
static inline uint64_t attention_dropout_first(const attention_head *d, int64_t query) {
    uint64_t width = ((uint64_t)d->k.shape[0] + 3) & ~(uint64_t)3;
    return ((uint64_t)d->index * (uint64_t)d->q.shape[0] + (uint64_t)query) * width;
}

/* Scores of a query become weights, those of the keys it does not see 0, some dropped; returns what
 * they are to be multiplied by to be probabilities. */
real attention_weights(const attention_head *d, int64_t query, real *scores, int64_t width);
/* Scores of a query and dp = dy v^T become ds, in place of the scores, and the dropped-out
 * probabilities that met v, in `kept`; both zero for keys that the query does not see. */
void attention_row_gradient(const attention_head *d, int64_t query, real *scores, real *dp,
                            real *kept, int64_t width);

#endif
