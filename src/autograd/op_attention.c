#include "autograd/dropout.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/small_gemm.h"
#include "tensor/softmax.h"

#include <omp.h>
#include <string.h>

/* Queries are taken this many at a time: their scores with all keys they may see are one tile. */
enum { TILE = 32 };

/* Below this many products of numbers, other threads cost more than they save. */
enum { SERIAL = 1 << 16 };

/* Kept for backward: the log-sum-exp of each query of each head (B, NH, T). */
typedef struct saved {
    int n_head;
    real p; /* dropout */
    rng_key key;
    real *lse;
} saved;

/* One head of one sequence: matrices (T, HS) and (S, HS) as views. */
typedef struct head {
    tensor q, k, v;
    int64_t offset; /* query t sees keys 0 .. t + offset */
    real scale;
    int64_t index; /* among the B NH heads */
} head;

static tensor head_of(const tensor *x, int64_t b, int64_t h, int64_t HS) {
    real *data = x->data + b * x->stride[0] + h * HS * x->stride[2];
    return (tensor){data, 2, {x->shape[1], HS}, {x->stride[1], x->stride[2]}};
}

static head head_at(const ag_var *y, int64_t index) {
    const saved *s = y->saved;
    int64_t b = index / s->n_head, h = index % s->n_head, HS = y->value.shape[2] / s->n_head;
    const tensor *q = &y->in[0]->value, *k = &y->in[1]->value, *v = &y->in[2]->value;
    return (head){head_of(q, b, h, HS),      head_of(k, b, h, HS),       head_of(v, b, h, HS),
                  k->shape[1] - q->shape[1], 1 / (real)sqrt((double)HS), index};
}

/* x^T (HS, S), its rows without gaps, as the right operand of a product must be. */
static tensor transposed(const tensor *x, real *memory) {
    int64_t n = x->shape[0], HS = x->shape[1];
    for (int64_t d = 0; d < HS; d++)
        for (int64_t i = 0; i < n; i++) memory[d * n + i] = x->data[i * x->stride[0] + d];
    return tensor_2d(memory, HS, n);
}

/* q[first .. first + rows) x^T[.. seen) = tile (rows, seen), for the keys that the last row sees.
 */
static tensor tile_product(const head *d, const tensor *q, const tensor *xt, int64_t first,
                           int64_t rows, real *memory) {
    int64_t seen = first + rows + d->offset;
    tensor qt = tensor_slice(q, 0, first, rows), part = tensor_slice(xt, 1, 0, seen);
    tensor tile = tensor_2d(memory, rows, seen);
    tensor_small_gemm(&qt, &part, 0, &tile);
    return tile;
}

/* Keys that query number `row` of the tile sees. */
static int64_t seen_by(const head *d, int64_t first, int64_t row) {
    return first + row + d->offset + 1;
}

/* The number of the first probability of a query in the dropout stream. */
static uint64_t dropout_first(const head *d, int64_t query) {
    uint64_t width = ((uint64_t)d->k.shape[0] + 3) & ~(uint64_t)3;
    return ((uint64_t)d->index * (uint64_t)d->q.shape[0] + (uint64_t)query) * width;
}

/* Numbers of scratch memory that one head's forward, or backward, takes. */
static int64_t forward_scratch(int64_t S, int64_t HS) {
    return (TILE + HS) * S;
}
static int64_t backward_scratch(int64_t S, int64_t HS) {
    return (3 * TILE + 2 * HS) * S;
}

static void forward_head(ag_var *y, int64_t index, real *memory) {
    const saved *s = y->saved;
    head d = head_at(y, index);
    int64_t T = d.q.shape[0], HS = d.q.shape[1], S = d.k.shape[0];
    tensor o = head_of(&y->value, index / s->n_head, index % s->n_head, HS);
    tensor kt = transposed(&d.k, memory + TILE * S);
    for (int64_t first = 0; first < T; first += TILE) {
        int64_t rows = T - first < TILE ? T - first : TILE;
        tensor p = tile_product(&d, &d.q, &kt, first, rows, memory);
        for (int64_t r = 0; r < rows; r++) {
            real *row = p.data + r * p.shape[1];
            int64_t seen = seen_by(&d, first, r);
            s->lse[index * T + first + r] = softmax_row(seen, row, d.scale);
            memset(row + seen, 0, (size_t)(p.shape[1] - seen) * sizeof(real));
            if (s->p > 0) dropout_row(s->key, dropout_first(&d, first + r), s->p, row, row, seen);
        }
        tensor v = tensor_slice(&d.v, 0, 0, p.shape[1]), ob = tensor_slice(&o, 0, first, rows);
        tensor_small_gemm(&p, &v, 0, &ob);
    }
}

