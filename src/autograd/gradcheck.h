/* Gradient checks: every gradient that an op computes against central differences of its forward.
 */
#ifndef AUTOGRAD_GRADCHECK_H
#define AUTOGRAD_GRADCHECK_H

#include "autograd/ag.h"

#include <stdbool.h>

typedef struct gradcheck gradcheck;

/* Builds a graph on t from leaves of g and returns its result, of any shape. */
typedef ag_var *gradcheck_build(gradcheck *g, ag_tape *t);

typedef struct gradcheck_result {
    const char *name, *formula; /* formula may be NULL */
    int64_t n_elements;         /* gradient elements compared */
    double worst;               /* largest |analytic - numeric| / max(floor, |numeric|) */
    double tolerance;           /* 1e-6 over a floor of 0.01 in double; 5e-3 over 1 in float */
    bool passed;
} gradcheck_result;

/* Checks op number `index` of ops.def, 0 <= index < gradcheck_n_ops(). */
gradcheck_result gradcheck_op(int index);
int gradcheck_n_ops(void);

/* Checks any function: for tests of whole layers. The loss is its result weighted by fixed random
 * numbers and summed in double. */
gradcheck_result gradcheck_function(const char *name, gradcheck_build *build);

/* A leaf with fixed random numbers in U[low, high), the same at every call in the same order. */
ag_var *gradcheck_leaf(gradcheck *g, ag_tape *t, int n_dim, const int64_t *shape, double low,
                       double high);

/* Joins results of several graphs into one: the sum of x and y, each weighted and summed. */
ag_var *gradcheck_join(gradcheck *g, ag_tape *t, ag_var *x, ag_var *y);

#endif
