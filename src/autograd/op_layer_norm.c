#include "autograd/norm.h"
#include "autograd/op.h"
#include "autograd/ops.h"

#include <string.h>

/* Kept for backward: mean and 1 / sqrt(var + eps) of each row. */
typedef struct saved {
    real *mean, *rstd;
} saved;

/* y is of the type `type`, a constant where this is inlined. */
TENSOR_INLINE void forward_row(int64_t n, tensor_type type, void *restrict y,
                               const real *restrict x, const real *restrict w,
                               const real *restrict b, real *mean, real *rstd) {
    real sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += x[i];
    real m = sum / (real)n;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < n; i++) squares += (x[i] - m) * (x[i] - m);
    real r = 1 / (real)sqrt(squares / (real)n + NORM_EPSILON);
    if (b)
        for (int64_t i = 0; i < n; i++) tensor_put(y, type, i, (x[i] - m) * r * w[i] + b[i]);
    else
        for (int64_t i = 0; i < n; i++) tensor_put(y, type, i, (x[i] - m) * r * w[i]);
    *mean = m;
    *rstd = r;
}

/* With xh = (x - mean) rstd and g = dy w:  dx += rstd (g - mean(g) - xh mean(g xh)),
 * dw += dy xh, db += dy. dy is of the type `type`. */
TENSOR_INLINE void backward_row(int64_t n, tensor_type type, real *restrict dx, real beta,
                                real *restrict dw, real *restrict db, const void *restrict dy,
                                const real *restrict x, const real *restrict w, real mean,
                                real rstd) {
    real sum_g = 0, sum_gx = 0;
#pragma omp simd reduction(+ : sum_g, sum_gx)
    for (int64_t i = 0; i < n; i++) {
        real g = tensor_get(dy, type, i) * w[i];
        sum_g += g;
        sum_gx += g * (x[i] - mean);
    }
    real mean_g = sum_g / (real)n, mean_gx = sum_gx * rstd / (real)n;
    for (int64_t i = 0; i < n; i++) {
        real dyi = tensor_get(dy, type, i);
        dw[i] += dyi * ((x[i] - mean) * rstd);
        db[i] += dyi;
    }
    if (!dx) return;
    if (beta == 0) memset(dx, 0, (size_t)n * sizeof *dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] += rstd * (tensor_get(dy, type, i) * w[i] - mean_g - (x[i] - mean) * rstd * mean_gx);
}

static void backward(ag_tape *t, ag_var *y) {
    ag_var *x = y->in[0], *w = y->in[1];
    const saved *s = y->saved;
    tensor xm = tensor_as_matrix(&x->value);
    int64_t rows = xm.shape[0], n = xm.shape[1];
    real beta;
    tensor dx = ag_grad_write(t, x, &beta);
    real *partial = norm_partials(t, 2 * n);
#pragma omp parallel for schedule(static) if (rows * n > 8192)
    for (int64_t p = 0; p < NORM_PARTS; p++) {
        real *dw = partial + p * 2 * n, *db = dw + n;
        for (int64_t r = norm_part_begin(p, rows); r < norm_part_begin(p + 1, rows); r++) {
            real *dxr = dx.data ? dx.data + r * n : NULL, *xr = xm.data + r * n;
            void *dy = tensor_at(&y->grad, r * n);
            if (y->grad.type == TENSOR_BF16)
                backward_row(n, TENSOR_BF16, dxr, beta, dw, db, dy, xr, w->value.data, s->mean[r],
                             s->rstd[r]);
            else
                backward_row(n, TENSOR_REAL, dxr, beta, dw, db, dy, xr, w->value.data, s->mean[r],
                             s->rstd[r]);
        }
    }
    norm_add_partials(t, w, partial, 2 * n);
    if (y->in[2]) norm_add_partials(t, y->in[2], partial + n, 2 * n);
    ag_scratch_end(t);
}

const ag_op ag_op_layer_norm = {.name = "layer_norm",
                                .formula = "(x - mean) / sqrt(var + eps) weight + bias",
                                .backward = backward};

ag_var *ag_layer_norm(ag_tape *t, ag_var *x, ag_var *weight, ag_var *bias) {
    x = ag_contiguous(t, ag_reals(t, x));
    weight = ag_reals(t, weight);
    bias = ag_reals(t, bias);
    tensor xm = tensor_as_matrix(&x->value);
    int64_t rows = xm.shape[0], n = xm.shape[1];
    OP_CHECK(ag_op_layer_norm, tensor_numel(&weight->value) == n,
             "weight does not have %lld elements", (long long)n);
    ag_var *y = ag_new_activation(t, &ag_op_layer_norm, x->value.n_dim, x->value.shape, 3,
                                  (ag_var *[]){x, weight, bias});
    saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    s->mean = ag_tape_alloc(t, (size_t)rows * sizeof(real));
    s->rstd = ag_tape_alloc(t, (size_t)rows * sizeof(real));
#pragma omp parallel for schedule(static) if (rows * n > 8192)
    for (int64_t r = 0; r < rows; r++) {
        const real *xr = xm.data + r * n, *w = weight->value.data;
        const real *b = bias ? bias->value.data : NULL;
        void *yr = tensor_at(&y->value, r * n);
        if (y->value.type == TENSOR_BF16)
            forward_row(n, TENSOR_BF16, yr, xr, w, b, &s->mean[r], &s->rstd[r]);
        else
            forward_row(n, TENSOR_REAL, yr, xr, w, b, &s->mean[r], &s->rstd[r]);
    }
    return y;
}
