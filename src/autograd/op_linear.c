#include "autograd/gelu.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/gemm.h"
#include "tensor/gemm_bf16.h"

/* Elements that one thread handles at a time: a few rows stay in its nearest cache. */
enum { BLOCK = 8192 };

/* Kept for backward: the value before the activation. */
typedef struct saved {
    ag_activation act;
    tensor h;              /* (rows, O), of y's type; y itself where act is the identity */
    bool slope_is_applied; /* y's gradient is that of h already */
} saved;

static void add_bias(int64_t n, real *h, const real *b) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++) h[i] += b[i];
}

/* y = act(h) for a piece of a row; y may be h. */
static void activate(ag_activation act, int64_t n, real *y, const real *h) {
    if (act == AG_GELU)
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = gelu(h[i]);
    if (act == AG_GELU_TANH)
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = gelu_tanh(h[i]);
}

/* dh = dy act'(h) for a piece of a row, h of one type, dh and dy of another; dh may be h or dy. */
TENSOR_INLINE void pull_back(ag_activation act, int64_t n, tensor_type type, void *dh,
                             tensor_type h_type, const void *h, const void *dy) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        real x = tensor_get(h, h_type, i);
        real slope = act == AG_GELU ? gelu_slope(x) : gelu_tanh_slope(x);
        tensor_put(dh, type, i, tensor_get(dy, type, i) * slope);
    }
}

static void pull_back_row(ag_activation act, int64_t n, tensor_type type, void *dh,
                          tensor_type h_type, const void *h, const void *dy) {
#define CASE(act_, type_, h_)                                                                      \
    if (act == act_ && type == type_ && h_type == h_) pull_back(act_, n, type_, dh, h_, h, dy);
    CASE(AG_GELU, TENSOR_REAL, TENSOR_REAL)
    CASE(AG_GELU_TANH, TENSOR_REAL, TENSOR_REAL)
    CASE(AG_GELU, TENSOR_BF16, TENSOR_BF16)
    CASE(AG_GELU_TANH, TENSOR_BF16, TENSOR_BF16)
    CASE(AG_GELU, TENSOR_REAL, TENSOR_BF16)
    CASE(AG_GELU_TANH, TENSOR_REAL, TENSOR_BF16)
#undef CASE
}

/* The gradient of h, in the memory of h or of dy. */
static tensor gradient_before_activation(const saved *s, const ag_var *y) {
    tensor dh = tensor_as_matrix(&y->grad);
    if (s->act == AG_IDENTITY || s->slope_is_applied) return dh;
    int64_t n = tensor_numel(&dh);
#pragma omp parallel for schedule(static) if (n > BLOCK)
    for (int64_t i = 0; i < n; i += BLOCK) {
        void *h = tensor_at(&s->h, i);
        pull_back_row(s->act, n - i < BLOCK ? n - i : BLOCK, dh.type, h, dh.type, h,
                      tensor_at(&dh, i));
    }
    return s->h;
}

/* dx of an activation: its slope is applied to each row on the way to memory. */
typedef struct slope_output {
    ag_activation act;
    const tensor *dh, *h;
} slope_output;

static void apply_slope(const void *context, int64_t row, int64_t col, int64_t n, real *dy) {
    const slope_output *o = context;
    int64_t at = row * o->dh->stride[0] + col;
    const bf16 *h = o->h->data16 + at;
    pull_back_row(o->act, n, TENSOR_REAL, dy, TENSOR_BF16, h, dy);
    bf16_row_of(n, o->dh->data16 + at, dy);
}

/* dx += dh w^T. Where x is the activation of a linear layer that nobody else reads, what is written
 * is the gradient before that activation. */
static void backward_to_input(ag_tape *t, const ag_op *linear, ag_var *x, const tensor *w,
                              const tensor *dh) {
    real beta;
    tensor dx = ag_grad_write(t, x, &beta);
    if (!dx.data) return;
    tensor wt = tensor_transpose(w), dxm = tensor_as_matrix(&dx);
    saved *s = x->op == linear ? x->saved : NULL;
    bool both_bf16 = dh->type == TENSOR_BF16 && dx.type == TENSOR_BF16;
    if (s && both_bf16 && beta == 0 && s->act != AG_IDENTITY && x->n_uses == 1 &&
        ag_tape_mode(t) == AG_RELEASE) {
        const slope_output o = {s->act, &dxm, &s->h};
        tensor_gemm_bf16_to(dh, &wt, apply_slope, &o);
        s->slope_is_applied = true;
    } else {
        tensor_multiply(dh->type, dh, &wt, beta, &dxm);
    }
}

