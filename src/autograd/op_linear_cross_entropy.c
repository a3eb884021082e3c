#include "autograd/cross_entropy.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/gemm.h"
#include "tensor/gemm_bf16.h"
#include "tensor/vmath.h"

/* logits = x w[first .. first + n]^T */
static void block_logits(tensor *logits, const tensor *x, const tensor *w) {
    tensor wt = tensor_transpose(w);
    tensor_multiply(x->type, x, &wt, 0, logits);
}

/* Columns first .. first + n of row r, in place: logits -> factor (softmax - onehot), zero where
 * the row is ignored. */
static inline void row_gradient(const cross_entropy_rows *s, int64_t r, int64_t first, int64_t n,
                                real factor, real *g) {
    real lse = s->lse[r], scale = s->targets[r] == AG_IGNORE ? 0 : factor;
    int64_t target = s->targets[r] - first;
    for (int64_t v = 0; v < n; v++) g[v] = scale * vm_exp_weight(g[v] - lse);
    if (scale != 0 && target >= 0 && target < n) g[target] -= scale;
}

/* The gradient of a block of logits: rows of `g`, columns from `first` on of all. */
typedef struct gradient_block {
    const cross_entropy_rows *s;
    const tensor *g;
    int64_t first;
    real factor;
} gradient_block;

static void finish_row(const void *context, int64_t row, int64_t col, int64_t n, real *logits) {
    const gradient_block *b = context;
    row_gradient(b->s, row, b->first + col, n, b->factor, logits);
    bf16_row_of(n, b->g->data16 + row * b->g->stride[0] + col, logits);
}

/* g = factor (softmax(x w^T) - onehot) */
static void block_gradient(const gradient_block *b, const tensor *x, const tensor *w) {
    tensor g = *b->g, wt = tensor_transpose(w);
    if (g.type == TENSOR_BF16) {
        tensor_gemm_bf16_to(x, &wt, finish_row, b);
        return;
    }
    block_logits(&g, x, w);
    int64_t n = g.shape[1];
#pragma omp parallel for schedule(static) if (b->s->n * n > 8192)
    for (int64_t r = 0; r < b->s->n; r++)
        row_gradient(b->s, r, b->first, n, b->factor, g.data + r * n);
}

/* Where dx is summed over the blocks of the vocabulary: bf16 would lose too much. */
static tensor sum_of_dx(ag_tape *t, const tensor *dx) {
    if (!dx->data) return *dx;
    tensor sum = tensor_as_matrix(dx);
    if (sum.type == TENSOR_BF16)
        sum = tensor_2d(ag_scratch(t, (size_t)tensor_numel(dx) * sizeof(real)), sum.shape[0],
                        sum.shape[1]);
    return sum;
}

/* Block by block: logits again, their gradient g; dx += g w, dw += g^T x. */
static void backward(ag_tape *t, ag_var *loss) {
    const cross_entropy_rows *s = loss->saved;
    ag_var *x = loss->in[0], *w = loss->in[1];
    tensor xm = tensor_as_matrix(&x->value);
    int64_t V = w->value.shape[0], width = cross_entropy_block(s->n, V);
    real *memory = ag_scratch(t, (size_t)(s->n * width) * sizeof(real));
    real beta_x, beta_w, factor = cross_entropy_factor(s, loss->grad.data[0]);
    tensor dx = ag_grad_write(t, x, &beta_x), dw = ag_grad_write(t, w, &beta_w);
    tensor sum = sum_of_dx(t, &dx);
    bool is_apart = dx.type != sum.type;
    for (int64_t first = 0; first < V; first += width) {
        int64_t n = V - first < width ? V - first : width;
        tensor wb = tensor_slice(&w->value, 0, first, n), g = tensor_2d(memory, s->n, n);
        g.type = xm.type;
        block_gradient(&(gradient_block){s, &g, first, factor}, &xm, &wb);
        if (dx.data) tensor_multiply(xm.type, &g, &wb, first ? 1 : is_apart ? 0 : beta_x, &sum);
        if (dw.data) {
            tensor gt = tensor_transpose(&g), dwb = tensor_slice(&dw, 0, first, n);
            tensor_multiply(xm.type, &gt, &xm, beta_w, &dwb);
        }
    }
    if (is_apart) {
        tensor dxm = tensor_as_matrix(&dx);
        if (beta_x == 0)
            tensor_copy(&dxm, &sum);
        else
            tensor_accumulate(&dxm, 1, &sum);
    }
    ag_scratch_end(t);
}

const ag_op ag_op_linear_cross_entropy = {.name = "linear_cross_entropy",
                                          .formula = "mean of -log softmax(x w^T)[target]",
                                          .backward = backward,
                                          .cost = ag_cost_linear_cross_entropy};

/* A block of logits of a row is taken in where it is made. */
static void take_logits(const void *context, int64_t row, int64_t col, int64_t n, real *logits) {
    cross_entropy_add(*(cross_entropy_rows *const *)context, row, logits, col, n);
}

static void forward_bf16(cross_entropy_rows *s, const tensor *x, const tensor *w) {
    tensor wt = tensor_transpose(w);
    tensor_gemm_bf16_rows_to(x, &wt, take_logits, &s);
}

/* The vocabulary in blocks. */
static void forward_real(ag_tape *t, cross_entropy_rows *s, const tensor *x, const tensor *w) {
    int64_t V = w->shape[0], width = cross_entropy_block(s->n, V);
    real *memory = ag_scratch(t, (size_t)(s->n * width) * sizeof(real));
    for (int64_t first = 0; first < V; first += width) {
        int64_t n = V - first < width ? V - first : width;
        tensor wb = tensor_slice(w, 0, first, n), logits = tensor_2d(memory, s->n, n);
        block_logits(&logits, x, &wb);
#pragma omp parallel for schedule(static) if (s->n * n > 8192)
        for (int64_t r = 0; r < s->n; r++) cross_entropy_add(s, r, logits.data + r * n, first, n);
    }
    ag_scratch_end(t);
}

ag_var *ag_linear_cross_entropy(ag_tape *t, ag_var *x, ag_var *w, const int32_t *targets) {
    char tx[96], tw[96];
    x = ag_contiguous(t, x);
    if (x->value.type == TENSOR_REAL) w = ag_reals_to_train(t, w);
    OP_CHECK(ag_op_linear_cross_entropy,
             w->value.n_dim == 2 && x->value.shape[x->value.n_dim - 1] == w->value.shape[1],
             "x %s by w %s transposed", tensor_shape_text(&x->value, tx, sizeof tx),
             tensor_shape_text(&w->value, tw, sizeof tw));
    tensor xm = tensor_as_matrix(&x->value);
    int64_t V = w->value.shape[0], rows = xm.shape[0];
    ag_var *loss = ag_new(t, &ag_op_linear_cross_entropy, 1, (int64_t[]){1}, 2, (ag_var *[]){x, w});
    cross_entropy_rows *s = cross_entropy_begin(t, loss, targets, rows, V);
    if (xm.type == TENSOR_BF16)
        forward_bf16(s, &xm, &w->value);
    else
        forward_real(t, s, &xm, &w->value);
    cross_entropy_finish(s, loss);
    return loss;
}
