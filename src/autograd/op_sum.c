#include "autograd/op.h"
#include "autograd/ops.h"

/* dx += dy, broadcast */
static void backward(ag_tape *t, ag_var *y) {
    tensor dx = ag_grad_add(t, y->in[0]);
    tensor_accumulate(&dx, 1, &y->grad);
}

const ag_op ag_op_sum = {.name = "sum", .formula = "sum of all x", .backward = backward};

ag_var *ag_sum(ag_tape *t, ag_var *x) {
    x = ag_reals(t, x);
    ag_var *y = ag_new(t, &ag_op_sum, 1, (int64_t[]){1}, 1, &x);
    y->value.data[0] = (real)tensor_sum(&x->value);
    return y;
}
