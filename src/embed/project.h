/* Vectors in the plane. */
#ifndef EMBED_PROJECT_H
#define EMBED_PROJECT_H

#include "base/real.h"

#include <stdint.h>

/* Principal components: x (n, width), row-major, is centred and projected on its two directions of
 * largest variance: y (n, 2). The sign of a direction is chosen so that its largest coefficient is
 * positive. variance[0..2), unless NULL, gets the share of the whole variance that each shows. */
void embed_project_pca(const real *x, int64_t n, int64_t width, double *y, double *variance);

#endif
