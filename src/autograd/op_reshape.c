#include "autograd/op.h"
#include "autograd/ops.h"

const ag_op ag_op_reshape = {.name = "reshape", .formula = "x in another shape"};

ag_var *ag_reshape(ag_tape *t, ag_var *x, int n_dim, const int64_t *shape) {
    x = ag_contiguous(t, x);
    return ag_new_view(t, &ag_op_reshape, tensor_reshape(&x->value, n_dim, shape), x);
}
