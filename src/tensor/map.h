/* One loop over strided, broadcast tensors for every element-wise kernel. */
#ifndef TENSOR_MAP_H
#define TENSOR_MAP_H

#include "tensor/tensor.h"

enum { TENSOR_MAP_MAX = 4 };

/* Does one row: n elements of each tensor, element i of tensor k at row[k][i * stride[k]]. */
typedef void tensor_row_fn(int64_t n, real *const *row, const int64_t *stride, const void *context);

/* Calls fn on rows that together cover y = t[0]; t[1..n) are broadcast to its shape. fn writes only
 * to row[0]. Dimensions that lie evenly are joined, so contiguous tensors are one long row, cut
 * among the threads. */
void tensor_map(int n, const tensor *const *t, tensor_row_fn *fn, const void *context);

#endif
