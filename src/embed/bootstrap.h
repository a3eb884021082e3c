/* How far a benchmark's figure would vary with other questions of the same kind (Efron 1979). */
#ifndef EMBED_BOOTSTRAP_H
#define EMBED_BOOTSTRAP_H

#include <stdint.h>

/* A figure over the items sample[0..n), in which items repeat; NaN where it is not defined. Called
 * by several threads at once. */
typedef double embed_statistic(const uint32_t *sample, int64_t n, const void *data);

/* The 95 % interval of a statistic of n items: its 2.5th and 97.5th percentile over 1000 draws of n
 * items with replacement, always the same ones; NaN where none is defined. All threads. */
void embed_bootstrap(int64_t n, embed_statistic *statistic, const void *data, double *low,
                     double *high);

#endif
