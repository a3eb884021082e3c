/* Logistic losses of a few inputs against a few outputs, and their slopes. */
#ifndef AUTOGRAD_LOGISTIC_H
#define AUTOGRAD_LOGISTIC_H

#include "base/real.h"

#include <stdint.h>

/* Turns the logits z (n_x, n_y) into scale * (sigma(z) - right), right[k] being 0 or 1, and returns
 * the sum of -log sigma(z) where right and -log sigma(-z) elsewhere, before the scale. z has room
 * for as many numbers more as row_block_products wants; they are overwritten. The logistic function
 * is exact: no table, no bound at 6. */
double logistic_slopes(real *z, int64_t n_x, int64_t n_y, const uint8_t *right, real scale);

#endif
