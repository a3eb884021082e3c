#include "autograd/op_unary.h"
#include "autograd/ops.h"
#include "tensor/vmath.h"

static inline real sigmoid(real x) {
    return 1 / (1 + vm_exp(-x));
}

static void forward(int64_t n, real *restrict y, const real *restrict x) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * sigmoid(x[i]);
}

static void backward(int64_t n, real *restrict g, const real *restrict x, const real *restrict y) {
    (void)y;
    for (int64_t i = 0; i < n; i++) {
        real s = sigmoid(x[i]);
        g[i] *= s * (1 + x[i] * (1 - s));
    }
}

static void pull_back(ag_tape *t, ag_var *y) {
    unary_pull_back(t, y, backward);
}

const ag_op ag_op_silu = {.name = "silu", .formula = "x sigmoid(x)", .backward = pull_back};

ag_var *ag_silu(ag_tape *t, ag_var *x) {
    return unary_apply(t, &ag_op_silu, x, forward);
}
