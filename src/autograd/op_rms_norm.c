#include "autograd/norm.h"
#include "autograd/op.h"
#include "autograd/ops.h"

#include <string.h>

/* y is of the type `type`, a constant where this is inlined. */
TENSOR_INLINE real forward_row(int64_t n, tensor_type type, void *restrict y,
                               const real *restrict x, const real *restrict w) {
    real squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < n; i++) squares += x[i] * x[i];
    real r = 1 / (real)sqrt(squares / (real)n + NORM_EPSILON);
    for (int64_t i = 0; i < n; i++) tensor_put(y, type, i, x[i] * r * w[i]);
    return r;
}

/* With xh = x r and g = dy w:  dx += r (g - xh mean(g xh)),  dw += dy xh. dy is of the type
 * `type`. */
TENSOR_INLINE void backward_row(int64_t n, tensor_type type, real *restrict dx, real beta,
                                real *restrict dw, const void *restrict dy, const real *restrict x,
                                const real *restrict w, real r) {
    real sum_gx = 0;
#pragma omp simd reduction(+ : sum_gx)
    for (int64_t i = 0; i < n; i++) sum_gx += tensor_get(dy, type, i) * w[i] * x[i];
    real mean_gx = sum_gx * r / (real)n;
    for (int64_t i = 0; i < n; i++) dw[i] += tensor_get(dy, type, i) * (x[i] * r);
    if (!dx) return;
    if (beta == 0) memset(dx, 0, (size_t)n * sizeof *dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] += r * (tensor_get(dy, type, i) * w[i] - x[i] * r * mean_gx);
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
        for (int64_t r = norm_part_begin(p, rows); r < norm_part_begin(p + 1, rows); r++) {
            real *dxr = dx.data ? dx.data + r * n : NULL, *dw = partial + p * n;
            const real *xr = xm.data + r * n;
            void *dy = tensor_at(&y->grad, r * n);
            if (y->grad.type == TENSOR_BF16)
                backward_row(n, TENSOR_BF16, dxr, beta, dw, dy, xr, w->value.data, rrms[r]);
            else
                backward_row(n, TENSOR_REAL, dxr, beta, dw, dy, xr, w->value.data, rrms[r]);
        }
    norm_add_partials(t, w, partial, n);
    ag_scratch_end(t);
}

const ag_op ag_op_rms_norm = {
    .name = "rms_norm", .formula = "x / sqrt(mean(x^2) + eps) weight", .backward = backward};

ag_var *ag_rms_norm(ag_tape *t, ag_var *x, ag_var *weight) {
    x = ag_contiguous(t, ag_reals(t, x));
    weight = ag_reals(t, weight);
    tensor xm = tensor_as_matrix(&x->value);
    int64_t rows = xm.shape[0], n = xm.shape[1];
    OP_CHECK(ag_op_rms_norm, tensor_numel(&weight->value) == n,
             "weight does not have %lld elements", (long long)n);
    ag_var *y = ag_new_activation(t, &ag_op_rms_norm, x->value.n_dim, x->value.shape, 2,
                                  (ag_var *[]){x, weight});
    real *rrms = y->saved = ag_tape_alloc(t, (size_t)rows * sizeof(real));
#pragma omp parallel for schedule(static) if (rows * n > 8192)
    for (int64_t r = 0; r < rows; r++) {
        const real *xr = xm.data + r * n, *w = weight->value.data;
        void *yr = tensor_at(&y->value, r * n);
        rrms[r] = y->value.type == TENSOR_BF16 ? forward_row(n, TENSOR_BF16, yr, xr, w)
                                               : forward_row(n, TENSOR_REAL, yr, xr, w);
    }
    return y;
}
