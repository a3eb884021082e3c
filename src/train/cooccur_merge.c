#include "train/cooccur_merge.h"

#include "base/mem.h"

#include <stdlib.h>

enum { SMALLEST_BUFFER = 64, LARGEST_BUFFER = 1 << 16 };

/* Reads on into an empty buffer; false where nothing is left or e tells why. */
static bool refill(const cooccur_merge *m, cooccur_source *s, err *e) {
    int64_t left = s->stop - s->next, n = left < m->capacity ? left : m->capacity;
    if (n == 0 || !cooccur_table_read(m->table, s->next, n, s->buffer, e)) return false;
    s->at = s->buffer;
    s->end = s->buffer + n;
    s->next += n;
    return true;
}

/* Restores the heap where only the source at `i` may be larger than those below it. */
static void sift_down(cooccur_merge *m, int64_t i) {
    for (;;) {
        int64_t child = 2 * i + 1;
        if (child + 1 < m->n && m->heap[child + 1].at->key < m->heap[child].at->key) child++;
        if (child >= m->n || m->heap[i].at->key <= m->heap[child].at->key) return;
        cooccur_source held = m->heap[i];
        m->heap[i] = m->heap[child];
        m->heap[child] = held;
        i = child;
    }
}

/* Steps over the smallest key. */
static void advance(cooccur_merge *m, err *e) {
    cooccur_source *first = &m->heap[0];
    if (++first->at == first->end && !refill(m, first, e)) *first = m->heap[--m->n];
    sift_down(m, 0);
}

static void add_runs(cooccur_merge *m, size_t max_bytes, err *e) {
    const cooccur_table *t = m->table;
    m->capacity = (int64_t)(max_bytes / sizeof(cooccur_sum)) / t->n_runs;
    if (m->capacity < SMALLEST_BUFFER) m->capacity = SMALLEST_BUFFER;
    if (m->capacity > LARGEST_BUFFER) m->capacity = LARGEST_BUFFER;
    m->buffers = mem_new((size_t)(t->n_runs * m->capacity), sizeof *m->buffers);
    for (int64_t r = 0; r < t->n_runs; r++) {
        cooccur_source run = {.buffer = m->buffers + r * m->capacity,
                              .next = r ? t->run_ends[r - 1] : 0,
                              .stop = t->run_ends[r]};
        if (refill(m, &run, e)) m->heap[m->n++] = run;
    }
}

bool cooccur_merge_begin(cooccur_merge *m, const cooccur_table *t, size_t max_bytes, err *e) {
    *m = (cooccur_merge){.table = t};
    m->heap = mem_new((size_t)t->n_runs + 1, sizeof *m->heap);
    if (t->n_runs)
        add_runs(m, max_bytes, e);
    else if (t->n)
        m->heap[m->n++] = (cooccur_source){.at = t->slots, .end = t->slots + t->n};
    for (int64_t i = m->n / 2; i-- > 0;) sift_down(m, i);
    return e->code == ERR_NONE;
}

void cooccur_merge_free(cooccur_merge *m) {
    free(m->heap);
    free(m->buffers);
    *m = (cooccur_merge){0};
}

bool cooccur_merge_next(cooccur_merge *m, cooccur_sum *out, err *e) {
    if (m->n == 0) return false;
    *out = *m->heap[0].at;
    advance(m, e);
    while (m->n > 0 && m->heap[0].at->key == out->key) {
        out->sum += m->heap[0].at->sum;
        advance(m, e);
    }
    return e->code == ERR_NONE;
}
