/* Byte-pair encoding: pairs of neighbouring tokens merge, the pair of lowest rank first. Private to
 * this folder. */
#ifndef TOKENIZER_BPE_H
#define TOKENIZER_BPE_H

#include "tokenizer/parts.h"

typedef struct bpe_merge {
    int32_t left, right; /* ids that merge */
    int32_t rank;        /* merges in rising order; equal ranks: the leftmost place first */
    int32_t id;          /* of what they become */
} bpe_merge;

typedef struct bpe {
    bpe_merge *merges; /* in the order of the file */
    size_t n, capacity;
    bool ignore_merges;                /* a piece that is a token as a whole is that token */
    str continuing_prefix, end_suffix; /* of tokenizer.json; usually empty */
    /* Made by prepare. */
    struct bpe_table *table;
    int32_t byte_id[256]; /* byte level: id of each byte; else of "<0xNN>"; -1 = none */
} bpe;

bpe *bpe_new(void);
void bpe_add_merge(bpe *b, int32_t left, int32_t right, int32_t rank, int32_t id);

#endif
