/* The mask of dropout as a function of a key and an element's number: never stored. */
#ifndef AUTOGRAD_DROPOUT_H
#define AUTOGRAD_DROPOUT_H

#include "base/rng.h"
#include "tensor/tensor.h"

/* y[i] = keep(first + i) ? x[i] / (1 - p) : 0 on the calling thread; x may be y. first % 4 == 0. */
static inline void dropout_row(rng_key key, uint64_t first, real p, real *y, const real *x,
                               int64_t n) {
    uint32_t threshold = (uint32_t)(p * (real)4294967040.0);
    real scale = 1 / (1 - p);
    int64_t whole = n / 4;
    for (int64_t block = 0; block < whole; block++) {
        rng_block b = rng_at(key, first / 4 + (uint64_t)block);
        for (int j = 0; j < 4; j++)
            y[4 * block + j] = b.w[j] >= threshold ? x[4 * block + j] * scale : 0;
    }
    if (n % 4) {
        rng_block b = rng_at(key, first / 4 + (uint64_t)whole);
        for (int64_t i = 4 * whole; i < n; i++) y[i] = b.w[i % 4] >= threshold ? x[i] * scale : 0;
    }
}

/* The same for all of x, contiguous and of y's type, on all threads. */
static inline void dropout_apply(rng_key key, real p, tensor *y, const tensor *x) {
    enum { CHUNK = 1024 };
    int64_t n = tensor_numel(x);
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t length = n - i < CHUNK ? n - i : CHUNK;
        if (x->type == TENSOR_REAL) {
            dropout_row(key, (uint64_t)i, p, y->data + i, x->data + i, length);
        } else {
            real buffer[CHUNK];
            bf16_row_to_real(length, buffer, x->data16 + i);
            dropout_row(key, (uint64_t)i, p, buffer, buffer, length);
            bf16_row_of(length, y->data16 + i, buffer);
        }
    }
}

#endif
