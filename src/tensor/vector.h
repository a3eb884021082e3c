/* One vector register of the processor that the code is compiled for, as a type. */
#ifndef TENSOR_VECTOR_H
#define TENSOR_VECTOR_H

#include "tensor/bf16.h"

#ifdef __AVX512F__
enum { VECTOR_BYTES = 64 };
#elif defined __AVX__
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif
enum { VECTOR_LANES = VECTOR_BYTES / sizeof(real) };

/* Loaded from and stored to any address of a real. */
typedef real vector __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

static inline vector vector_load(const real *x) {
    return *(const vector *)x;
}
static inline void vector_store(real *x, vector v) {
    *(vector *)x = v;
}

/* As many numbers as a vector holds. */
static inline vector vector_load_bf16(const bf16 *x) {
    typedef bf16 halves __attribute__((vector_size(2 * VECTOR_LANES), aligned(2), may_alias));
    typedef uint32_t bits __attribute__((vector_size(4 * VECTOR_LANES)));
    typedef float floats __attribute__((vector_size(4 * VECTOR_LANES)));
    bits wide = __builtin_convertvector(*(const halves *)x, bits) << 16;
    return __builtin_convertvector((floats)wide, vector);
}

#endif
