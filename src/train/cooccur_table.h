/* A table of sums under 64-bit keys that spills sorted runs to disk when its memory is full.
 * Private to the files of train/cooccur.h. */
#ifndef TRAIN_COOCCUR_TABLE_H
#define TRAIN_COOCCUR_TABLE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cooccur_sum {
    uint64_t key, sum; /* sum 0 = an empty slot */
} cooccur_sum;

/* Several tables share out the keys: table p of P has those with key * P / 2^64 = p. Keys are as
 * good as random, and a key's slot grows with the key, so the table is almost sorted as it stands.
 */
typedef struct cooccur_table {
    cooccur_sum *slots; /* capacity + COOCCUR_SLACK; once closed n, by rising key */
    int64_t n, capacity, limit;
    uint64_t n_tables;
    const char *folder; /* borrowed */
    int file;           /* of the runs, one behind the other; -1 while there is none */
    int64_t *run_ends;  /* in sums from the beginning of the file */
    int64_t n_runs;
    err error; /* the first that spilling met; from there on sums are lost */
} cooccur_table;

enum { COOCCUR_SLACK = 256 }; /* slots behind the last one where a key may begin to look */

/* (a * b) / 2^64 */
static inline uint64_t cooccur_high_product(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)a * b >> 64);
}

/* The slot where the search for a key begins. */
static inline cooccur_sum *cooccur_home(const cooccur_table *t, uint64_t key) {
    return &t->slots[cooccur_high_product(key * t->n_tables, (uint64_t)t->capacity)];
}

/* An empty table of at most max_bytes, or the least that works; release with cooccur_table_free. */
cooccur_table cooccur_table_new(size_t max_bytes, int n_tables, const char *folder);
void cooccur_table_free(cooccur_table *t);

/* Adds to the sum of a key of this table. */
void cooccur_table_add(cooccur_table *t, uint64_t key, uint64_t value);

/* Ends the adding. Where runs were spilled, what is left becomes one more; else it stays in memory,
 * sorted. */
void cooccur_table_close(cooccur_table *t);
/* Reads n sums of the runs' file from number `first` on. */
bool cooccur_table_read(const cooccur_table *t, int64_t first, int64_t n, cooccur_sum *out, err *e);

#endif
