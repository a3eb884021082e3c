#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/map.h"

static void add_row(int64_t n, real *const *row, const int64_t *stride, const void *context) {
    (void)context;
    real *y = row[0];
    const real *a = row[1], *b = row[2];
    if (stride[0] == 1 && stride[1] == 1 && stride[2] == 1)
        for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
    else
        for (int64_t i = 0; i < n; i++) y[i * stride[0]] = a[i * stride[1]] + b[i * stride[2]];
}

/* da += dy, db += dy: a gets a copy, b the memory of dy itself. */
static void backward(ag_tape *t, ag_var *y) {
    ag_grad_contribute(t, y->in[0], 1, &y->grad);
    ag_grad_give(t, y->in[1], ag_grad_take(t, y));
}

const ag_op ag_op_add = {.name = "add", .formula = "a + b", .backward = backward};

ag_var *ag_add(ag_tape *t, ag_var *a, ag_var *b) {
    ag_var *y = ag_new_broadcast(t, &ag_op_add, a, b);
    tensor_map(3, (const tensor *const[]){&y->value, &a->value, &b->value}, add_row, NULL);
    return y;
}
