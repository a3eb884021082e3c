#include "nn/kv_cache.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

nn_kv_cache *nn_kv_cache_new(int64_t n_layer, int64_t batch, int64_t capacity, int64_t width) {
    nn_kv_cache *cache = mem_new(1, sizeof *cache);
    *cache = (nn_kv_cache){
        .n_layer = n_layer, .batch = batch, .capacity = capacity, .width = width, .n = batch};
    size_t bytes = (size_t)(n_layer * batch * capacity * width) * sizeof(real);
    cache->keys = mem_new_aligned(bytes);
    cache->values = mem_new_aligned(bytes);
    return cache;
}

void nn_kv_cache_free(nn_kv_cache *cache) {
    if (!cache) return;
    free(cache->keys);
    free(cache->values);
    free(cache);
}

static ag_var *extend(nn_kv_cache *cache, ag_tape *t, real *layer, const tensor *x) {
    int64_t T = x->shape[1], offset = cache->first * cache->capacity * cache->width;
    CHECK(x->shape[0] == cache->n && cache->first + cache->n <= cache->batch &&
              cache->length + T <= cache->capacity,
          "kv cache of %lld tokens cannot take %lld more", (long long)cache->capacity,
          (long long)T);
    tensor all = tensor_of(layer + offset, 3, (int64_t[]){cache->n, cache->capacity, cache->width});
    tensor place = tensor_slice(&all, 1, cache->length, T);
    tensor_copy(&place, x);
    return ag_input(t, tensor_slice(&all, 1, 0, cache->length + T));
}

void nn_kv_cache_extend(nn_kv_cache *cache, ag_tape *t, int64_t layer, ag_var **k, ag_var **v) {
    int64_t offset = layer * cache->batch * cache->capacity * cache->width;
    *k = extend(cache, t, cache->keys + offset, &(*k)->value);
    *v = extend(cache, t, cache->values + offset, &(*v)->value);
}

void nn_kv_cache_copy(nn_kv_cache *cache, int64_t to, int64_t from) {
    if (to == from) return;
    int64_t sequence = cache->capacity * cache->width;
    size_t bytes = (size_t)(cache->length * cache->width) * sizeof(real);
    for (int64_t layer = 0; layer < cache->n_layer; layer++) {
        int64_t begin = layer * cache->batch * sequence;
        int64_t t = begin + to * sequence, f = begin + from * sequence;
        memcpy(cache->keys + t, cache->keys + f, bytes);
        memcpy(cache->values + t, cache->values + f, bytes);
    }
}
