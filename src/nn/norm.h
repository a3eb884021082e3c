/* Normalisation of the last dimension: LayerNorm or RMSNorm. */
#ifndef NN_NORM_H
#define NN_NORM_H

#include "nn/param.h"

typedef enum nn_norm_type { NN_NORM_LAYERNORM, NN_NORM_RMSNORM } nn_norm_type;
#define NN_NORM_NAMES "layernorm|rmsnorm" /* in the order of the enum */

typedef struct nn_norm {
    nn_norm_type type;
    ag_var *weight; /* (C) */
    ag_var *bias;   /* (C), or NULL */
} nn_norm;

/* Registers "PREFIX.weight", one, and for LayerNorm "PREFIX.bias", zero, if with_bias. */
nn_norm nn_norm_new(nn_params *ps, const char *prefix, nn_norm_type type, int64_t C,
                    bool with_bias);
ag_var *nn_norm_forward(const nn_norm *m, ag_tape *t, ag_var *x);

#endif
