#include "autograd/gelu.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/gemm.h"

/* Elements that one thread handles at a time: a few rows stay in its nearest cache. */
enum { BLOCK = 8192 };

/* Kept for backward: the value before the activation. */
typedef struct saved {
    ag_activation act;
    real *h; /* (rows, O) */
} saved;

/* h += b, y = act(h) for one row; y and h may be the same memory where act is the identity. */
static void finish_row(ag_activation act, int64_t n, real *y, real *h, const real *b) {
    if (b)
        for (int64_t i = 0; i < n; i++) h[i] += b[i];
    if (act == AG_GELU)
        for (int64_t i = 0; i < n; i++) y[i] = gelu(h[i]);
    if (act == AG_GELU_TANH)
        for (int64_t i = 0; i < n; i++) y[i] = gelu_tanh(h[i]);
}

/* h[i] = dy[i] act'(h[i]) */
static void pull_back_activation(ag_activation act, int64_t n, real *h, const real *dy) {
    if (act == AG_GELU)
        for (int64_t i = 0; i < n; i++) h[i] = dy[i] * gelu_slope(h[i]);
    else
        for (int64_t i = 0; i < n; i++) h[i] = dy[i] * gelu_tanh_slope(h[i]);
}

/* dh = dy act'(h); dw += x^T dh, db += column sums of dh, dx += dh w^T */
static void backward(ag_tape *t, ag_var *y) {
    ag_var *x = y->in[0], *w = y->in[1], *b = y->in[2];
    const saved *s = y->saved;
    tensor dh = tensor_as_matrix(&y->grad);
    if (s->act != AG_IDENTITY) {
        int64_t n = tensor_numel(&dh);
#pragma omp parallel for schedule(static) if (n > BLOCK)
        for (int64_t i = 0; i < n; i += BLOCK)
            pull_back_activation(s->act, n - i < BLOCK ? n - i : BLOCK, s->h + i, dh.data + i);
        dh.data = s->h;
    }
    real beta;
    tensor dw = ag_grad_write(t, w, &beta);
    if (dw.data) {
        tensor xm = tensor_as_matrix(&x->value), xt = tensor_transpose(&xm);
        tensor_gemm(1, &xt, &dh, beta, &dw);
    }
    tensor db = ag_grad_add(t, b);
    if (db.data) tensor_accumulate_sum(&db, &dh);
    tensor dx = ag_grad_write(t, x, &beta);
    if (dx.data) {
        tensor wt = tensor_transpose(&w->value), dxm = tensor_as_matrix(&dx);
        tensor_gemm(1, &dh, &wt, beta, &dxm);
    }
}

const ag_op ag_op_linear = {.name = "linear", .formula = "act(x w + b)", .backward = backward};

ag_var *ag_linear(ag_tape *t, ag_var *x, ag_var *w, ag_var *b, ag_activation act) {
    char tx[96], tw[96];
    int last = x->value.n_dim - 1;
    OP_CHECK(ag_op_linear, w->value.n_dim == 2 && x->value.shape[last] == w->value.shape[0],
             "x %s by w %s", tensor_shape_text(&x->value, tx, sizeof tx),
             tensor_shape_text(&w->value, tw, sizeof tw));
    int64_t n_out = w->value.shape[1];
    OP_CHECK(ag_op_linear, !b || (b->value.n_dim == 1 && b->value.shape[0] == n_out),
             "b does not have %lld elements", (long long)n_out);
    int64_t shape[TENSOR_MAX_DIM] = {x->value.shape[0], x->value.shape[1], x->value.shape[2],
                                     x->value.shape[3]};
    shape[last] = n_out;
    ag_var *y = ag_new(t, &ag_op_linear, last + 1, shape, 3, (ag_var *[]){x, w, b});
    tensor ym = tensor_as_matrix(&y->value), h = ym, xm = tensor_as_matrix(&x->value);
    if (act != AG_IDENTITY) h.data = ag_tape_alloc(t, (size_t)tensor_numel(&h) * sizeof(real));
    saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    *s = (saved){act, h.data};
    tensor_gemm(1, &xm, &w->value, 0, &h);
    if (b || act != AG_IDENTITY) {
        int64_t rows = ym.shape[0];
#pragma omp parallel for schedule(static) if (rows * n_out > BLOCK)
        for (int64_t r = 0; r < rows; r++)
            finish_row(act, n_out, ym.data + r * n_out, h.data + r * n_out,
                       b ? b->value.data : NULL);
    }
    return y;
}
