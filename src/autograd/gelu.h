/* GELU and its derivative, exact and by tanh: shared by the ops gelu, gelu_tanh and linear. */
#ifndef AUTOGRAD_GELU_H
#define AUTOGRAD_GELU_H

#include "tensor/vmath.h"

/* x Phi(x), Phi the normal distribution function. */
static inline real gelu(real x) {
    return (real)0.5 * x * (1 + vm_erf(x * (real)0.70710678118654752));
}

/* Phi(x) + x phi(x). In float as 1/2 plus x times a polynomial of x^2, fitted like vm_erf's, within
 * 4e-7. */
#ifdef GRADUS_F64
static inline real gelu_slope(real x) {
    return 0.5 * (1 + erf(x * 0.70710678118654752)) + x * 0.39894228040143268 * exp(-0.5 * x * x);
}
#else
static inline real gelu_slope(real x) {
    static const float c[] = {0.126416638f,  -0.0642823428f,  0.0518082865f, -0.0509709269f,
                              0.0566772632f, -0.0649002641f,  0.0716964677f, -0.0736571252f,
                              0.0663245171f, -0.0519040152f,  0.0433209389f, -0.037806239f,
                              0.0195832811f, -0.00285051879f, 0.004737827f,  -0.00792773254f,
                              0.00301971962f};
    float b = vm_clamp(x, 5.6f);
    return 0.5f + b * vm_polynomial(17, c, b * b * (2 / (5.6f * 5.6f)) - 1);
}
#endif

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
