#include "autograd/op.h"
#include "autograd/ops.h"

const ag_op ag_op_permute = {.name = "permute",
                             .formula = "x with its dimensions in another order"};

ag_var *ag_permute(ag_tape *t, ag_var *x, const int *order) {
    return ag_new_view(t, &ag_op_permute, tensor_permute(&x->value, order), x);
}
