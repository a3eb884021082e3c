/* What searching a table is made of. Private to src/embed. */
#ifndef EMBED_SEARCH_H
#define EMBED_SEARCH_H

#include "embed/table.h"

#include <math.h>

/* The score of a row that is no candidate. */
#define EMBED_EXCLUDED (-INFINITY)

/* x . y of n numbers, summed in double. */
static inline double embed_dot(const real *x, const real *y, int64_t n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
    return sum;
}

/* Writes x, of any length, divided by its Euclidean norm to unit[0..n) and returns the norm; zeros
 * stay zero. May be in place. */
double embed_normalise(const real *x, int64_t n, real *unit);

/* How many rows answer under `restrict_n`, 0 = all. */
int64_t embed_n_candidates(const embed_table *table, int64_t restrict_n);

/* scores[0..n) = the cosines of the first n rows with a vector of any length. All threads. */
void embed_cosines(const embed_table *table, const real *vector, int64_t n, double *scores);

/* Takes those of the rows that are below n out of scores[0..n). */
void embed_exclude(double *scores, int64_t n, const int64_t *rows, int64_t n_rows);

/* The k best of scores[0..n), best first, equals in row order. Writes at most k, returns how many.
 */
int64_t embed_best(const double *scores, int64_t n, int64_t k, embed_neighbour *out);

#endif
