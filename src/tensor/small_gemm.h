/* Products of matrices that fit in a core's own cache, on the calling thread. BLIS copies both
 * operands into its own layout and takes a lock at each call, which at the size of an attention
 * head costs more than the arithmetic. */
#ifndef TENSOR_SMALL_GEMM_H
#define TENSOR_SMALL_GEMM_H

#include "tensor/tensor.h"

/* C = A B + beta C, beta 0 or 1: A (M, K) of any strides, B (K, N) and C (M, N) with rows whose
 * elements lie side by side. beta = 0 overwrites C whatever it holds. */
void tensor_small_gemm(const tensor *a, const tensor *b, real beta, tensor *c);

#endif
