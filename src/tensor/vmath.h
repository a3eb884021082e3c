/* exp, erf and tanh that the compiler can turn into vector code. In float they are within 4e-7 of
 * the true value (relative for exp, absolute for erf and tanh); in double they are libm's.
 * The constants are least-squares fits at Chebyshev nodes made for this file. */
#ifndef TENSOR_VMATH_H
#define TENSOR_VMATH_H

#include "base/real.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef GRADUS_F64

static inline real vm_exp(real x) {
    return exp(x);
}
static inline real vm_exp_weight(real x) {
    return exp(x);
}
static inline real vm_erf(real x) {
    return erf(x);
}
static inline real vm_tanh(real x) {
    return tanh(x);
}

#else

/* e^x = 2^n e^r with |r| <= ln 2 / 2: returns e^r, and n as the last bits of *shifted, which is
 * 1.5 * 2^23 + n: adding that rounds to a whole number. */
static inline float vm_exp_reduced(float x, float *shifted) {
    *shifted = x * 1.44269504f + 12582912.0f;
    float n = *shifted - 12582912.0f;
    float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 0.0013751426f;
    p = p * r + 0.0083689211f;
    p = p * r + 0.041669528f;
    p = p * r + 0.16666518f;
    p = p * r + 0.49999989f;
    p = p * r + 1.0f;
    return p * r + 1.0f;
}

/* 0 where the result would not be a normal number. */
static inline float vm_exp(float x) {
    float shifted, p = vm_exp_reduced(x < -87.0f ? -87.0f : x > 88.7f ? 88.7f : x, &shifted);
    /* n = 128 would overflow the exponent: scale in two steps. */
    int32_t n = (int32_t)(shifted - 12582912.0f), half = n / 2;
    uint32_t low_bits = (uint32_t)(half + 127) << 23;
    uint32_t high_bits = (uint32_t)(n - half + 127) << 23;
    float low, high;
    memcpy(&low, &low_bits, sizeof low);
    memcpy(&high, &high_bits, sizeof high);
    return x < -87.0f ? 0.0f : p * low * high;
}

/* The same for x up to 80, as softmax needs it, in half as many instructions. */
static inline float vm_exp_weight(float x) {
    float shifted, p = vm_exp_reduced(-87.0f > x ? -87.0f : x, &shifted);
    uint32_t bits, n_bits;
    memcpy(&bits, &p, sizeof bits);
    memcpy(&n_bits, &shifted, sizeof n_bits);
    bits += n_bits << 23;
    memcpy(&p, &bits, sizeof p);
    return x < -87.0f ? 0.0f : p;
}

/* x cut to [-limit, limit]; written so that it becomes two instructions and keeps what is not a
 * number. */
static inline float vm_clamp(float x, float limit) {
    float b = limit < x ? limit : x;
    return -limit > b ? -limit : b;
}

/* The polynomial of n coefficients, lowest first. */
static inline float vm_polynomial(int n, const float *c, float x) {
    float p = c[n - 1];
#pragma GCC unroll 20
    for (int i = n - 2; i >= 0; i--) p = p * x + c[i];
    return p;
}

/* x P(x^2), exact to the last bits beyond |x| = 3.9, where erf is 1; x^2 is mapped to [-1, 1],
 * where the powers do not cancel. No division: it would take as long as all the rest. */
static inline float vm_erf(float x) {
    static const float c[] = {0.362583995f,   -0.181011423f,   0.134688422f,  -0.109517768f,
                              0.0907181874f,  -0.0739793107f,  0.0575830005f, -0.0418540873f,
                              0.0301544368f,  -0.0220260825f,  0.0119426241f, -0.00358924665f,
                              0.00320151635f, -0.00400611106f, 0.00152212824f};
    float b = vm_clamp(x, 3.9f);
    return b * vm_polynomial(15, c, b * b * (2 / (3.9f * 3.9f)) - 1);
}

static inline float vm_tanh(float x) {
    float b = x < -10.0f ? -10.0f : x > 10.0f ? 10.0f : x;
    return 1.0f - 2.0f / (vm_exp(2.0f * b) + 1.0f);
}

#endif

#endif
