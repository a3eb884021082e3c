#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/softmax.h"

#include <string.h>

/* dx = y (dy - sum(dy y)) */
static void backward(ag_tape *t, ag_var *y) {
    tensor g = ag_grad_take(t, y);
    tensor gm = tensor_as_matrix(&g);
    int64_t rows = gm.shape[0], n = gm.shape[1];
#pragma omp parallel for schedule(static) if (rows * n > 8192)
    for (int64_t r = 0; r < rows; r++) {
        real *row = gm.data + r * n;
        const real *p = y->value.data + r * n;
        real dot = 0;
#pragma omp simd reduction(+ : dot)
        for (int64_t i = 0; i < n; i++) dot += row[i] * p[i];
        for (int64_t i = 0; i < n; i++) row[i] = p[i] * (row[i] - dot);
    }
    ag_grad_give(t, y->in[0], g);
}

const ag_op ag_op_softmax = {
    .name = "softmax", .formula = "exp(x) / sum exp(x), last dimension", .backward = backward};

ag_var *ag_softmax(ag_tape *t, ag_var *x) {
    x = ag_contiguous(t, ag_reals(t, x));
    ag_var *y = ag_new(t, &ag_op_softmax, x->value.n_dim, x->value.shape, 1, &x);
    tensor ym = tensor_as_matrix(&y->value);
    int64_t rows = ym.shape[0], n = ym.shape[1];
#pragma omp parallel for schedule(static) if (rows * n > 8192)
    for (int64_t r = 0; r < rows; r++) {
        real *row = ym.data + r * n;
        memcpy(row, x->value.data + r * n, (size_t)n * sizeof(real));
        softmax_row(n, row, 1);
    }
    return y;
}
