/* The ids of pieces met before: most pieces of a text are frequent words. A table where a new piece
 * replaces an old one and that grows with the text, up to 24 MB, in the memory of one thread.
 * Private to this folder. */
#ifndef TOKENIZER_PIECE_CACHE_H
#define TOKENIZER_PIECE_CACHE_H

#include "base/hash.h"
#include "tokenizer/tokenizer.h"

#include <string.h>

enum { PIECE_KEY_BYTES = 15, PIECE_CACHE_IDS = 7, PIECE_CACHE_WAYS = 2 };

/* A short piece as two words: its bytes, zeros, and its length in the last byte. */
typedef struct piece_key {
    uint64_t low, high;
} piece_key;

/* A piece and its ids. */
typedef struct cached_piece {
    piece_key key;
    int32_t ids[PIECE_CACHE_IDS];
    int32_t n_ids;
} cached_piece;

/* Pieces that fall on the same place. The last to come is first. */
typedef struct cached_set {
    cached_piece ways[PIECE_CACHE_WAYS];
} cached_set;

typedef struct piece_cache {
    cached_set *sets;
    int bits;     /* 2^bits sets, more when as many pieces came as there are places */
    size_t n_put; /* since then */
} piece_cache;

piece_cache *piece_cache_new(void);
void piece_cache_free(piece_cache *cache);

/* The key of piece[0..n), n from 1 to PIECE_KEY_BYTES. `padded`: 16 bytes may be read at piece,
 * which is faster. */
static inline piece_key piece_key_of(const char *piece, size_t n, bool padded) {
    static const unsigned char ones_and_zeros[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                     255, 255, 255, 255, 255, 255, 255, 255};
    piece_key key = {0}, mask;
    if (padded) {
        memcpy(&key, piece, sizeof key);
        memcpy(&mask, ones_and_zeros + sizeof mask - n, sizeof mask);
        key.low &= mask.low;
        key.high &= mask.high;
    } else {
        memcpy(&key, piece, n);
    }
    key.high |= (uint64_t)n << 56;
    return key;
}

/* Where the piece belongs. */
static inline cached_set *piece_cache_set(const piece_cache *cache, piece_key key) {
    return &cache->sets[hash_word(hash_word(0, key.high), key.low) >> (64 - cache->bits)];
}

/* Appends the ids of the piece to out where they are known. */
static inline bool piece_cache_get(const piece_cache *cache, piece_key key, tok_ids *out) {
    const cached_set *set = piece_cache_set(cache, key);
    for (int i = 0; i < PIECE_CACHE_WAYS; i++) {
        const cached_piece *known = &set->ways[i];
        if (known->key.low != key.low || known->key.high != key.high) continue;
        bool fits = out->capacity - out->len >= PIECE_CACHE_IDS;
        int32_t *to = fits ? out->data + out->len : tok_ids_reserve(out, PIECE_CACHE_IDS);
        memcpy(to, known->ids, sizeof known->ids);
        out->len += (size_t)known->n_ids;
        return true;
    }
    return false;
}

/* Keeps ids[0..n_ids) for the piece unless they are too many. */
void piece_cache_put(piece_cache *cache, piece_key key, const int32_t *ids, size_t n_ids);

#endif