/* dw += x^T dh, db += column sums of dh */
static void backward_to_parameters(ag_tape *t, ag_var *x, ag_var *w, ag_var *b, const tensor *dh) {
    real beta;
    tensor dw = ag_grad_write(t, w, &beta), db = ag_grad_add(t, b);
    tensor xm = tensor_as_matrix(&x->value), xt = tensor_transpose(&xm);
    bool at_once = dh->type == TENSOR_BF16 && dw.data && dw.stride[1] == 1;
    if (at_once)
        tensor_gemm_bf16_summing(&xt, dh, beta, &dw, db.data);
    else if (dw.data)
        tensor_multiply(dh->type, &xt, dh, beta, &dw);
    if (db.data && !at_once) tensor_accumulate_sum(&db, dh);
}

/* dh = dy act'(h), and from it the gradients of w, b and x */
static void backward(ag_tape *t, ag_var *y) {
    ag_var *x = y->in[0], *w = y->in[1];
    tensor dh = gradient_before_activation(y->saved, y);
    backward_to_parameters(t, x, w, y->in[2], &dh);
    backward_to_input(t, y->op, x, &w->value, &dh);
}

const ag_op ag_op_linear = {
    .name = "linear", .formula = "act(x w + b)", .backward = backward, .cost = ag_cost_linear};

/* Rows of x w become h and y. */
typedef struct output {
    ag_activation act;
    const tensor *y, *h;
    const real *b;
} output;

static void finish_row(const void *context, int64_t row, int64_t col, int64_t n, real *h) {
    const output *o = context;
    int64_t at = row * o->y->stride[0] + col;
    if (o->b) add_bias(n, h, o->b + col);
    bf16_row_of(n, o->h->data16 + at, h);
    if (o->act == AG_IDENTITY) return;
    activate(o->act, n, h, h);
    bf16_row_of(n, o->y->data16 + at, h);
}

static void forward(const output *o, const tensor *x, const tensor *w) {
    if (o->y->type == TENSOR_BF16) {
        tensor_gemm_bf16_to(x, w, finish_row, o);
        return;
    }
    tensor h = *o->h;
    tensor_gemm(1, x, w, 0, &h);
    if (!o->b && o->act == AG_IDENTITY) return;
    int64_t rows = h.shape[0], n = h.shape[1];
#pragma omp parallel for schedule(static) if (rows * n > BLOCK)
    for (int64_t r = 0; r < rows; r++) {
        real *row = h.data + r * n;
        if (o->b) add_bias(n, row, o->b);
        activate(o->act, n, o->y->data + r * n, row);
    }
}

ag_var *ag_linear(ag_tape *t, ag_var *x, ag_var *w, ag_var *b, ag_activation act) {
    char tx[96], tw[96];
    int last = x->value.n_dim - 1;
    OP_CHECK(ag_op_linear, w->value.n_dim == 2 && x->value.shape[last] == w->value.shape[0],
             "x %s by w %s", tensor_shape_text(&x->value, tx, sizeof tx),
             tensor_shape_text(&w->value, tw, sizeof tw));
    if (ag_tape_activations(t) == TENSOR_REAL) {
        x = ag_reals(t, x);
        w = ag_reals_to_train(t, w);
    }
    b = ag_reals(t, b);
    int64_t n_out = w->value.shape[1];
    OP_CHECK(ag_op_linear, !b || (b->value.n_dim == 1 && b->value.shape[0] == n_out),
             "b does not have %lld elements", (long long)n_out);
    int64_t shape[TENSOR_MAX_DIM] = {x->value.shape[0], x->value.shape[1], x->value.shape[2],
                                     x->value.shape[3]};
    shape[last] = n_out;
    ag_var *y = ag_new_activation(t, &ag_op_linear, last + 1, shape, 3, (ag_var *[]){x, w, b});
    tensor ym = tensor_as_matrix(&y->value), xm = tensor_as_matrix(&x->value);
    saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    *s = (saved){act, ym, false};
    if (act != AG_IDENTITY && y->needs_grad) s->h.data = ag_tape_alloc(t, tensor_bytes(&ym));
    const output o = {act, &ym, &s->h, b ? b->value.data : NULL};
    forward(&o, &xm, &w->value);
    return y;
}
