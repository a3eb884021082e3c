#include "autograd/op_unary.h"
#include "autograd/ops.h"
#include "tensor/vmath.h"

static void forward(int64_t n, real *restrict y, const real *restrict x) {
    for (int64_t i = 0; i < n; i++) y[i] = (real)tanh(x[i]);
}

static void backward(int64_t n, real *restrict g, const real *restrict x, const real *restrict y) {
    (void)x;
    for (int64_t i = 0; i < n; i++) g[i] *= 1 - y[i] * y[i];
}

static void pull_back(ag_tape *t, ag_var *y) {
    unary_pull_back(t, y, backward);
}

const ag_op ag_op_tanh = {.name = "tanh", .formula = "tanh(x)", .backward = pull_back};

ag_var *ag_tanh(ag_tape *t, ag_var *x) {
    return unary_apply(t, &ag_op_tanh, x, forward);
}
