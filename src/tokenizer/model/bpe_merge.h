/* Merging the symbols of one piece. Private to this folder. */
#ifndef TOKENIZER_BPE_MERGE_H
#define TOKENIZER_BPE_MERGE_H

#include "tokenizer/model/bpe.h"

/* The symbols of a piece as a list: a merge leaves a hole at the right one's place. In the scratch
 * memory. */
typedef struct bpe_word {
    const bpe *b;
    uint32_t n;      /* places, filled or not; as an index: none */
    int32_t *ids;    /* ids[0] is always filled */
    int32_t *merged; /* what the symbol and the next become, where they merge */
    uint64_t *keys;  /* rank << 32 | place of that merge, or BPE_NO_KEY: the smallest comes first */
    uint32_t *next, *previous;
    uint64_t *heap; /* 2 n more keys */
} bpe_word;

#define BPE_NO_KEY UINT64_MAX
enum { BPE_SHORT = 48, BPE_MAX_SYMBOLS = 1 << 30 };

/* An empty word with room for `most` symbols, to be put into ids[n++]. */
bpe_word bpe_word_new(const bpe *b, tok_scratch *s, size_t most);
/* Links the symbols and finds what each and the next become. */
void bpe_word_link(bpe_word *w);
/* Makes the merge of the lowest rank, the leftmost of equal ones, and puts rank << 32 | place into
 * *key; false when there is none. After bpe_word_link. O(n). */
bool bpe_word_merge(bpe_word *w, uint64_t *key);

/* Links and merges to the end: the result is ids[0..n). O(n^2) with a small factor for few symbols,
 * else O(n log n). Each merge is left out with probability `dropout` each time it is considered. */
void bpe_word_merge_all(bpe_word *w, double dropout, rng_stream *random);

#endif
