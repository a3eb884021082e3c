/* What tests of bf16 share: tensors of either type over the same random numbers, and their numbers
 * one by one. After cmocka.h. */
#ifndef TESTS_BF16_H
#define TESTS_BF16_H

#include "numbers.h"

/* A number is stored with an error of at most this part of itself: 8 significant bits. */
#define BF16_EPSILON 0.00390625

static inline const char *type_name(tensor_type type) {
    return type == TENSOR_BF16 ? "bf16" : "real";
}

/* Element number i of the view t, of either type, counted in row-major order. */
static inline int64_t place_of(const tensor *t, int64_t i) {
    int64_t at = 0;
    for (int d = t->n_dim - 1; d >= 0; d--) {
        at += i % t->shape[d] * t->stride[d];
        i /= t->shape[d];
    }
    return at;
}
static inline double number(const tensor *t, int64_t i) {
    return (double)tensor_get(t->data, t->type, place_of(t, i));
}

/* Rounds each number to one that bf16 holds. */
static inline void round_to_bf16(real *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) x[i] = bf16_to_real(bf16_of(x[i]));
}

/* A contiguous tensor of that type over new memory (free .data with free): numbers in U[-1, 1) that
 * bf16 holds, the same ones for each type. */
static inline tensor random_typed(uint64_t seed, tensor_type type, int n_dim,
                                  const int64_t *shape) {
    tensor x = random_tensor(seed, n_dim, shape);
    int64_t n = tensor_numel(&x);
    round_to_bf16(x.data, n);
    if (type == TENSOR_REAL) return x;
    tensor y = tensor_of_bf16(mem_new_aligned((size_t)n * sizeof(bf16)), n_dim, shape);
    bf16_row_of(n, y.data16, x.data);
    free(x.data);
    return y;
}

#endif
