/* How well two rows of numbers agree. */
#ifndef EMBED_CORRELATION_H
#define EMBED_CORRELATION_H

#include <stdint.h>

/* Pearson's correlation of x[0..n) and y[0..n); NaN where one of them does not vary. */
double embed_pearson(const double *x, const double *y, int64_t n);
/* Spearman's: Pearson's of the ranks, equal values having their mean rank. */
double embed_spearman(const double *x, const double *y, int64_t n);

#endif
