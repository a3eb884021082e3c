/* A vocabulary: pieces of bytes numbered from 0 in the order of their arrival, found by number and
 * by content. Private to this folder. */
#ifndef TOKENIZER_VOCAB_H
#define TOKENIZER_VOCAB_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum { VOCAB_MAX_IDS = 1 << 30 }; /* ids stay int32_t while the tables double */
enum { VOCAB_MAX_SIZE = 1 << 24, VOCAB_MAX_BYTES = 1 << 28 }; /* what a tokenizer may hold */

typedef struct vocab_slot {
    uint32_t tag;    /* high half of the hash: most misses end here */
    int32_t id_plus; /* id + 1; 0 = free */
} vocab_slot;

/* Zeroed = empty. */
typedef struct vocab {
    str bytes;     /* every piece, each closed with a NUL */
    size_t *start; /* of each piece in bytes, and of the one to come */
    size_t capacity;
    int32_t size;
    vocab_slot *slots; /* open addressing, at most half full */
    size_t n_slots;    /* a power of two */
} vocab;

/* The id of the piece, which is new when it equals the size before the call. */
int32_t vocab_add(vocab *v, const char *piece, size_t len);
/* Adds the piece as the next id although it may be there: vocab_find goes on to give the first. */
int32_t vocab_append(vocab *v, const char *piece, size_t len);
/* The id of the piece, or -1. */
int32_t vocab_find(const vocab *v, const char *piece, size_t len);
/* The bytes of piece `id`, *len of them and a NUL. Borrows from v until the next vocab_add. */
const char *vocab_piece(const vocab *v, int32_t id, size_t *len);
void vocab_free(vocab *v);

#endif
