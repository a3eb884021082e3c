#include "nn/attention.h"

#include <stdio.h>

nn_attention nn_attention_new(nn_params *ps, const char *prefix, int64_t C, int n_head, bool rope,
                              bool bias, double dropout, double std, double residual_std) {
    char name[NN_NAME_SIZE];
    nn_attention m = {.n_head = n_head, .rope = rope, .dropout = (real)dropout};
    snprintf(name, sizeof name, "%s.c_attn", prefix);
    m.c_attn = nn_linear_new(ps, name, C, 3 * C, bias, std);
    snprintf(name, sizeof name, "%s.c_proj", prefix);
    m.c_proj = nn_linear_new(ps, name, C, C, bias, residual_std);
    return m;
}

ag_var *nn_attention_forward(const nn_attention *m, ag_tape *t, ag_var *x, nn_kv_cache *cache,
                             int64_t layer) {
    int64_t C = x->value.shape[2];
    ag_var *qkv = nn_linear_forward(&m->c_attn, t, x, AG_IDENTITY);
    ag_var *q = ag_slice(t, qkv, 2, 0, C), *k = ag_slice(t, qkv, 2, C, C);
    ag_var *v = ag_slice(t, qkv, 2, 2 * C, C);
    if (m->rope) {
        int64_t first = cache ? cache->length : 0;
        q = ag_rope(t, q, m->n_head, first);
        k = ag_rope(t, k, m->n_head, first);
    }
    if (cache) nn_kv_cache_extend(cache, t, layer, &k, &v);
    ag_var *y = ag_attention(t, q, k, v, m->n_head, m->dropout);
    return ag_dropout(t, nn_linear_forward(&m->c_proj, t, y, AG_IDENTITY), m->dropout);
}
