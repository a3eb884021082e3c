#include "autograd/attention.h"
#include "autograd/attention_decode.h"
#include "autograd/ops.h"
#include "tensor/softmax.h"

#include <omp.h>
#include <string.h>

/* Below this many products of numbers, other threads cost more than they save. */
enum { SERIAL = 1 << 16 };

real attention_weights(const attention_head *d, int64_t query, real *scores, int64_t width) {
    int64_t seen = attention_seen(d, query);
    /* Whole vectors to the end of the row: what is not seen has no weight. */
    for (int64_t i = seen; i < width; i++) scores[i] = -INFINITY;
    real max = softmax_row_max(width, scores);
    real sum = softmax_row_exp(width, scores, d->scale, max);
    d->lse[query] = d->scale * max + (real)log((double)sum);
    if (d->p > 0)
        dropout_row(d->key, attention_dropout_first(d, query), d->p, scores, scores, seen);
    return 1 / sum;
}

/* e^x for x that is at most 0, but for rounding of huge scores. */
static inline real probability(real x) {
    return vm_exp_weight((real)0 < x ? (real)0 : x);
}

void attention_row_gradient(const attention_head *d, int64_t query, real *scores, real *dp,
                            real *kept, int64_t width) {
    int64_t seen = attention_seen(d, query);
    real D = d->D[query], lse = d->lse[query], scale = d->scale;
    for (int64_t i = seen; i < width; i++) scores[i] = -INFINITY;
    if (d->p > 0) {
        uint64_t number = attention_dropout_first(d, query);
#pragma omp simd
        for (int64_t i = 0; i < width; i++) scores[i] = probability(scale * scores[i] - lse);
        dropout_row(d->key, number, d->p, kept, scores, seen);
        dropout_row(d->key, number, d->p, dp, dp, seen);
        memset(kept + seen, 0, (size_t)(width - seen) * sizeof *kept);
#pragma omp simd
        for (int64_t i = 0; i < width; i++) scores[i] *= (dp[i] - D) * scale;
    } else {
#pragma omp simd
        for (int64_t i = 0; i < width; i++) {
            real p = probability(scale * scores[i] - lse);
            kept[i] = p;
            scores[i] = p * (dp[i] - D) * scale;
        }
    }
}

static bool is_small(const ag_var *y) {
    return tensor_numel(&y->value) * y->in[1]->value.shape[1] <= SERIAL;
}

/* sum(x y) of two rows of the type `type`, a constant where this is inlined. */
TENSOR_INLINE real sum_of_products(int64_t n, tensor_type type, const void *x, const void *y) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += tensor_get(x, type, i) * tensor_get(y, type, i);
    return sum;
}

/* D (B, NH, T): sum(dy y) of each query of each head, in the order of memory. */
static void sum_queries(const ag_var *y, int n_head, real *D) {
    int64_t rows = y->value.shape[0] * y->value.shape[1], T = y->value.shape[1];
    int64_t C = y->value.shape[2], HS = C / n_head;
#pragma omp parallel for schedule(static) if (!is_small(y))
    for (int64_t r = 0; r < rows; r++)
        for (int64_t h = 0; h < n_head; h++) {
            const void *a = tensor_at(&y->value, r * C + h * HS);
            const void *b = tensor_at(&y->grad, r * C + h * HS);
            D[(r / T * n_head + h) * T + r % T] = y->value.type == TENSOR_BF16
                                                      ? sum_of_products(HS, TENSOR_BF16, a, b)
                                                      : sum_of_products(HS, TENSOR_REAL, a, b);
        }
}

/* Head `index` of x (B, T, C): (T, HS). */
static tensor head_of(const tensor *x, int64_t index, int n_head) {
    if (!x->data) return (tensor){0};
    int64_t b = index / n_head, h = index % n_head, HS = x->shape[2] / n_head;
    tensor head = {{NULL}, 2, {x->shape[1], HS}, {x->stride[1], x->stride[2]}, x->type};
    head.data = tensor_at(x, b * x->stride[0] + h * HS * x->stride[2]);
    return head;
}

static attention_head head_at(const ag_var *y, int64_t index, const real *D) {
    const attention_saved *s = y->saved;
    const tensor *q = &y->in[0]->value, *k = &y->in[1]->value, *v = &y->in[2]->value;
    int64_t T = q->shape[1], HS = q->shape[2] / s->n_head;
    return (attention_head){.q = head_of(q, index, s->n_head),
                            .k = head_of(k, index, s->n_head),
                            .v = head_of(v, index, s->n_head),
                            .y = head_of(&y->value, index, s->n_head),
                            .offset = k->shape[1] - T,
                            .index = index,
                            .scale = 1 / (real)sqrt((double)HS),
                            .p = s->p,
                            .key = s->key,
                            .lse = s->lse + index * T,
                            .D = D ? D + index * T : NULL};
}

