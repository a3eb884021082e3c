/* What layer_norm and rms_norm share: the gradients of weight and bias are sums over all rows,
 * taken over a fixed number of parts in parallel and then in order, so that the bits do not depend
 * on the thread count. */
#ifndef AUTOGRAD_NORM_H
#define AUTOGRAD_NORM_H

#include "autograd/op.h"

#include <math.h>

#define NORM_EPSILON ((real)1e-5)
enum { NORM_PARTS = 32 };

/* The first row of part p. */
static inline int64_t norm_part_begin(int64_t p, int64_t rows) {
    return p * rows / NORM_PARTS;
}

/* Cleared scratch memory for NORM_PARTS times n sums. */
real *norm_partials(ag_tape *t, int64_t n);
/* Adds partial[p * stride + i], summed over p, to the gradient of w. */
void norm_add_partials(ag_tape *t, ag_var *w, const real *partial, int64_t stride);

#endif
