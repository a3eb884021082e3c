/* A pre-norm transformer block: x + attn(norm(x)), then x + mlp(norm(x)). */
#ifndef NN_BLOCK_H
#define NN_BLOCK_H

#include "nn/attention.h"
#include "nn/mlp.h"
#include "nn/norm.h"

typedef struct nn_block {
    nn_norm ln_1, ln_2;
    nn_attention attn;
    nn_mlp mlp;
} nn_block;

/* x (B, T, C): (B, T, C). */
ag_var *nn_block_forward(const nn_block *m, ag_tape *t, ag_var *x, nn_kv_cache *cache,
                         int64_t layer);

#endif
