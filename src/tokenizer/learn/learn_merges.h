/* Learning merges: again and again the most frequent pair of neighbouring symbols becomes one
 * (Sennrich et al. 2016, "Neural machine translation of rare words with subword units"). Counts
 * are kept up to date by the words that change. Private to this folder. */
#ifndef TOKENIZER_LEARN_MERGES_H
#define TOKENIZER_LEARN_MERGES_H

#include "tokenizer/model/bpe.h"
#include "tokenizer/training.h"

typedef struct merge_word {
    size_t begin; /* in symbols */
    int64_t count;
    uint32_t n;
} merge_word;

/* Words as symbols, which are ids of a vocabulary. Zeroed = none. */
typedef struct merge_words {
    int32_t *symbols;
    merge_word *words;
    size_t n_symbols, n, symbols_capacity, capacity;
} merge_words;

/* Appends a symbol to the word that merge_words_end will close. */
void merge_words_symbol(merge_words *w, int32_t id);
/* Closes the word begun by the symbols since the last call. One with fewer than two of them has
 * nothing to merge, as has one with count 0: they are dropped. */
void merge_words_end(merge_words *w, int64_t count);
void merge_words_free(merge_words *w);

/* Merges until v has `size` entries or no pair occurs how->min_frequency times. The new piece is
 * left + right without the `prefix` of right. Each merge is appended to b, which may be NULL. False
 * with e when the observer stopped it. */
bool learn_merges(merge_words *w, vocab *v, const char *prefix, int64_t size, bpe *b,
                  const tok_training *how, err *e);

#endif
