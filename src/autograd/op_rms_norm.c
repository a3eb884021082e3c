#include "autograd/norm.h"
#include "autograd/op.h"
#include "autograd/ops.h"

#include <string.h>

static real forward_row(int64_t n, real *restrict y, const real *restrict x,
                        const real *restrict w) {
    real squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < n; i++) squares += x[i] * x[i];
    real r = 1 / (real)sqrt(squares / (real)n + NORM_EPSILON);
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * r * w[i];
    return r;
}

/* With xh = x r and g = dy w:  dx += r (g - xh mean(g xh)),  dw += dy xh. */
static void backward_row(int64_t n, real *restrict dx, real beta, real *restrict dw,
                         const real *restrict dy, const real *restrict x, const real *restrict w,
                         real r) {
    real sum_gx = 0;
#pragma omp simd reduction(+ : sum_gx)
    for (int64_t i = 0; i < n; i++) sum_gx += dy[i] * w[i] * x[i];
    real mean_gx = sum_gx * r / (real)n;
    for (int64_t i = 0; i < n; i++) dw[i] += dy[i] * (x[i] * r);
    if (!dx) return;
    if (beta == 0) memset(dx, 0, (size_t)n * sizeof *dx);
    for (int64_t i = 0; i < n; i++) dx[i] += r * (dy[i] * w[i] - x[i] * r * mean_gx);
}

static void backward(ag_tape *t, ag_var *y) {
    ag_var *x = y->in[0], *w = y->in[1];
    const real *rrms = y->saved;
    tensor xm = tensor_as_matrix(&x->value);
    int64_t rows = xm.shape[0], n = xm.shape[1];
    real beta;
    tensor dx = ag_grad_write(t, x, &beta);
    real *partial = norm_partials(t, n);
#pragma omp parallel for schedule(static) if (rows * n > 8192)
    for (int64_t p = 0; p < NORM_PARTS; p++)
        for (int64_t r = norm_part_begin(p, rows); r < norm_part_begin(p + 1, rows); r++)
            backward_row(n, dx.data ? dx.data + r * n : NULL, beta, partial + p * n,
                         y->grad.data + r * n, xm.data + r * n, w->value.data, rrms[r]);
    norm_add_partials(t, w, partial, n);
    ag_scratch_end(t);
}

const ag_op ag_op_rms_norm = {
    .name = "rms_norm", .formula = "x / sqrt(mean(x^2) + eps) weight", .backward = backward};

ag_var *ag_rms_norm(ag_tape *t, ag_var *x, ag_var *weight) {
    x = ag_contiguous(t, x);
    tensor xm = tensor_as_matrix(&x->value);
    int64_t rows = xm.shape[0], n = xm.shape[1];
    OP_CHECK(ag_op_rms_norm, tensor_numel(&weight->value) == n,
             "weight does not have %lld elements", (long long)n);
    ag_var *y =
        ag_new(t, &ag_op_rms_norm, x->value.n_dim, x->value.shape, 2, (ag_var *[]){x, weight});
    real *rrms = y->saved = ag_tape_alloc(t, (size_t)rows * sizeof(real));
#pragma omp parallel for schedule(static) if (rows * n > 8192)
    for (int64_t r = 0; r < rows; r++)
        rrms[r] = forward_row(n, y->value.data + r * n, xm.data + r * n, weight->value.data);
    return y;
}
