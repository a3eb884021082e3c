/* What op_glove.c and the Hogwild loop of train/glove.c share: the error of one record and its
 * weight. */
#ifndef AUTOGRAD_GLOVE_H
#define AUTOGRAD_GLOVE_H

#include "base/real.h"

#include <math.h>
#include <stdint.h>

/* f(x) = min(1, (x / x_max)^alpha) */
static inline double glove_weight(double x, double x_max, double alpha) {
    return x < x_max ? pow(x / x_max, alpha) : 1;
}

/* w . w_context + b - log x, where b is the sum of both biases */
static inline real glove_error(const real *w, const real *w_context, int64_t width, real b,
                               double x) {
    real dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t c = 0; c < width; c++) dot += w[c] * w_context[c];
    return dot + b - (real)log(x);
}

#endif
