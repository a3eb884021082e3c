#include "autograd/op.h"
#include "autograd/ops.h"

/* dx += dy / n, broadcast */
static void backward(ag_tape *t, ag_var *y) {
    tensor dx = ag_grad_add(t, y->in[0]);
    tensor_accumulate(&dx, 1 / (real)tensor_numel(&dx), &y->grad);
}

const ag_op ag_op_mean = {.name = "mean", .formula = "sum of all x / n", .backward = backward};

ag_var *ag_mean(ag_tape *t, ag_var *x) {
    int64_t n = tensor_numel(&x->value);
    OP_CHECK(ag_op_mean, n > 0, "of %s", "no elements");
    x = ag_reals(t, x);
    ag_var *y = ag_new(t, &ag_op_mean, 1, (int64_t[]){1}, 1, &x);
    y->value.data[0] = (real)(tensor_sum(&x->value) / (double)n);
    return y;
}
