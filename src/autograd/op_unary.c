#include "autograd/op_unary.h"

/* Numbers that one thread handles at a time; a BUFFER of them takes the way from bf16 and back. */
enum { CHUNK = 4096, BUFFER = 1024 };

static void load(int64_t n, real *y, const tensor *x, int64_t first) {
    bf16_row_to_real(n, y, x->data16 + first);
}

static void forward_bf16(int64_t n, unary_forward *forward, const tensor *y, const tensor *x,
                         int64_t first) {
    real xb[BUFFER] = {0}, yb[BUFFER];
    load(n, xb, x, first);
    forward(n, yb, xb);
    bf16_row_of(n, y->data16 + first, yb);
}

static void backward_bf16(int64_t n, unary_backward *backward, const tensor *g, const tensor *x,
                          const tensor *y, int64_t first) {
    real gb[BUFFER] = {0}, xb[BUFFER] = {0}, yb[BUFFER] = {0};
    load(n, gb, g, first);
    load(n, xb, x, first);
    load(n, yb, y, first);
    backward(n, gb, xb, yb);
    bf16_row_of(n, g->data16 + first, gb);
}

ag_var *unary_apply(ag_tape *t, const ag_op *op, ag_var *x, unary_forward *forward) {
    x = ag_contiguous(t, x);
    ag_var *y = ag_new_like(t, op, x, 1, &x);
    int64_t n = tensor_numel(&x->value);
    bool is_real = x->value.type == TENSOR_REAL;
    int64_t chunk = is_real ? CHUNK : BUFFER;
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int64_t i = 0; i < n; i += chunk) {
        int64_t length = n - i < chunk ? n - i : chunk;
        if (is_real)
            forward(length, y->value.data + i, x->value.data + i);
        else
            forward_bf16(length, forward, &y->value, &x->value, i);
    }
    return y;
}

void unary_pull_back(ag_tape *t, ag_var *y, unary_backward *backward) {
    ag_var *x = y->in[0];
    tensor g = ag_grad_take(t, y);
    int64_t n = tensor_numel(&g);
    bool is_real = g.type == TENSOR_REAL;
    int64_t chunk = is_real ? CHUNK : BUFFER;
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int64_t i = 0; i < n; i += chunk) {
        int64_t length = n - i < chunk ? n - i : chunk;
        if (is_real)
            backward(length, g.data + i, x->value.data + i, y->value.data + i);
        else
            backward_bf16(length, backward, &g, &x->value, &y->value, i);
    }
    ag_grad_give(t, x, g);
}
