#include "autograd/op.h"
#include "autograd/ops.h"

const ag_op ag_op_slice = {.name = "slice",
                           .formula = "x[start .. start + length) of one dimension"};

ag_var *ag_slice(ag_tape *t, ag_var *x, int dim, int64_t start, int64_t length) {
    return ag_new_view(t, &ag_op_slice, tensor_slice(&x->value, dim, start, length), x);
}
