/* Causal multi-head self-attention: one projection to q, k and v, attention, one projection back.
 */
#ifndef NN_ATTENTION_H
#define NN_ATTENTION_H

#include "nn/kv_cache.h"
#include "nn/linear.h"

typedef struct nn_attention {
    nn_linear c_attn; /* (C, 3C) */
    nn_linear c_proj; /* (C, C) */
    int n_head;
    bool rope;
    real dropout;
} nn_attention;

/* Registers "PREFIX.c_attn", N(0, std^2), and "PREFIX.c_proj", N(0, residual_std^2). */
nn_attention nn_attention_new(nn_params *ps, const char *prefix, int64_t C, int n_head, bool rope,
                              bool bias, double dropout, double std, double residual_std);
/* x (B, T, C): (B, T, C). With a cache, x continues what it holds for `layer`. */
ag_var *nn_attention_forward(const nn_attention *m, ag_tape *t, ag_var *x, nn_kv_cache *cache,
                             int64_t layer);

#endif
