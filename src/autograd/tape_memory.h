/* The memory of a tape's values and gradients, for the tape and its gradients only. */
#ifndef AUTOGRAD_TAPE_MEMORY_H
#define AUTOGRAD_TAPE_MEMORY_H

#include "autograd/ag.h"

/* Memory for a value or gradient, not cleared: a released one of that size, else new. */
real *tape_take(ag_tape *t, size_t bytes);
/* Gives it back where the tape's mode is AG_RELEASE; else it stays as it is until reset. */
void tape_release(ag_tape *t, real *buffer, size_t bytes);

#endif
