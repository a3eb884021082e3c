/* Linear: act(x weight + bias), the weight stored (in, out) as in GPT-2's files. */
#ifndef NN_LINEAR_H
#define NN_LINEAR_H

#include "autograd/ops.h"
#include "nn/param.h"

typedef struct nn_linear {
    ag_var *weight; /* (I, O) */
    ag_var *bias;   /* (O), or NULL */
} nn_linear;

/* Registers "PREFIX.weight", N(0, std^2), and "PREFIX.bias", zero, if with_bias. */
nn_linear nn_linear_new(nn_params *ps, const char *prefix, int64_t n_in, int64_t n_out,
                        bool with_bias, double std);
/* x (..., I): (..., O). */
ag_var *nn_linear_forward(const nn_linear *m, ag_tape *t, ag_var *x, ag_activation act);

#endif
