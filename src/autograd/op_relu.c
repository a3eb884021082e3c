#include "autograd/op_unary.h"
#include "autograd/ops.h"

static void forward(int64_t n, real *restrict y, const real *restrict x) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : 0;
}

static void backward(int64_t n, real *restrict g, const real *restrict x, const real *restrict y) {
    (void)y;
    for (int64_t i = 0; i < n; i++) g[i] = x[i] > 0 ? g[i] : 0;
}

static void pull_back(ag_tape *t, ag_var *y) {
    unary_pull_back(t, y, backward);
}

const ag_op ag_op_relu = {.name = "relu", .formula = "max(x, 0)", .backward = pull_back};

ag_var *ag_relu(ag_tape *t, ag_var *x) {
    return unary_apply(t, &ag_op_relu, x, forward);
}
