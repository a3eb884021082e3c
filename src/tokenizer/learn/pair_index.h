/* Pairs of neighbouring symbols while merges are learned: how often each occurs, and in which
 * words. Private to this folder. */
#ifndef TOKENIZER_PAIR_INDEX_H
#define TOKENIZER_PAIR_INDEX_H

#include <stddef.h>
#include <stdint.h>

typedef struct symbol_pair {
    int32_t left, right;
    int64_t count;
    size_t first;     /* its words are words[first..first + n_words) of the index */
    uint32_t n_words; /* noted since the last pair_index_settle, or before it */
    uint32_t last_word;
} symbol_pair;

typedef struct pair_slot {
    uint64_t key;
    uint32_t pair; /* + 1; 0 = free */
} pair_slot;

typedef struct new_place {
    uint32_t pair, word;
} new_place;

/* Zeroed = empty. */
typedef struct pair_index {
    symbol_pair *pairs;
    size_t n, capacity;
    pair_slot *slots; /* open addressing, at most half full */
    size_t n_slots;
    uint32_t *words;
    size_t n_words, words_capacity;
    /* Since the last pair_index_settle. */
    new_place *places;
    size_t n_places, places_capacity;
    uint32_t *touched; /* pairs that got a word */
    size_t n_touched, touched_capacity;
} pair_index;

void pair_index_free(pair_index *x);
/* The number of the pair, which is made when it is new. */
uint32_t pair_index_of(pair_index *x, int32_t left, int32_t right);
/* Adds count to the pair and notes that the word has it. */
void pair_index_gain(pair_index *x, int32_t left, int32_t right, int64_t count, uint32_t word);
/* Brings the words noted since the last call, which are all that the touched pairs will ever get,
 * to where the pairs have them. */
void pair_index_settle(pair_index *x);

#endif
