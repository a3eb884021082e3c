/* The position-wise MLP of a block: C -> 4C -> C, or SwiGLU (Shazeer 2020). */
#ifndef NN_MLP_H
#define NN_MLP_H

#include "nn/linear.h"

typedef enum nn_activation {
    NN_ACTIVATION_GELU,
    NN_ACTIVATION_GELU_TANH,
    NN_ACTIVATION_RELU,
    NN_ACTIVATION_SWIGLU
} nn_activation;
#define NN_ACTIVATION_NAMES "gelu|gelu_tanh|relu|swiglu" /* in the order of the enum */

typedef struct nn_mlp {
    nn_activation activation;
    nn_linear c_fc;   /* (C, H) */
    nn_linear c_gate; /* (C, H), SwiGLU only */
    nn_linear c_proj; /* (H, C) */
    real dropout;
} nn_mlp;

/* Registers "PREFIX.c_fc" and, for SwiGLU, "PREFIX.c_gate", N(0, std^2), and "PREFIX.c_proj",
 * N(0, residual_std^2). */
nn_mlp nn_mlp_new(nn_params *ps, const char *prefix, int64_t C, nn_activation activation, bool bias,
                  double dropout, double std, double residual_std);
/* c_proj(act(c_fc(x))), for SwiGLU c_proj(silu(c_gate(x)) c_fc(x)): (B, T, C). */
ag_var *nn_mlp_forward(const nn_mlp *m, ag_tape *t, ag_var *x);

/* H for a width C: 4C, or about 8C/3 (a multiple of 32) for SwiGLU, which has a third matrix. */
int64_t nn_mlp_hidden(int64_t C, nn_activation activation);

#endif
