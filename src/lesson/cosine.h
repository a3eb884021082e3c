/* How alike the directions of two vectors are. */
#ifndef LESSON_COSINE_H
#define LESSON_COSINE_H

#include "base/real.h"

#include <stdint.h>

/* x . y / (|x| |y|), summed in double: exactly 1 where x and y are the same numbers; 0 where one of
 * them is all zero. */
double lesson_cosine(const real *x, const real *y, int64_t n);

#endif
