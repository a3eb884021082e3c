/* A tensor: a view of numbers that somebody else owns, up to 4 dimensions, row-major unless its
 * strides say otherwise. Nothing here knows of gradients. All functions that write run on all
 * threads, each output element by one of them, so the bits never depend on the thread count. */
#ifndef TENSOR_TENSOR_H
#define TENSOR_TENSOR_H

#include "base/real.h"
#include "tensor/bf16.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TENSOR_MAX_DIM = 4 };

/* How the numbers are stored. Sums and everything that is computed are of type real. */
typedef enum tensor_type { TENSOR_REAL, TENSOR_BF16 } tensor_type;

typedef struct tensor {
    union {
        real *data;   /* borrowed */
        bf16 *data16; /* the same of a tensor of type TENSOR_BF16 */
    };
    int n_dim;
    int64_t shape[TENSOR_MAX_DIM];
    int64_t stride[TENSOR_MAX_DIM]; /* in elements */
    tensor_type type;
} tensor;

/* A contiguous tensor over `data`. */
tensor tensor_of(real *data, int n_dim, const int64_t *shape);
tensor tensor_of_bf16(bf16 *data, int n_dim, const int64_t *shape);
/* Shorthands for tensor_of. */
tensor tensor_1d(real *data, int64_t n);
tensor tensor_2d(real *data, int64_t rows, int64_t cols);

/* For loops over rows of either type: inlined, so that the type is a constant. */
#define TENSOR_INLINE static inline __attribute__((always_inline))

/* Number i of a row of either type. */
static inline real tensor_get(const void *row, tensor_type type, int64_t i) {
    return type == TENSOR_BF16 ? bf16_to_real(((const bf16 *)row)[i]) : ((const real *)row)[i];
}
static inline void tensor_put(void *row, tensor_type type, int64_t i, real value) {
    if (type == TENSOR_BF16)
        ((bf16 *)row)[i] = bf16_of(value);
    else
        ((real *)row)[i] = value;
}

/* row = x + beta row, n numbers; x may be changed. */
void tensor_update_row(void *row, tensor_type type, int64_t n, real *x, real beta);

int64_t tensor_numel(const tensor *t);
/* Of its numbers, side by side. */
size_t tensor_bytes(const tensor *t);
/* The same view so many elements further on, and where it begins then. */
tensor tensor_advance(tensor t, int64_t elements);
void *tensor_at(const tensor *t, int64_t elements);
bool tensor_is_contiguous(const tensor *t);
bool tensor_same_shape(const tensor *a, const tensor *b);

/* Views: each returns another view of the same numbers. A shape that does not fit is a bug. */
tensor tensor_reshape(const tensor *t, int n_dim, const int64_t *shape); /* contiguous t only */
tensor tensor_permute(const tensor *t, const int *order); /* y dim i = x dim order[i] */
tensor tensor_transpose(const tensor *t);                 /* the last two dimensions */
tensor tensor_slice(const tensor *t, int dim, int64_t start, int64_t length);
/* t as (rows, columns): all dimensions but the last become rows. Rows must be evenly spaced. */
tensor tensor_as_matrix(const tensor *t);
/* t broadcast to `shape` by NumPy's rule: a missing or size-1 dimension repeats (stride 0). */
tensor tensor_broadcast(const tensor *t, int n_dim, const int64_t *shape);
/* The shape that a and b broadcast to; false where they do not fit. */
bool tensor_broadcast_shape(const tensor *a, const tensor *b, int *n_dim, int64_t *shape);

/* Writes "(12, 64, 128)" to out[0..size) and returns out. */
char *tensor_shape_text(const tensor *t, char *out, int size);

void tensor_fill(tensor *y, real value);
void tensor_copy(tensor *y, const tensor *x);                   /* y = x, x broadcast to y */
void tensor_accumulate(tensor *y, real alpha, const tensor *x); /* y += alpha x, x broadcast to y */
/* y += x summed over the dimensions in which y, of type real, is broadcast to x's shape: the
 * gradient of a broadcast. Sums run in a fixed order. */
void tensor_accumulate_sum(tensor *y, const tensor *x);

/* Sums in double, in a fixed order. */
double tensor_sum(const tensor *x);
double tensor_sum_squares(const real *x, int64_t n);
double tensor_sum_squared_difference(const real *x, const real *y, int64_t n);

/* The index of the first element of x[0..n) that is not finite, or -1. */
int64_t tensor_first_nonfinite(const real *x, int64_t n);
/* Whether all numbers of a contiguous tensor are finite. */
bool tensor_is_finite(const tensor *x);

#endif
