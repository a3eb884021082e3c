/* The different pieces of texts and how often each occurs: what trainers learn from. Counts are 64
 * bits; memory is bounded: what does not fit is written to temporary files in sorted runs, which
 * are merged at the end. Private to this folder. */
#ifndef TOKENIZER_COUNT_H
#define TOKENIZER_COUNT_H

#include "tokenizer/parts.h"
#include "tokenizer/training.h"

typedef struct counted_piece {
    const char *bytes; /* in counted_pieces.memory */
    uint32_t length;
    int64_t count;
} counted_piece;

typedef struct counted_pieces {
    counted_piece *pieces; /* by falling count, then by bytes */
    size_t n;
    str bytes;
    int64_t total; /* sum of the counts */
} counted_pieces;

/* Normalizes and splits the texts as tok, of which only these parts are set, asks for, all threads,
 * and counts the pieces; the same at any number of threads and any memory. When the different
 * pieces themselves do not fit in how->memory, the rarest are left out and the observer is told.
 * Release with counted_free in any case. */
bool count_pieces(counted_pieces *out, const tokenizer *tok, const tok_training *how,
                  const tok_text *texts, size_t n_texts, err *e);
void counted_free(counted_pieces *c);

#endif
