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
static inline real vm_erf(real x) {
    return erf(x);
}
static inline real vm_tanh(real x) {
    return tanh(x);
}

#else

/* e^x = 2^n e^r with |r| <= ln 2 / 2; 0 where the result would not be a normal number. */
static inline float vm_exp(float x) {
    float bounded = x < -87.0f ? -87.0f : x > 88.7f ? 88.7f : x;
    /* Adding and subtracting 1.5 * 2^23 rounds to a whole number. */
    float shifted = bounded * 1.44269504f + 12582912.0f;
    float n = shifted - 12582912.0f;
    float r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 0.0013751426f;
    p = p * r + 0.0083689211f;
    p = p * r + 0.041669528f;
    p = p * r + 0.16666518f;
    p = p * r + 0.49999989f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    /* n = 128 would overflow the exponent: scale in two steps. */
    int32_t half = (int32_t)n / 2;
    uint32_t low_bits = (uint32_t)(half + 127) << 23;
    uint32_t high_bits = (uint32_t)((int32_t)n - half + 127) << 23;
    float low, high;
    memcpy(&low, &low_bits, sizeof low);
    memcpy(&high, &high_bits, sizeof high);
    return x < -87.0f ? 0.0f : p * low * high;
}

/* x P(x^2) / Q(x^2), exact to the last bits beyond |x| = 4, where erf is 1. */
static inline float vm_erf(float x) {
    float b = x < -4.0f ? -4.0f : x > 4.0f ? 4.0f : x;
    float t = b * b;
    float p = 1.97597201e-6f;
    p = p * t + 2.87462438e-4f;
    p = p * t + 3.98510229e-3f;
    p = p * t + 5.34103174e-2f;
    p = p * t + 0.195838776f;
    p = p * t + 1.12837899f;
    float q = 3.74621371e-5f;
    q = q * t + 1.21154685e-3f;
    q = q * t + 1.54076540e-2f;
    q = q * t + 0.116304109f;
    q = q * t + 0.506888930f;
    q = q * t + 1.0f;
    return b * p / q;
}

static inline float vm_tanh(float x) {
    float b = x < -10.0f ? -10.0f : x > 10.0f ? 10.0f : x;
    return 1.0f - 2.0f / (vm_exp(2.0f * b) + 1.0f);
}

#endif

#endif
