/* Panels of bfloat16 numbers as bf16_kernel.h multiplies them, gathered from matrices of either
 * type, row-major or transposed. What a panel has beyond the matrix is zero. */
#ifndef TENSOR_BF16_PANEL_H
#define TENSOR_BF16_PANEL_H

#include "tensor/bf16_kernel.h"
#include "tensor/tensor.h"

/* K rounded up to what the kernel takes. */
static inline int64_t bf16_padded(int64_t K) {
    return (K + BF16_K - 1) / BF16_K * BF16_K;
}

/* Rows [row, row + rows), columns [k, k + K) of x (M, ...): rows of bf16_padded(K) numbers,
 * `stride` apart. `rows` is a multiple of 32. */
void bf16_pack_rows(bf16 *panel, int64_t stride, const tensor *x, int64_t row, int64_t rows,
                    int64_t k, int64_t K);

/* Whether bf16_pack_rows would only copy: the matrix itself serves as panel. */
bool bf16_rows_are_packed(const tensor *x, int64_t row, int64_t K);

/* Rows [k, k + K), columns [col, col + cols) of x (..., N): column panels of 32 bf16_padded(K)
 * numbers each, one behind the other. Unless NULL, sums[j] += the numbers of column col + j. */
void bf16_pack_columns(bf16 *panels, const tensor *x, int64_t k, int64_t K, int64_t col,
                       int64_t cols, real *sums);

#endif
