#include "tokenizer/learn/merge_heap.h"

#include "base/array.h"

#include <stdbool.h>
#include <stdlib.h>

static inline bool is_above(const heap_entry *a, const heap_entry *b) {
    if (a->count != b->count) return a->count > b->count;
    if (a->left != b->left) return a->left < b->left;
    return a->right < b->right;
}

void merge_heap_push(merge_heap *h, heap_entry entry) {
    h->entries = array_room(h->entries, &h->capacity, h->n + 1, sizeof *h->entries);
    size_t i = h->n++;
    for (; i > 0 && is_above(&entry, &h->entries[(i - 1) / 2]); i = (i - 1) / 2)
        h->entries[i] = h->entries[(i - 1) / 2];
    h->entries[i] = entry;
}

heap_entry merge_heap_pop(merge_heap *h) {
    heap_entry top = h->entries[0], last = h->entries[--h->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
        if (child + 1 < h->n && is_above(&h->entries[child + 1], &h->entries[child])) child++;
        if (!is_above(&h->entries[child], &last)) break;
        h->entries[i] = h->entries[child];
    }
    h->entries[i] = last;
    return top;
}

void merge_heap_free(merge_heap *h) {
    free(h->entries);
    *h = (merge_heap){0};
}
