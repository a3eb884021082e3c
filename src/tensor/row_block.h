/* A few rows by a few rows, gathered from anywhere: the matrix products of word vectors, too small
 * and too scattered for a gemm. Rows hold `width` numbers, a multiple of VECTOR_LANES. */
#ifndef TENSOR_ROW_BLOCK_H
#define TENSOR_ROW_BLOCK_H

#include "base/real.h"

#include <stdint.h>

/* mean[0..width) of n_x rows, 1 at least, of any width. */
void row_block_mean(int64_t n_x, const real *const *x, int64_t width, real *mean);

/* z[i * n_y + k] = x[i] . y[k]. z has room for ROW_BLOCK_SLACK numbers more, which are
 * overwritten. */
enum { ROW_BLOCK_SLACK = 16 };
void row_block_products(int64_t n_x, const real *const *x, int64_t n_y, const real *const *y,
                        int64_t width, real *z);

/* With g (n_x, n_y): dx[i] += sum over k of g[i][k] y[k] and dy[k] += sum over i of g[i][k] x[i].
 * dx may be x and dy may be y: both sums are of the old numbers. A row that stands twice is added
 * to twice; in place, its second turn may see what the first has added. */
enum { ROW_BLOCK_MAX_X = 256 };
void row_block_updates(int64_t n_x, const real *const *x, real *const *dx, int64_t n_y,
                       const real *const *y, real *const *dy, int64_t width, const real *g);

#endif
