#include "autograd/op.h"
#include "autograd/ops.h"

#include <string.h>

/* The ids, borrowed. */
typedef struct saved {
    const int32_t *ids;
    int64_t n;
} saved;

/* dw[ids[i]] += dy[i], in the order of i. Threads share out the columns, not the positions: an id
 * that stands twice must not be added to by two threads. */
static void backward(ag_tape *t, ag_var *y) {
    const saved *s = y->saved;
    tensor dw = ag_grad_add_rows(t, y->in[0], s->ids, s->n);
    int64_t width = dw.shape[1];
    enum { COLUMNS = 64 };
#pragma omp parallel for schedule(static) if (s->n * width > 8192)
    for (int64_t first = 0; first < width; first += COLUMNS) {
        int64_t n = width - first < COLUMNS ? width - first : COLUMNS;
        for (int64_t i = 0; i < s->n; i++) {
            real *to = dw.data + s->ids[i] * dw.stride[0] + first;
            const real *from = y->grad.data + i * width + first;
            for (int64_t c = 0; c < n; c++) to[c] += from[c];
        }
    }
}

static void copy_row(int64_t C, real *y, const tensor *w, int64_t row) {
    if (w->type == TENSOR_BF16)
        bf16_row_to_real(C, y, w->data16 + row * C);
    else
        memcpy(y, w->data + row * C, (size_t)C * sizeof(real));
}

const ag_op ag_op_embedding = {
    .name = "embedding", .formula = "w[ids]", .backward = backward, .cost = ag_cost_embedding};

ag_var *ag_embedding(ag_tape *t, ag_var *w, const int32_t *ids, int64_t B, int64_t T) {
    w = ag_reals_to_train(t, w);
    OP_CHECK(ag_op_embedding, w->value.n_dim == 2 && tensor_is_contiguous(&w->value),
             "w has %d dimensions", w->value.n_dim);
    int64_t V = w->value.shape[0], C = w->value.shape[1];
    for (int64_t i = 0; i < B * T; i++)
        OP_CHECK(ag_op_embedding, ids[i] >= 0 && ids[i] < V,
                 "id %d at position %lld is not in [0, %lld)", ids[i], (long long)i, (long long)V);
    ag_var *y = ag_new(t, &ag_op_embedding, 3, (int64_t[]){B, T, C}, 1, &w);
    saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    *s = (saved){ids, B * T};
#pragma omp parallel for schedule(static) if (B * T * C > 8192)
    for (int64_t i = 0; i < B * T; i++) copy_row(C, y->value.data + i * C, &w->value, ids[i]);
    return y;
}
