#include "autograd/op.h"
#include "autograd/ops.h"

/* dx_k += the part of dy that x_k fills */
static void backward(ag_tape *t, ag_var *y) {
    int dim = *(int *)y->saved;
    int64_t start = 0;
    for (int k = 0; k < y->n_in; k++) {
        tensor part = tensor_slice(&y->grad, dim, start, y->in[k]->value.shape[dim]);
        ag_grad_contribute(t, y->in[k], 1, &part);
        start += part.shape[dim];
    }
}

const ag_op ag_op_concat = {
    .name = "concat", .formula = "x_1, x_2, ... along one dimension", .backward = backward};

ag_var *ag_concat(ag_tape *t, ag_var *const *x, int n, int dim) {
    OP_CHECK(ag_op_concat, n > 0 && dim >= 0 && dim < x[0]->value.n_dim,
             "%d inputs along dimension %d", n, dim);
    tensor shape = x[0]->value;
    shape.shape[dim] = 0;
    for (int k = 0; k < n; k++) {
        tensor rest = x[k]->value;
        int64_t length = rest.shape[dim];
        rest.shape[dim] = shape.shape[dim];
        OP_CHECK(ag_op_concat, tensor_same_shape(&rest, &shape),
                 "input %d differs from input 0 in a dimension other than %d", k, dim);
        shape.shape[dim] += length;
    }
    ag_var *y = ag_new(t, &ag_op_concat, shape.n_dim, shape.shape, n, x);
    y->saved = ag_tape_alloc(t, sizeof dim);
    *(int *)y->saved = dim;
    int64_t start = 0;
    for (int k = 0; k < n; k++) {
        tensor part = tensor_slice(&y->value, dim, start, x[k]->value.shape[dim]);
        tensor_copy(&part, &x[k]->value);
        start += part.shape[dim];
    }
    return y;
}
