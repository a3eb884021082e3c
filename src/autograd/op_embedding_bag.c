#include "autograd/op.h"
#include "autograd/ops.h"

/* Borrowed. */
typedef struct saved {
    const int32_t *begin, *ids;
    int64_t n;
    bool full_error;
} saved;

/* Threads share out the columns, as in op_embedding.c. */
static void backward(ag_tape *t, ag_var *y) {
    const saved *s = y->saved;
    int64_t n_rows = s->begin[s->n] - s->begin[0];
    tensor dw = ag_grad_add_rows(t, y->in[0], s->ids + s->begin[0], n_rows);
    int64_t width = dw.shape[1];
    enum { COLUMNS = 64 };
#pragma omp parallel for schedule(static) if (n_rows * width > 8192)
    for (int64_t first = 0; first < width; first += COLUMNS) {
        int64_t n = width - first < COLUMNS ? width - first : COLUMNS;
        for (int64_t i = 0; i < s->n; i++) {
            const real *from = y->grad.data + i * width + first;
            real share = s->full_error ? 1 : 1 / (real)(s->begin[i + 1] - s->begin[i]);
            for (int32_t k = s->begin[i]; k < s->begin[i + 1]; k++) {
                real *to = dw.data + s->ids[k] * width + first;
                for (int64_t c = 0; c < n; c++) to[c] += share * from[c];
            }
        }
    }
}

static void mean_of(const real *w, int64_t width, const int32_t *ids, int64_t n, real *mean) {
    real share = 1 / (real)n;
    for (int64_t c = 0; c < width; c++) mean[c] = share * w[ids[0] * width + c];
    for (int64_t k = 1; k < n; k++)
        for (int64_t c = 0; c < width; c++) mean[c] += share * w[ids[k] * width + c];
}

const ag_op ag_op_embedding_bag = {.name = "embedding_bag",
                                   .formula = "mean of w[ids]",
                                   .backward = backward,
                                   .cost = ag_cost_embedding};

ag_var *ag_embedding_bag(ag_tape *t, ag_var *w, const int32_t *begin, const int32_t *ids, int64_t n,
                         bool full_error) {
    w = ag_reals(t, w);
    OP_CHECK(ag_op_embedding_bag, w->value.n_dim == 2 && tensor_is_contiguous(&w->value),
             "w has %d dimensions", w->value.n_dim);
    int64_t V = w->value.shape[0], C = w->value.shape[1];
    for (int64_t k = begin[0]; k < begin[n]; k++)
        OP_CHECK(ag_op_embedding_bag, ids[k] >= 0 && ids[k] < V,
                 "id %d at place %lld is not in [0, %lld)", ids[k], (long long)k, (long long)V);
    ag_var *y = ag_new(t, &ag_op_embedding_bag, 2, (int64_t[]){n, C}, 1, &w);
    saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    *s = (saved){begin, ids, n, full_error};
#pragma omp parallel for schedule(static) if ((begin[n] - begin[0]) * C > 8192)
    for (int64_t i = 0; i < n; i++)
        mean_of(w->value.data, C, ids + begin[i], begin[i + 1] - begin[i], y->value.data + i * C);
    return y;
}
