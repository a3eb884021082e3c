/* Softmax of one row, without overflow. */
#ifndef TENSOR_SOFTMAX_H
#define TENSOR_SOFTMAX_H

#include "tensor/vmath.h"

static inline real softmax_row_max(int64_t n, const real *x) {
    real max = -INFINITY;
#pragma omp simd reduction(max : max)
    for (int64_t i = 0; i < n; i++) max = x[i] > max ? x[i] : max;
    return max;
}

/* x = exp(scale (x - max)); returns the sum. */
static inline real softmax_row_exp(int64_t n, real *x, real scale, real max) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) {
        x[i] = vm_exp_weight(scale * (x[i] - max));
        sum += x[i];
    }
    return sum;
}

/* x = softmax(scale x) in place; returns log sum exp(scale x). scale > 0. */
static inline real softmax_row(int64_t n, real *x, real scale) {
    real max = softmax_row_max(n, x);
    real sum = softmax_row_exp(n, x, scale, max);
    real inverse = 1 / sum;
    for (int64_t i = 0; i < n; i++) x[i] *= inverse;
    return scale * max + (real)log(sum);
}

#endif
