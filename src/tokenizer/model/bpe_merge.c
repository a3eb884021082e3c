#include "tokenizer/model/bpe_merge.h"

#include "base/check.h"
#include "tokenizer/model/bpe_table.h"

bpe_word bpe_word_new(const bpe *b, tok_scratch *s, size_t most) {
    CHECK(most <= BPE_MAX_SYMBOLS, "a piece of %zu symbols", most);
    size_t bytes_each = 3 * sizeof(uint64_t) + 4 * sizeof(int32_t);
    uint64_t *keys = scratch_work(s, most * bytes_each);
    int32_t *ids = (int32_t *)(keys + 3 * most);
    uint32_t *next = (uint32_t *)(ids + 2 * most);
    return (bpe_word){.b = b,
                      .ids = ids,
                      .merged = ids + most,
                      .keys = keys,
                      .next = next,
                      .previous = next + most,
                      .heap = keys + most};
}

static inline void find_pair(bpe_word *w, uint32_t left, uint32_t right) {
    const bpe_merge *m = bpe_table_find(w->b, w->ids[left], w->ids[right]);
    w->keys[left] = m ? (uint64_t)m->rank << 32 | left : BPE_NO_KEY;
    w->merged[left] = m ? m->id : -1;
}

void bpe_word_link(bpe_word *w) {
    for (uint32_t i = 0; i < w->n; i++) {
        w->next[i] = i + 1;
        w->previous[i] = i ? i - 1 : w->n;
        if (i + 1 < w->n) find_pair(w, i, i + 1);
    }
    w->keys[w->n - 1] = BPE_NO_KEY;
}

static void merge_at(bpe_word *w, uint32_t at) {
    uint32_t gone = w->next[at], next = w->next[gone], previous = w->previous[at];
    w->ids[at] = w->merged[at];
    w->keys[gone] = w->keys[at] = BPE_NO_KEY;
    w->next[at] = next;
    if (next < w->n) {
        w->previous[next] = at;
        find_pair(w, at, next);
    }
    if (previous < w->n) find_pair(w, previous, at);
}

bool bpe_word_merge(bpe_word *w, uint64_t *key) {
    uint64_t lowest = BPE_NO_KEY;
    for (uint32_t i = 0; i < w->n; i++) lowest = w->keys[i] < lowest ? w->keys[i] : lowest;
    if (lowest == BPE_NO_KEY) return false;
    *key = lowest;
    merge_at(w, (uint32_t)lowest);
    return true;
}

/* A binary min-heap of keys (Williams 1964), on top the next merge. A key that is no longer that of
 * its place is passed over. A merge brings at most two keys for the one it takes: there are never
 * more than two for each symbol. */
typedef struct key_heap {
    uint64_t *keys;
    size_t n;
} key_heap;

static void sift_down(key_heap *h, size_t i) {
    uint64_t key = h->keys[i];
    for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
        child += child + 1 < h->n && h->keys[child + 1] < h->keys[child];
        if (h->keys[child] >= key) break;
        h->keys[i] = h->keys[child];
    }
    h->keys[i] = key;
}

static void heap_push(key_heap *h, uint64_t key) {
    size_t i = h->n++;
    for (; i > 0 && h->keys[(i - 1) / 2] > key; i = (i - 1) / 2) h->keys[i] = h->keys[(i - 1) / 2];
    h->keys[i] = key;
}

static uint64_t heap_pop(key_heap *h) {
    uint64_t top = h->keys[0];
    h->keys[0] = h->keys[--h->n];
    if (h->n) sift_down(h, 0);
    return top;
}

static key_heap heap_of(const bpe_word *w) {
    key_heap h = {w->heap, 0};
    for (uint32_t i = 0; i < w->n; i++)
        if (w->keys[i] != BPE_NO_KEY) h.keys[h.n++] = w->keys[i];
    for (size_t i = h.n / 2; i-- > 0;) sift_down(&h, i);
    return h;
}

/* Takes the next merge to make off the heap, *at becoming its place; those left out are moved to
 * the end of the heap's memory, downwards from *left_out. */
static bool next_merge(const bpe_word *w, key_heap *h, double dropout, rng_stream *random,
                       uint64_t **left_out, uint32_t *at) {
    while (h->n) {
        uint64_t key = heap_pop(h);
        *at = (uint32_t)key;
        if (w->keys[*at] != key) continue;
        if (dropout <= 0 || rng_next_unit(random) >= dropout) return true;
        *--*left_out = key;
    }
    return false;
}

static void merge_by_heap(bpe_word *w, double dropout, rng_stream *random) {
    key_heap h = heap_of(w);
    uint64_t *end = w->heap + 2 * (size_t)w->n, *left_out = end;
    for (uint32_t at; next_merge(w, &h, dropout, random, &left_out, &at);) {
        merge_at(w, at);
        if (w->keys[at] != BPE_NO_KEY) heap_push(&h, w->keys[at]);
        uint32_t before = w->previous[at];
        if (before < w->n && w->keys[before] != BPE_NO_KEY) heap_push(&h, w->keys[before]);
        while (left_out < end) heap_push(&h, *left_out++);
    }
}

void bpe_word_merge_all(bpe_word *w, double dropout, rng_stream *random) {
    bpe_word_link(w);
    if (w->n > BPE_SHORT || dropout > 0) {
        merge_by_heap(w, dropout, random);
    } else {
        for (uint64_t key; bpe_word_merge(w, &key);) {}
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n; i = w->next[i]) w->ids[n++] = w->ids[i];
    w->n = n;
}