/* The gradients of one head, as views like head's, and how they begin (0) or go on (1). */
typedef struct head_grad {
    tensor dq, dk, dv, dy, y;
    real beta_q, beta_k, beta_v;
} head_grad;

/* scores -> ds = p (dp - D) scale and, in `kept`, the dropped-out p that met v. */
static void tile_gradient(const saved *s, const head *d, const head_grad *g, int64_t first,
                          tensor *scores, tensor *dp, real *kept) {
    int64_t HS = d->q.shape[1], width = scores->shape[1];
    for (int64_t r = 0; r < scores->shape[0]; r++) {
        real *p = scores->data + r * width, *dpr = dp->data + r * width, *k = kept + r * width;
        const real *y = g->y.data + (first + r) * g->y.stride[0];
        const real *dy = g->dy.data + (first + r) * g->dy.stride[0];
        int64_t seen = seen_by(d, first, r);
        real D = 0, lse = s->lse[d->index * d->q.shape[0] + first + r];
#pragma omp simd reduction(+ : D)
        for (int64_t i = 0; i < HS; i++) D += y[i] * dy[i];
        /* At most 1, also where rounding of huge scores makes the exponent positive. */
        for (int64_t i = 0; i < seen; i++) {
            real exponent = d->scale * p[i] - lse;
            p[i] = vm_exp(exponent < 0 ? exponent : 0);
        }
        if (s->p > 0) {
            uint64_t number = dropout_first(d, first + r);
            dropout_row(s->key, number, s->p, k, p, seen);
            dropout_row(s->key, number, s->p, dpr, dpr, seen);
        } else {
            memcpy(k, p, (size_t)seen * sizeof(real));
        }
        for (int64_t i = 0; i < seen; i++) p[i] *= (dpr[i] - D) * d->scale;
        memset(p + seen, 0, (size_t)(width - seen) * sizeof(real));
        memset(k + seen, 0, (size_t)(width - seen) * sizeof(real));
    }
}

/* dx[.. seen) (+)= a^T b, the part of a tile in the gradient of k or v. */
static void add_transposed_product(const tensor *a, const tensor *b, real beta, const tensor *dx) {
    if (!dx->data) return;
    tensor at = tensor_transpose(a), part = tensor_slice(dx, 0, 0, a->shape[1]);
    tensor_small_gemm(&at, b, beta, &part);
}

/* dv += p^T dy;  dp = dy v^T;  ds = p (dp - sum(dy y)) scale;  dk += ds^T q;  dq += ds k.
 * The last tile sees every key, so it begins the gradients of k and v, before that of q, which may
 * be the same memory. */
static void backward_head(ag_var *y, head_grad g, int64_t index, real *memory) {
    const saved *s = y->saved;
    head d = head_at(y, index);
    int64_t T = d.q.shape[0], S = d.k.shape[0], HS = d.q.shape[1];
    tensor kt = transposed(&d.k, memory + 3 * TILE * S);
    tensor vt = transposed(&d.v, memory + (3 * TILE + HS) * S);
    for (int64_t first = (T - 1) / TILE * TILE; first >= 0; first -= TILE) {
        int64_t rows = T - first < TILE ? T - first : TILE;
        tensor ds = tile_product(&d, &d.q, &kt, first, rows, memory);
        tensor dp = tile_product(&d, &g.dy, &vt, first, rows, memory + TILE * S);
        tensor p = tensor_2d(memory + 2 * TILE * S, rows, ds.shape[1]);
        tile_gradient(s, &d, &g, first, &ds, &dp, p.data);
        tensor q = tensor_slice(&d.q, 0, first, rows), dy = tensor_slice(&g.dy, 0, first, rows);
        bool begins = ds.shape[1] == S;
        add_transposed_product(&ds, &q, begins ? g.beta_k : 1, &g.dk);
        add_transposed_product(&p, &dy, begins ? g.beta_v : 1, &g.dv);
        if (g.dq.data) {
            tensor dq = tensor_slice(&g.dq, 0, first, rows);
            tensor k = tensor_slice(&d.k, 0, 0, ds.shape[1]);
            tensor_small_gemm(&ds, &k, g.beta_q, &dq);
        }
    }
}

