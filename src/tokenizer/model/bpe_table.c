#include "tokenizer/model/bpe_table.h"

#include "base/mem.h"

#include <stdlib.h>

bool bpe_table_make(bpe *b, size_t *twice) {
    size_t n_slots = 16;
    while (n_slots < 2 * b->n) n_slots *= 2;
    bpe_table_free(b->table);
    b->table = mem_new(1, sizeof *b->table);
    *b->table = (bpe_table){mem_new(n_slots, sizeof(bpe_slot)), n_slots - 1};
    for (size_t i = 0; i < b->n; i++) {
        const bpe_merge *m = &b->merges[i];
        *twice = i;
        if (bpe_table_find(b, m->left, m->right)) return false;
        uint64_t h = bpe_hash(m->left, m->right), at = h & b->table->mask;
        while (b->table->slots[at].merge_plus) at = (at + 1) & b->table->mask;
        b->table->slots[at] = (bpe_slot){(uint32_t)(h >> 32), (uint32_t)i + 1};
    }
    return true;
}

void bpe_table_free(bpe_table *table) {
    if (!table) return;
    free(table->slots);
    free(table);
}
