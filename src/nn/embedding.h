/* Embedding: a table of rows, looked up by id. */
#ifndef NN_EMBEDDING_H
#define NN_EMBEDDING_H

#include "nn/param.h"

typedef struct nn_embedding {
    ag_var *weight; /* (V, C) */
} nn_embedding;

/* Registers "PREFIX.weight", N(0, std^2). */
nn_embedding nn_embedding_new(nn_params *ps, const char *prefix, int64_t V, int64_t C, double std);
/* ids (B, T), borrowed until the tape is reset: (B, T, C). */
ag_var *nn_embedding_forward(const nn_embedding *m, ag_tape *t, const int32_t *ids, int64_t B,
                             int64_t T);

#endif
