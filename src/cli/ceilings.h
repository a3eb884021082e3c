/* What the machine can do at most: measured, for others to be a share of. */
#ifndef CLI_CEILINGS_H
#define CLI_CEILINGS_H

#include "tensor/tensor.h"

typedef struct ceilings {
    double flops;         /* of matrix products, a second */
    const char *products; /* whose: "BLIS float32" */
    double bytes;         /* read from memory, a second */
} ceilings;

/* Measures products of numbers of that type by the fastest that this build has, and memory. Takes
 * some tenths of a second. */
ceilings ceilings_measure(tensor_type type);

#endif
