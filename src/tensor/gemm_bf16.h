/* Matrix products of bfloat16 numbers, summed in float, on all threads: not to be called from
 * inside a parallel region. Which instructions multiply them only bf16_kernel.c knows. */
#ifndef TENSOR_GEMM_BF16_H
#define TENSOR_GEMM_BF16_H

#include "tensor/tensor.h"

/* Takes columns [col, col + n) of a row of A B that are ready. Called once for each element, from
 * several threads. The numbers may be changed. */
typedef void gemm_bf16_finish(const void *context, int64_t row, int64_t col, int64_t n, real *sums);

/* A B with A (M, K), B (K, N) of either type, rounded to bf16 where they are not; any strides of
 * which one is 1. Every element is summed by one thread, in an order that depends on K alone. */
void tensor_gemm_bf16_to(const tensor *a, const tensor *b, gemm_bf16_finish *finish,
                         const void *context);

/* The same, every row handed out by one thread, its columns in order. */
void tensor_gemm_bf16_rows_to(const tensor *a, const tensor *b, gemm_bf16_finish *finish,
                              const void *context);

/* C = A B + beta C, C (M, N) of either type, its rows or its columns side by side. */
void tensor_gemm_bf16(const tensor *a, const tensor *b, real beta, tensor *c);
/* The same and column_sums[j] += the sum of column j of B, N numbers: the gradients of a weight and
 * its bias, for one way through memory. */
void tensor_gemm_bf16_summing(const tensor *a, const tensor *b, real beta, tensor *c,
                              real *column_sums);

/* Whether the processor multiplies bf16 faster than float; if not, *why_not says why in a few
 * words, else it is NULL. */
bool tensor_gemm_bf16_is_fast(const char **why_not);

/* "amx", "avx512_bf16" or "plain". */
const char *tensor_gemm_bf16_kernel(void);

/* Measured speed as tensor_gemm_speed's. */
double tensor_gemm_bf16_speed(void);

#endif
