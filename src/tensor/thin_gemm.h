/* Products of a few rows by a large matrix, as generation makes them: the matrix comes from memory
 * once, and nothing but that takes time. BLIS would copy it into its own layout first. */
#ifndef TENSOR_THIN_GEMM_H
#define TENSOR_THIN_GEMM_H

#include "tensor/tensor.h"

enum { THIN_GEMM_ROWS = 16 }; /* with so many rows it still beats BLIS */

/* Whether tensor_thin_gemm takes these operands: A (M, K) and C (M, N) real, the columns of C side
 * by side, B (K, N) of either type, its rows or, with those of A, its columns without gaps. */
bool tensor_thin_gemm_takes(const tensor *a, const tensor *b, const tensor *c);

/* C = A B + beta C, beta 0 or 1, with as many threads. A row of C has the same bits whatever the
 * other rows and the threads are. beta = 0 overwrites C whatever it holds. */
void tensor_thin_gemm(const tensor *a, const tensor *b, real beta, tensor *c, int threads);

#endif
