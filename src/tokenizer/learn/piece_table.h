/* Pieces and their counts in one open-addressing table: two cache lines a look-up, no allocation a
 * piece. Private to this folder. */
#ifndef TOKENIZER_PIECE_TABLE_H
#define TOKENIZER_PIECE_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { PIECE_LONGEST = 1 << 16 }; /* bytes */

/* A record of the table's memory. */
typedef struct piece_entry {
    int64_t count;
    uint32_t length, hash;
    char bytes[]; /* filled up to a multiple of 8 */
} piece_entry;

static inline size_t piece_entry_bytes(size_t length) {
    return sizeof(piece_entry) + (length + 7) / 8 * 8;
}

/* By bytes: below 0, 0 or above 0 as memcmp. */
int piece_entry_compare(const piece_entry *x, const piece_entry *y);

/* Zeroed = empty. */
typedef struct piece_table {
    char *entries; /* piece_entry after piece_entry in the order of their arrival */
    size_t used, capacity;
    uint64_t *slots; /* hash << 32 | place of the entry / 8 + 1; 0 = free; at most half are taken */
    size_t n_slots, n;
} piece_table;

/* Adds count to that of the piece, length <= PIECE_LONGEST. */
void piece_table_add(piece_table *t, const char *piece, size_t length, int64_t count);
/* What the pieces take at most; depends on them alone, not on how they came. */
size_t piece_table_bytes(const piece_table *t);
/* Entries one after another: NULL gives the first, after the last comes NULL. */
piece_entry *piece_table_next(const piece_table *t, const piece_entry *entry);
/* Returns new pointers to all t->n entries by rising bytes (free with free). */
piece_entry **piece_table_sorted(const piece_table *t);
/* Forgets the pieces that have the smallest count, which it returns. */
int64_t piece_table_forget_rarest(piece_table *t);
/* Forgets the pieces, keeps the memory. */
void piece_table_clear(piece_table *t);
void piece_table_free(piece_table *t);

#endif