static tensor head_of_grad(const tensor *x, int64_t b, int64_t h, int64_t HS) {
    return x->data ? head_of(x, b, h, HS) : (tensor){0};
}

static void backward(ag_tape *t, ag_var *y) {
    const saved *s = y->saved;
    real beta_q, beta_k, beta_v;
    tensor dk = ag_grad_write(t, y->in[1], &beta_k);
    tensor dv = ag_grad_write(t, y->in[2], &beta_v);
    tensor dq = ag_grad_write(t, y->in[0], &beta_q);
    int64_t n_heads = y->value.shape[0] * s->n_head, HS = y->value.shape[2] / s->n_head;
    int64_t per_thread = backward_scratch(y->in[1]->value.shape[1], HS);
    real *memory = ag_scratch(t, (size_t)(omp_get_max_threads() * per_thread) * sizeof(real));
#pragma omp parallel for schedule(static) if (tensor_numel(&y->value) * y->in[1]->value.shape[1] > \
                                              SERIAL)
    for (int64_t i = 0; i < n_heads; i++) {
        int64_t b = i / s->n_head, h = i % s->n_head;
        head_grad g = {head_of_grad(&dq, b, h, HS),
                       head_of_grad(&dk, b, h, HS),
                       head_of_grad(&dv, b, h, HS),
                       head_of(&y->grad, b, h, HS),
                       head_of(&y->value, b, h, HS),
                       beta_q,
                       beta_k,
                       beta_v};
        backward_head(y, g, i, memory + omp_get_thread_num() * per_thread);
    }
    ag_scratch_end(t);
}

const ag_op ag_op_attention = {.name = "attention",
                               .formula = "softmax(q k^T / sqrt(HS), causal) v per head",
                               .backward = backward};

static bool fits(const tensor *q, const tensor *k, const tensor *v, int n_head) {
    return q->n_dim == 3 && k->n_dim == 3 && tensor_same_shape(k, v) &&
           q->shape[0] == k->shape[0] && q->shape[2] == k->shape[2] && q->stride[2] == 1 &&
           k->stride[2] == 1 && v->stride[2] == 1 && q->shape[1] <= k->shape[1] &&
           q->shape[2] % n_head == 0;
}

ag_var *ag_attention(ag_tape *t, ag_var *q, ag_var *k, ag_var *v, int n_head, real p) {
    char tq[96], tk[96];
    OP_CHECK(ag_op_attention, fits(&q->value, &k->value, &v->value, n_head), "q %s, k %s, %d heads",
             tensor_shape_text(&q->value, tq, sizeof tq),
             tensor_shape_text(&k->value, tk, sizeof tk), n_head);
    rng_key key = ag_next_key(t);
    int64_t T = q->value.shape[1], n_heads = q->value.shape[0] * n_head;
    ag_var *y = ag_new(t, &ag_op_attention, 3, q->value.shape, 3, (ag_var *[]){q, k, v});
    saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    *s = (saved){n_head, ag_tape_mode(t) == AG_NO_GRAD ? 0 : p, key,
                 ag_tape_alloc(t, (size_t)(n_heads * T) * sizeof(real))};
    int64_t per_thread = forward_scratch(k->value.shape[1], q->value.shape[2] / n_head);
    real *memory = ag_scratch(t, (size_t)(omp_get_max_threads() * per_thread) * sizeof(real));
#pragma omp parallel for schedule(static) if (tensor_numel(&y->value) * k->value.shape[1] > SERIAL)
    for (int64_t i = 0; i < n_heads; i++)
        forward_head(y, i, memory + omp_get_thread_num() * per_thread);
    ag_scratch_end(t);
    return y;
}
