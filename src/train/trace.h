/* What the gradient of a text brings to the embedding matrix, by the side it comes from: the input
 * side, the rows that were looked up, and the output side, the head that gives every token its
 * logit. Where the weights are tied, the matrix moves by the sum of both. */
#ifndef TRAIN_TRACE_H
#define TRAIN_TRACE_H

#include "nn/gpt.h"

typedef struct train_trace {
    int64_t T, V, C;
    bool tied;
    int32_t *ids; /* T + 1: position t reads ids[t], its target is ids[t + 1] */
    double loss;  /* the mean over the positions */
    real *losses; /* T */

    real *input, *output; /* (V, C): dloss/dwte by the rows looked up; dloss/dhead */
    int32_t *rows;        /* those of `input` that were touched, in the order of first touch */
    int64_t n_rows;       /* all others are zero */
    /* (T, C) each. input[v] is the sum of sent[t] over the t with ids[t] = v; output[v] is the sum
     * over t of train_trace_dlogit(v, t) * hidden[t]. */
    real *sent, *hidden;
    double *log_sums; /* T: log of the sum of exp of the logits */
    const real *head; /* (V, C), borrowed from the model */
} train_trace;

/* Runs ids[0..T] through the model and back, 1 <= T <= block_size, without dropout; the model and
 * its gradients stay as they are. Returns new (free with train_trace_free); borrows the model. */
train_trace *train_trace_new(const nn_gpt *m, const int32_t *ids, int64_t T);
void train_trace_free(train_trace *tr);

/* dloss/dlogit of token v at position t: (p - 1) / T of the target, p / T of any other. */
double train_trace_dlogit(const train_trace *tr, int64_t v, int64_t t);
/* The probability p that position t gives to token v. */
double train_trace_probability(const train_trace *tr, int64_t v, int64_t t);

/* Euclidean norms of row v of the gradient by side, of their sum, and the cosine between the sides;
 * 0 where one of them is 0. */
typedef struct train_trace_row {
    double input, output, sum, cosine;
} train_trace_row;
train_trace_row train_trace_row_of(const train_trace *tr, int64_t v);

/* The loss of the same text after one step of gradient descent on the embedding alone: tied
 * E - lr (input + output), else wte - lr input and head - lr output. */
double train_trace_loss_after(const train_trace *tr, const nn_gpt *m, double lr);

#endif
