/* The pairs by how often they occur: a binary heap, the most frequent on top, of pairs equally
 * frequent the one with the smaller left, then right symbol. Private to this folder. */
#ifndef TOKENIZER_MERGE_HEAP_H
#define TOKENIZER_MERGE_HEAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct heap_entry {
    int64_t count;
    int32_t left, right;
    uint32_t pair; /* its number in the index */
} heap_entry;

/* Zeroed = empty. */
typedef struct merge_heap {
    heap_entry *entries; /* the top first */
    size_t n, capacity;
} merge_heap;

void merge_heap_push(merge_heap *h, heap_entry entry);
/* Takes the top off; n > 0. */
heap_entry merge_heap_pop(merge_heap *h);
void merge_heap_free(merge_heap *h);

#endif
