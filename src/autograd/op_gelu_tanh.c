#include "autograd/gelu.h"
#include "autograd/op_unary.h"
#include "autograd/ops.h"

static void forward(int64_t n, real *restrict y, const real *restrict x) {
    for (int64_t i = 0; i < n; i++) y[i] = gelu_tanh(x[i]);
}

static void backward(int64_t n, real *restrict g, const real *restrict x, const real *restrict y) {
    (void)y;
    for (int64_t i = 0; i < n; i++) g[i] *= gelu_tanh_slope(x[i]);
}

static void pull_back(ag_tape *t, ag_var *y) {
    unary_pull_back(t, y, backward);
}

const ag_op ag_op_gelu_tanh = {.name = "gelu_tanh",
                               .formula = "0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))",
                               .backward = pull_back};

ag_var *ag_gelu_tanh(ag_tape *t, ag_var *x) {
    return unary_apply(t, &ag_op_gelu_tanh, x, forward);
}
