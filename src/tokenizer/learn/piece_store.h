/* The pieces that one thread counts: a table, and sorted runs in a temporary file of what the table
 * had no room for. Private to this folder. */
#ifndef TOKENIZER_PIECE_STORE_H
#define TOKENIZER_PIECE_STORE_H

#include "tokenizer/learn/piece_runs.h"

/* Zeroed but for max_bytes = empty. */
typedef struct piece_store {
    size_t max_bytes; /* of the table */
    piece_table table;
    piece_runs runs;
    err error; /* of the temporary file; nothing is kept after it */
} piece_store;

/* Counts the piece once, n <= PIECE_LONGEST. */
void piece_store_add(piece_store *s, const char *piece, size_t n);
void piece_store_free(piece_store *s);

/* All counts in one table. */
typedef struct gathering {
    piece_table all;
    size_t max_bytes; /* of the table; that of all stores is at most as much together */
    int64_t least;    /* pieces so frequent or rarer are left out */
    int64_t left_out;
} gathering;

/* Moves the counts of the n stores to g->all. Whether something is left out, and what, depends on
 * the pieces alone and not on how the stores share them. */
bool piece_stores_gather(gathering *g, piece_store *stores, size_t n, err *e);

#endif
