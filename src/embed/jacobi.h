/* Eigenvalues of small symmetric matrices. Private to src/embed. */
#ifndef EMBED_JACOBI_H
#define EMBED_JACOBI_H

#include <stdint.h>

/* Turns the symmetric a (n, n) into the diagonal matrix of its eigenvalues, in no order, and v
 * (n, n) into their unit vectors, a column each, by Jacobi's rotations (Golub and Van Loan, "Matrix
 * Computations", section 8.5). */
void embed_jacobi(double *a, int64_t n, double *v);

#endif
