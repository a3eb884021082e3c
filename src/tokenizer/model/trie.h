/* Pieces by their bytes, for finding all that begin at a place of a text: a double array (Aoe 1989)
 * whose nodes are numbers of cells. Private to this folder. */
#ifndef TOKENIZER_TRIE_H
#define TOKENIZER_TRIE_H

#include <stddef.h>
#include <stdint.h>

typedef struct trie trie;

trie *trie_new(void);
void trie_free(trie *t);
/* id >= 0. A piece that is there already keeps its first id. */
void trie_add(trie *t, const char *piece, size_t n, int32_t id);
/* Readies the trie for walking; no trie_add after it. */
void trie_pack(trie *t);

/* A node: its child by byte b, if there is one, is cell base ^ b, which names it as its parent. */
typedef struct trie_cell {
    int32_t base, parent; /* parent -1: the root; less: not in use */
    int32_t id;           /* of the piece that ends here, or -1 */
} trie_cell;

/* What trie_new returns, open so that the functions below take no call. */
struct trie {
    trie_cell *cells; /* in blocks of 256, so that base ^ b is always a cell */
    size_t n_cells;
    struct trie_builder *builder; /* what was added, until trie_pack */
};

/* Walking: from the root, node 0, by one byte; a negative answer is "nothing begins so". */
static inline int32_t trie_step(const trie *t, int32_t node, unsigned char byte) {
    int32_t child = t->cells[node].base ^ byte;
    return t->cells[child].parent == node ? child : -1;
}

/* The id of the piece that ends at the node, or -1. */
static inline int32_t trie_id(const trie *t, int32_t node) {
    return t->cells[node].id;
}

/* The id of the longest piece that text[0..n) begins with, or -1; its length goes into *length. */
static inline int32_t trie_longest(const trie *t, const char *text, size_t n, size_t *length) {
    int32_t best = -1, node = 0;
    for (size_t i = 0; i < n; i++) {
        node = trie_step(t, node, (unsigned char)text[i]);
        if (node < 0) break;
        int32_t id = trie_id(t, node);
        if (id < 0) continue;
        best = id;
        *length = i + 1;
    }
    return best;
}

#endif
