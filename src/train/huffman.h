/* Huffman's tree over words: frequent words have short paths (Huffman 1952), as word2vec.c's. */
#ifndef TRAIN_HUFFMAN_H
#define TRAIN_HUFFMAN_H

#include "autograd/windows.h"
#include "base/err.h"

#include <stdbool.h>

typedef struct huffman {
    int64_t n; /* words; inner nodes are 0 .. n - 2, the root is n - 2 */
    int32_t *begin, *node;
    uint8_t *right;
} huffman;

/* Makes the tree of n >= 2 words with counts, none negative and their sum an int64_t; of equals the
 * later word is joined first, and words before nodes: of all trees as good the least deep. No path
 * is longer than AG_MAX_OUTPUTS; more than 2^31 - 1 nodes on all paths together are an error.
 * Release with huffman_free in any case. */
bool huffman_make(huffman *h, const int64_t *counts, int64_t n, err *e);
void huffman_free(huffman *h);

/* The paths as the op takes them. Borrows. */
ag_paths huffman_paths(const huffman *h);

#endif
