/* Matrix products of any shape: the only file behind this header knows BLIS. */
#ifndef TENSOR_GEMM_H
#define TENSOR_GEMM_H

#include "tensor/tensor.h"

/* C = alpha A B + beta C with A (M, K), B (K, N), C (M, N), any strides, so a transposed or a
 * per-head view costs no copy. beta = 0 overwrites C whatever it holds. All threads. B may be of
 * type bf16 when alpha is 1: few rows of A (thin_gemm.h) meet it as they are, more are rounded to
 * bf16. */
void tensor_gemm(real alpha, const tensor *a, const tensor *b, real beta, tensor *c);

/* The same of real operands on the calling thread only: for use inside a parallel region. */
void tensor_gemm_serial(real alpha, const tensor *a, const tensor *b, real beta, tensor *c);

/* C = A B + beta C by tensor_gemm or, in TENSOR_BF16, by tensor_gemm_bf16. */
void tensor_multiply(tensor_type in, const tensor *a, const tensor *b, real beta, tensor *c);

/* The name of the kernels in use: "skx", "haswell", ... */
const char *tensor_gemm_kernels(void);

/* Measured speed of tensor_gemm on square matrices of a few hundred, in FLOP/s; the best of
 * 0.1 s, measured once for each number of threads. */
double tensor_gemm_speed(void);

#endif
