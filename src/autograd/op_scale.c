#include "autograd/op.h"
#include "autograd/ops.h"

static void backward(ag_tape *t, ag_var *y) {
    ag_grad_contribute(t, y->in[0], *(real *)y->saved, &y->grad);
}

const ag_op ag_op_scale = {.name = "scale", .formula = "factor x", .backward = backward};

ag_var *ag_scale(ag_tape *t, ag_var *x, real factor) {
    ag_var *y = ag_new(t, &ag_op_scale, x->value.n_dim, x->value.shape, 1, &x);
    y->saved = ag_tape_alloc(t, sizeof factor);
    *(real *)y->saved = factor;
    tensor_fill(&y->value, 0);
    tensor_accumulate(&y->value, factor, &x->value);
    return y;
}
