#include "autograd/cross_entropy.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/gemm.h"
#include "tensor/vmath.h"

/* The vocabulary is walked in blocks, all rows at once: each row of w is read once and each row of
 * dw written once, whatever B T is. The logits of one block hold about this many numbers. */
enum { BLOCK_NUMBERS = 1 << 20, BLOCK_LEAST = 256 };

static int64_t block_width(int64_t rows, int64_t V) {
    int64_t width = BLOCK_NUMBERS / (rows ? rows : 1);
    if (width < BLOCK_LEAST) width = BLOCK_LEAST;
    return width < V ? width : V;
}

/* logits = x w[first .. first + n]^T */
static void block_logits(tensor *logits, const tensor *x, const tensor *w) {
    tensor wt = tensor_transpose(w);
    tensor_gemm(1, x, &wt, 0, logits);
}

/* In place: logits -> factor (softmax - onehot), zero where the row is ignored. */
static void block_gradient(const cross_entropy_rows *s, tensor *logits, int64_t first,
                           real factor) {
    int64_t n = logits->shape[1];
#pragma omp parallel for schedule(static) if (s->n * n > 8192)
    for (int64_t r = 0; r < s->n; r++) {
        real *g = logits->data + r * n, lse = s->lse[r];
        int64_t target = s->targets[r] - first;
        real scale = s->targets[r] == AG_IGNORE ? 0 : factor;
        for (int64_t v = 0; v < n; v++) g[v] = scale * vm_exp(g[v] - lse);
        if (scale != 0 && target >= 0 && target < n) g[target] -= scale;
    }
}

/* Block by block: logits again, their gradient g; dx += g w, dw += g^T x. */
static void backward(ag_tape *t, ag_var *loss) {
    const cross_entropy_rows *s = loss->saved;
    ag_var *x = loss->in[0], *w = loss->in[1];
    tensor xm = tensor_as_matrix(&x->value);
    int64_t V = w->value.shape[0], width = block_width(s->n, V);
    real *memory = ag_scratch(t, (size_t)(s->n * width) * sizeof(real));
    real beta_x, beta_w, factor = cross_entropy_factor(s, loss->grad.data[0]);
    tensor dx = ag_grad_write(t, x, &beta_x), dw = ag_grad_write(t, w, &beta_w);
    for (int64_t first = 0; first < V; first += width) {
        int64_t n = V - first < width ? V - first : width;
        tensor wb = tensor_slice(&w->value, 0, first, n), logits = tensor_2d(memory, s->n, n);
        block_logits(&logits, &xm, &wb);
        block_gradient(s, &logits, first, factor);
        if (dx.data) {
            tensor dxm = tensor_as_matrix(&dx);
            tensor_gemm(1, &logits, &wb, first ? 1 : beta_x, &dxm);
        }
        if (dw.data) {
            tensor gt = tensor_transpose(&logits), dwb = tensor_slice(&dw, 0, first, n);
            tensor_gemm(1, &gt, &xm, beta_w, &dwb);
        }
    }
    ag_scratch_end(t);
}

const ag_op ag_op_linear_cross_entropy = {.name = "linear_cross_entropy",
                                          .formula = "mean of -log softmax(x w^T)[target]",
                                          .backward = backward};

ag_var *ag_linear_cross_entropy(ag_tape *t, ag_var *x, ag_var *w, const int32_t *targets) {
    char tx[96], tw[96];
    x = ag_contiguous(t, x);
    OP_CHECK(ag_op_linear_cross_entropy,
             w->value.n_dim == 2 && x->value.shape[x->value.n_dim - 1] == w->value.shape[1],
             "x %s by w %s transposed", tensor_shape_text(&x->value, tx, sizeof tx),
             tensor_shape_text(&w->value, tw, sizeof tw));
    tensor xm = tensor_as_matrix(&x->value);
    int64_t V = w->value.shape[0], rows = xm.shape[0], width = block_width(rows, V);
    ag_var *loss = ag_new(t, &ag_op_linear_cross_entropy, 1, (int64_t[]){1}, 2, (ag_var *[]){x, w});
    cross_entropy_rows *s = cross_entropy_begin(t, loss, targets, rows, V);
    real *memory = ag_scratch(t, (size_t)(rows * width) * sizeof(real));
    for (int64_t first = 0; first < V; first += width) {
        int64_t n = V - first < width ? V - first : width;
        tensor wb = tensor_slice(&w->value, 0, first, n), logits = tensor_2d(memory, rows, n);
        block_logits(&logits, &xm, &wb);
#pragma omp parallel for schedule(static) if (rows * n > 8192)
        for (int64_t r = 0; r < rows; r++) cross_entropy_add(s, r, logits.data + r * n, first, n);
    }
    cross_entropy_finish(s, loss);
    ag_scratch_end(t);
    return loss;
}