static const attention_kernel *kernel_of(const ag_var *y) {
    return y->value.type == TENSOR_BF16 ? &attention_in_bf16 : &attention_in_real;
}

static void backward(ag_tape *t, ag_var *y) {
    const attention_saved *s = y->saved;
    const attention_kernel *kernel = kernel_of(y);
    tensor d[3];
    real beta[3];
    ag_grad_write_parts(t, 3, y->in, d, beta);
    int64_t n_heads = y->value.shape[0] * s->n_head, HS = y->value.shape[2] / s->n_head;
    size_t bytes = kernel->backward_bytes(y->in[1]->value.shape[1], HS);
    real *D = ag_scratch(t, (size_t)(n_heads * y->value.shape[1]) * sizeof *D);
    sum_queries(y, s->n_head, D);
    char *memory = ag_scratch(t, (size_t)omp_get_max_threads() * bytes);
#pragma omp parallel for schedule(static) if (!is_small(y))
    for (int64_t i = 0; i < n_heads; i++) {
        const attention_head head = head_at(y, i, D);
        const attention_grads g = {head_of(&d[0], i, s->n_head),
                                   head_of(&d[1], i, s->n_head),
                                   head_of(&d[2], i, s->n_head),
                                   head_of(&y->grad, i, s->n_head),
                                   beta[0],
                                   beta[1],
                                   beta[2]};
        kernel->backward(&head, &g, memory + (size_t)omp_get_thread_num() * bytes);
    }
    ag_scratch_end(t);
}

const ag_op ag_op_attention = {.name = "attention",
                               .formula = "softmax(q k^T / sqrt(HS), causal) v per head",
                               .backward = backward,
                               .cost = ag_cost_attention};

static bool fits(const tensor *q, const tensor *k, const tensor *v, int n_head) {
    return q->n_dim == 3 && k->n_dim == 3 && tensor_same_shape(k, v) &&
           q->shape[0] == k->shape[0] && q->shape[2] == k->shape[2] && q->stride[2] == 1 &&
           k->stride[2] == 1 && v->stride[2] == 1 && q->shape[1] <= k->shape[1] &&
           q->shape[2] % n_head == 0;
}

static bool are_real(const ag_var *y) {
    bool all = y->value.type == TENSOR_REAL;
    for (int i = 0; i < y->n_in; i++) all &= y->in[i]->value.type == TENSOR_REAL;
    return all;
}

/* One query each, and no backward: nothing is saved. */
static ag_var *decode(ag_tape *t, ag_var *y, int n_head) {
    const tensor *q = &y->in[0]->value, *k = &y->in[1]->value, *v = &y->in[2]->value;
    int64_t scores = q->shape[0] * n_head * k->shape[1];
    attention_decode(q, k, v, n_head, ag_scratch(t, (size_t)scores * sizeof(real)), &y->value);
    ag_scratch_end(t);
    return y;
}

ag_var *ag_attention(ag_tape *t, ag_var *q, ag_var *k, ag_var *v, int n_head, real p) {
    char tq[96], tk[96];
    OP_CHECK(ag_op_attention, fits(&q->value, &k->value, &v->value, n_head), "q %s, k %s, %d heads",
             tensor_shape_text(&q->value, tq, sizeof tq),
             tensor_shape_text(&k->value, tk, sizeof tk), n_head);
    if (ag_tape_activations(t) == TENSOR_REAL) {
        q = ag_reals(t, q);
        k = ag_reals(t, k);
        v = ag_reals(t, v);
    }
    rng_key key = ag_next_key(t);
    int64_t T = q->value.shape[1], n_heads = q->value.shape[0] * n_head;
    ag_var *y = ag_new_activation(t, &ag_op_attention, 3, q->value.shape, 3, (ag_var *[]){q, k, v});
    if (T == 1 && ag_tape_mode(t) == AG_NO_GRAD && are_real(y)) return decode(t, y, n_head);
    attention_saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    *s = (attention_saved){n_head, ag_tape_mode(t) == AG_NO_GRAD ? 0 : p, key,
                           ag_tape_alloc(t, (size_t)(n_heads * T) * sizeof(real))};
    const attention_kernel *kernel = kernel_of(y);
    size_t bytes = kernel->forward_bytes(k->value.shape[1], q->value.shape[2] / n_head);
    char *memory = ag_scratch(t, (size_t)omp_get_max_threads() * bytes);
#pragma omp parallel for schedule(static) if (!is_small(y))
    for (int64_t i = 0; i < n_heads; i++) {
        const attention_head head = head_at(y, i, NULL);
        kernel->forward(&head, memory + (size_t)omp_get_thread_num() * bytes);
    }
    ag_scratch_end(t);
    return y;
}
