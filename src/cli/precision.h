/* --precision of the commands that only run a model. */
#ifndef CLI_PRECISION_H
#define CLI_PRECISION_H

#include "base/err.h"
#include "nn/gpt.h"

#include <stdbool.h>

#define PRECISION_FLAG(variable)                                                                   \
    {                                                                                              \
        "precision", ARGS_TEXT, &(variable), 0, 0,                                                 \
            "fp32 or bf16: half the memory, more tokens a second (fp32)"                           \
    }

/* Stores the weights as `name` says, "fp32" or "bf16". */
bool precision_apply(const char *name, nn_gpt *m, err *e);

#endif
