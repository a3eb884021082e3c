/* The merges of a BPE model by their pair of ids. Private to this folder. */
#ifndef TOKENIZER_BPE_TABLE_H
#define TOKENIZER_BPE_TABLE_H

#include "base/hash.h"
#include "tokenizer/model/bpe.h"

typedef struct bpe_slot {
    uint32_t tag;        /* high half of the hash: most misses end here */
    uint32_t merge_plus; /* number of the merge + 1; 0 = free */
} bpe_slot;

/* Open addressing, at most half full. */
typedef struct bpe_table {
    bpe_slot *slots;
    uint64_t mask; /* number of slots - 1, a power of two - 1 */
} bpe_table;

/* Enters b->merges; false, with the later one's number in *twice, where a pair stands there twice.
 */
bool bpe_table_make(bpe *b, size_t *twice);
void bpe_table_free(bpe_table *table);

static inline uint64_t bpe_hash(int32_t left, int32_t right) {
    return hash_word(0, (uint64_t)(uint32_t)left << 32 | (uint32_t)right);
}

/* The merge of that pair, or NULL. */
static inline const bpe_merge *bpe_table_find(const bpe *b, int32_t left, int32_t right) {
    const bpe_table *table = b->table;
    uint64_t h = bpe_hash(left, right);
    for (uint64_t i = h & table->mask;; i = (i + 1) & table->mask) {
        bpe_slot slot = table->slots[i];
        if (slot.merge_plus == 0) return NULL;
        if (slot.tag != h >> 32) continue;
        const bpe_merge *m = &b->merges[slot.merge_plus - 1];
        if (m->left == left && m->right == right) return m;
    }
}

#endif
