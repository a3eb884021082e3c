/* The largest eigenvalues of a symmetric matrix. Private to src/embed. */
#ifndef EMBED_EIGEN_H
#define EMBED_EIGEN_H

#include <stdint.h>

/* The two largest eigenvalues of the symmetric a (n, n), the largest first, and their unit vectors
 * (2, n), such that |a x - value x| is at most 1e-10 of the largest. Where n is 1, the second is
 * 0. All threads. */
void embed_top_eigenvectors(const double *a, int64_t n, double values[2], double *vectors);

#endif
