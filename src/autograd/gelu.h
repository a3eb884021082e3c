/* GELU and its derivative, exact and by tanh: shared by the ops gelu, gelu_tanh and linear. */
#ifndef AUTOGRAD_GELU_H
#define AUTOGRAD_GELU_H

#include "tensor/vmath.h"

/* x Phi(x), Phi the normal distribution function. */
static inline real gelu(real x) {
    return (real)0.5 * x * (1 + vm_erf(x * (real)0.70710678118654752));
}

/* Phi(x) + x phi(x) */
static inline real gelu_slope(real x) {
    real phi = (real)0.39894228040143268 * vm_exp((real)-0.5 * x * x);
    return (real)0.5 * (1 + vm_erf(x * (real)0.70710678118654752)) + x * phi;
}

/* 0.5 x (1 + tanh(u)), u = sqrt(2 / pi) (x + 0.044715 x^3) */
static inline real gelu_tanh(real x) {
    real u = (real)0.79788456080286536 * (x + (real)0.044715 * x * x * x);
    return (real)0.5 * x * (1 + vm_tanh(u));
}

static inline real gelu_tanh_slope(real x) {
    real u = (real)0.79788456080286536 * (x + (real)0.044715 * x * x * x);
    real du = (real)0.79788456080286536 * (1 + 3 * (real)0.044715 * x * x);
    real th = vm_tanh(u);
    return (real)0.5 * (1 + th) + (real)0.5 * x * (1 - th * th) * du;
}

#endif
