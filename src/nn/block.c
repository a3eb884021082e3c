#include "nn/block.h"

ag_var *nn_block_forward(const nn_block *m, ag_tape *t, ag_var *x, nn_kv_cache *cache,
                         int64_t layer) {
    ag_var *a = nn_attention_forward(&m->attn, t, nn_norm_forward(&m->ln_1, t, x), cache, layer);
    x = ag_add(t, x, a);
    return ag_add(t, x, nn_mlp_forward(&m->mlp, t, nn_norm_forward(&m->ln_2, t, x)));
}
