#include "autograd/op_unary.h"

enum { CHUNK = 4096 };

ag_var *unary_apply(ag_tape *t, const ag_op *op, ag_var *x, unary_forward *forward) {
    x = ag_contiguous(t, x);
    ag_var *y = ag_new(t, op, x->value.n_dim, x->value.shape, 1, &x);
    int64_t n = tensor_numel(&x->value);
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int64_t i = 0; i < n; i += CHUNK)
        forward(n - i < CHUNK ? n - i : CHUNK, y->value.data + i, x->value.data + i);
    return y;
}

void unary_pull_back(ag_tape *t, ag_var *y, unary_backward *backward) {
    ag_var *x = y->in[0];
    tensor g = ag_grad_take(t, y);
    int64_t n = tensor_numel(&g);
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int64_t i = 0; i < n; i += CHUNK)
        backward(n - i < CHUNK ? n - i : CHUNK, g.data + i, x->value.data + i, y->value.data + i);
    ag_grad_give(t, x, g);
}
