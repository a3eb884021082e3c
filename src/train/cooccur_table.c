#include "train/cooccur_table.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALLEST = 256, FIRST = 1 << 14 };

static cooccur_sum *slots_new(int64_t capacity) {
    return mem_new_aligned((size_t)(capacity + COOCCUR_SLACK) * sizeof(cooccur_sum));
}

cooccur_table cooccur_table_new(size_t max_bytes, int n_tables, const char *folder) {
    int64_t limit = (int64_t)(max_bytes / sizeof(cooccur_sum)) - COOCCUR_SLACK;
    if (limit < SMALLEST) limit = SMALLEST;
    int64_t capacity = limit < FIRST ? limit : FIRST;
    return (cooccur_table){.slots = slots_new(capacity),
                           .capacity = capacity,
                           .limit = limit,
                           .n_tables = (uint64_t)n_tables,
                           .folder = folder,
                           .file = -1};
}

void cooccur_table_free(cooccur_table *t) {
    if (t->file >= 0) close(t->file);
    free(t->slots);
    free(t->run_ends);
    *t = (cooccur_table){.file = -1};
}

/* The slot that holds the key or is free for it; NULL when the search runs over the end. */
static cooccur_sum *find(const cooccur_table *t, uint64_t key) {
    const cooccur_sum *end = t->slots + t->capacity + COOCCUR_SLACK;
    for (cooccur_sum *at = cooccur_home(t, key); at < end; at++)
        if (at->sum == 0 || at->key == key) return at;
    return NULL;
}

/* Moves the sums to a table of twice the slots, unless both would not fit into the memory. */
static bool grow(cooccur_table *t) {
    if (3 * t->capacity > t->limit) return false;
    cooccur_table bigger = *t;
    bigger.capacity = 2 * t->capacity;
    bigger.slots = slots_new(bigger.capacity);
    for (int64_t i = 0; i < t->capacity + COOCCUR_SLACK; i++) {
        if (t->slots[i].sum == 0) continue;
        cooccur_sum *at = find(&bigger, t->slots[i].key);
        if (!at) {
            free(bigger.slots);
            return false;
        }
        *at = t->slots[i];
    }
    free(t->slots);
    *t = bigger;
    return true;
}

/* Brings the sums to the front in the order of their keys: an insertion sort, for none is far from
 * its place. */
static void sort(cooccur_table *t) {
    int64_t n = 0;
    for (int64_t i = 0; i < t->capacity + COOCCUR_SLACK; i++) {
        cooccur_sum sum = t->slots[i];
        if (sum.sum == 0) continue;
        int64_t k = n++;
        for (; k > 0 && t->slots[k - 1].key > sum.key; k--) t->slots[k] = t->slots[k - 1];
        t->slots[k] = sum;
    }
}

static bool fail(const cooccur_table *t, const char *cause, err *e) {
    return err_set(e, ERR_INPUT, "%s: a temporary file of co-occurrences: %s", t->folder, cause);
}

static bool open_runs(cooccur_table *t, err *e) {
    char path[1024];
    if (!file_join(path, sizeof path, t->folder, "cooccur-XXXXXX", e)) return false;
    t->file = mkstemp(path);
    return (t->file >= 0 && unlink(path) == 0) || fail(t, strerror(errno), e);
}

static bool write_run(cooccur_table *t, err *e) {
    if (e->code != ERR_NONE) return false;
    if (t->file < 0 && !open_runs(t, e)) return false;
    const char *from = (const char *)t->slots;
    int64_t begin = t->n_runs ? t->run_ends[t->n_runs - 1] : 0;
    off_t at = (off_t)begin * (off_t)sizeof *t->slots;
    size_t left = (size_t)t->n * sizeof *t->slots;
    while (left > 0) {
        ssize_t done = pwrite(t->file, from, left, at);
        if (done <= 0) return fail(t, done < 0 ? strerror(errno) : "the disk is full", e);
        from += done;
        at += done;
        left -= (size_t)done;
    }
    t->run_ends = mem_resize(t->run_ends, (size_t)t->n_runs + 1, sizeof *t->run_ends);
    t->run_ends[t->n_runs++] = begin + t->n;
    return true;
}

/* Empty, it may be as large as the limit allows: no copy is needed now. */
static void empty(cooccur_table *t) {
    t->n = 0;
    if (t->capacity == t->limit) {
        memset(t->slots, 0, (size_t)(t->capacity + COOCCUR_SLACK) * sizeof *t->slots);
        return;
    }
    free(t->slots);
    t->capacity = t->limit;
    t->slots = slots_new(t->capacity);
}

static void spill(cooccur_table *t) {
    sort(t);
    write_run(t, &t->error);
    empty(t);
}

void cooccur_table_add(cooccur_table *t, uint64_t key, uint64_t value) {
    cooccur_sum *at = find(t, key);
    if (!at || (at->sum == 0 && t->n >= t->capacity / 4 * 3)) {
        if (!grow(t)) spill(t);
        cooccur_table_add(t, key, value);
        return;
    }
    t->n += at->sum == 0;
    at->key = key;
    at->sum += value;
}

void cooccur_table_close(cooccur_table *t) {
    sort(t);
    if (t->n_runs == 0) return;
    write_run(t, &t->error);
    free(t->slots);
    t->slots = NULL;
}

bool cooccur_table_read(const cooccur_table *t, int64_t first, int64_t n, cooccur_sum *out,
                        err *e) {
    char *to = (char *)out;
    off_t at = (off_t)first * (off_t)sizeof *out;
    size_t left = (size_t)n * sizeof *out;
    while (left > 0) {
        ssize_t done = pread(t->file, to, left, at);
        if (done <= 0)
            return fail(t, done < 0 ? strerror(errno) : "shorter than it was written", e);
        to += done;
        at += done;
        left -= (size_t)done;
    }
    return true;
}
