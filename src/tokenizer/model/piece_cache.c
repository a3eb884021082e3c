#include "tokenizer/model/piece_cache.h"

#include "base/mem.h"

#include <stdlib.h>

enum { FIRST_BITS = 8, MOST_BITS = 18 };

static piece_cache empty_cache(int bits) {
    return (piece_cache){mem_new_aligned(sizeof(cached_set) << bits), bits, 0};
}

piece_cache *piece_cache_new(void) {
    piece_cache *cache = mem_new(1, sizeof *cache);
    *cache = empty_cache(FIRST_BITS);
    return cache;
}

void piece_cache_free(piece_cache *cache) {
    if (!cache) return;
    free(cache->sets);
    free(cache);
}

/* Puts the piece before the others of its set, of which the last goes. */
static void put_first(piece_cache *cache, const cached_piece *piece) {
    cached_set *set = piece_cache_set(cache, piece->key);
    for (int i = PIECE_CACHE_WAYS - 1; i > 0; i--) set->ways[i] = set->ways[i - 1];
    set->ways[0] = *piece;
}

static void grow(piece_cache *cache) {
    piece_cache larger = empty_cache(cache->bits + 1);
    for (size_t i = 0; i < (size_t)1 << cache->bits; i++)
        for (int j = PIECE_CACHE_WAYS - 1; j >= 0; j--) {
            const cached_piece *piece = &cache->sets[i].ways[j];
            if (piece->key.high) put_first(&larger, piece); /* a length of 0: none came yet */
        }
    free(cache->sets);
    *cache = larger;
}

void piece_cache_put(piece_cache *cache, piece_key key, const int32_t *ids, size_t n_ids) {
    if (n_ids > PIECE_CACHE_IDS) return;
    size_t n_places = (size_t)PIECE_CACHE_WAYS << cache->bits;
    if (cache->n_put++ == n_places && cache->bits < MOST_BITS) grow(cache);
    cached_piece piece = {.key = key, .n_ids = (int32_t)n_ids};
    if (n_ids) memcpy(piece.ids, ids, n_ids * sizeof *ids);
    put_first(cache, &piece);
}
