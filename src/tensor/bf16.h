/* bfloat16: the upper half of a float. 8 bits of exponent as in float, 8 of significance. */
#ifndef TENSOR_BF16_H
#define TENSOR_BF16_H

#include "base/real.h"

#include <stdint.h>
#include <string.h>
#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

typedef uint16_t bf16;

/* Products are made in tiles of so many rows and columns. */
enum { BF16_TILE = 32 };

static inline real bf16_to_real(bf16 x) {
    uint32_t bits = (uint32_t)x << 16;
    float y;
    memcpy(&y, &bits, sizeof y);
    return (real)y;
}

/* To the nearest, ties to even; what is not a number stays none. */
static inline bf16 bf16_of(real x) {
    float f = (float)x;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return (bf16)(f != f ? bits >> 16 | 0x40 : rounded);
}

/* Rows of numbers from one type to the other. */
static inline void bf16_row_to_real(int64_t n, real *restrict y, const bf16 *restrict x) {
    for (int64_t i = 0; i < n; i++) y[i] = bf16_to_real(x[i]);
}
static inline void bf16_row_of(int64_t n, bf16 *restrict y, const real *restrict x) {
    int64_t i = 0;
#if defined __AVX512BF16__ && !defined GRADUS_F64
    /* One instruction for what takes ten; numbers below the smallest normal one become 0. */
    for (; i + 16 <= n; i += 16) {
        __m256bh rounded = _mm512_cvtneps_pbh(_mm512_loadu_ps(x + i));
        memcpy(y + i, &rounded, sizeof rounded);
    }
#endif
    for (; i < n; i++) y[i] = bf16_of(x[i]);
}

/* 16 pairs of numbers, each as the low and the high half of 32 bits. */
static inline void bf16_pairs_of(uint32_t *restrict y, const real *restrict low,
                                 const real *restrict high) {
#if defined __AVX512BF16__ && !defined GRADUS_F64
    const __m512i places = _mm512_set_epi32(
        0x1f000f, 0x1e000e, 0x1d000d, 0x1c000c, 0x1b000b, 0x1a000a, 0x190009, 0x180008, 0x170007,
        0x160006, 0x150005, 0x140004, 0x130003, 0x120002, 0x110001, 0x100000);
    __m512bh both = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(high), _mm512_loadu_ps(low));
    _mm512_storeu_si512(y, _mm512_permutexvar_epi16(places, (__m512i)both));
#else
    for (int i = 0; i < 16; i++) y[i] = bf16_of(low[i]) | (uint32_t)bf16_of(high[i]) << 16;
#endif
}

#endif
