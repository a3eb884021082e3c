/* Keys and values of the tokens generated so far: each new token attends to them instead of running
 * the whole text again. */
#ifndef NN_KV_CACHE_H
#define NN_KV_CACHE_H

#include "autograd/ag.h"

typedef struct nn_kv_cache {
    int64_t n_layer, batch, capacity, width; /* width = n_embd */
    int64_t length;                          /* tokens held, the same in every layer */
    int64_t first, n;    /* the sequences that a forward pass continues; all at first */
    real *keys, *values; /* (n_layer, batch, capacity, width) */
} nn_kv_cache;

/* Returns new (free with nn_kv_cache_free). */
nn_kv_cache *nn_kv_cache_new(int64_t n_layer, int64_t batch, int64_t capacity, int64_t width);
void nn_kv_cache_free(nn_kv_cache *cache);

/* Copies k and v (n, T, C) of one layer behind the tokens held and replaces them by variables that
 * show all tokens up to these (n, length + T, C). `length` itself moves once per forward pass. */
void nn_kv_cache_extend(nn_kv_cache *cache, ag_tape *t, int64_t layer, ag_var **k, ag_var **v);

/* Makes sequence `to` hold what sequence `from` does. */
void nn_kv_cache_copy(nn_kv_cache *cache, int64_t to, int64_t from);

#endif
