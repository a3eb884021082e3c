#include "autograd/op.h"
#include "autograd/ops.h"

static void backward(ag_tape *t, ag_var *y) {
    ag_grad_give(t, y->in[0], ag_grad_take(t, y));
}

const ag_op ag_op_contiguous = {
    .name = "contiguous", .formula = "x copied without gaps", .backward = backward};

ag_var *ag_contiguous(ag_tape *t, ag_var *x) {
    if (tensor_is_contiguous(&x->value)) return x;
    ag_var *y = ag_new_like(t, &ag_op_contiguous, x, 1, &x);
    tensor_copy(&y->value, &x->value);
    return y;
}

ag_var *ag_reals(ag_tape *t, ag_var *x) {
    if (!x || x->value.type == TENSOR_REAL) return x;
    ag_var *y = ag_new(t, &ag_op_contiguous, x->value.n_dim, x->value.shape, 1, &x);
    tensor_copy(&y->value, &x->value);
    return y;
}

ag_var *ag_reals_to_train(ag_tape *t, ag_var *x) {
    return ag_tape_mode(t) == AG_NO_GRAD ? x : ag_reals(t, x);
}
