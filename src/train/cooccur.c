#include "train/cooccur.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/thread.h"
#include "train/cooccur_merge.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(ag_cooccurrence) == 16, "records have the layout of GloVe's files");

enum { BLOCK = 1 << 16 };

/* 1 / d is a whole number of 1 / UNIT up to d = 24, so sums of them are exact in any order. */
static const uint64_t UNIT = 5354228880; /* lcm(1 .. 24) */

struct cooccur {
    int64_t window;
    size_t bytes_per_table;
    uint32_t round_keys[4];
    int32_t *ids;      /* COOCCUR_WIDEST of the past at most, then those to count */
    int64_t n_past, n; /* of the past; all */
    uint64_t weights[COOCCUR_WIDEST + 1]; /* by distance, in UNIT */
    cooccur_table *tables;                /* one for each thread */
    int n_tables;
};

/* A pair of words becomes the key of its sum by a permutation of the 64-bit numbers (Luby and
 * Rackoff 1988, four rounds), so that the order of the keys is as good as random, and the pair can
 * be had back from its key. */
static inline uint32_t round_function(uint32_t half, uint32_t key) {
    uint32_t x = (half ^ key) * 0x9E3779B1u;
    x = (x ^ x >> 15) * 0x85EBCA77u;
    return x ^ x >> 13;
}

static inline uint64_t key_of_pair(const uint32_t *round_keys, uint32_t a, uint32_t b) {
    for (int round = 0; round < 4; round++) {
        uint32_t next = a ^ round_function(b, round_keys[round]);
        a = b;
        b = next;
    }
    return (uint64_t)a << 32 | b;
}

static inline void pair_of_key(const uint32_t *round_keys, uint64_t key, uint32_t *a, uint32_t *b) {
    *a = (uint32_t)(key >> 32);
    *b = (uint32_t)key;
    for (int round = 3; round >= 0; round--) {
        uint32_t before = *b ^ round_function(*a, round_keys[round]);
        *b = *a;
        *a = before;
    }
}

cooccur *cooccur_new(int64_t window, rng_key key, size_t max_bytes, const char *folder) {
    CHECK(window >= 1 && window <= COOCCUR_WIDEST, "a window of %lld words", (long long)window);
    cooccur *c = mem_new(1, sizeof *c);
    c->window = window;
    memcpy(c->round_keys, rng_at(key, 0).w, sizeof c->round_keys);
    c->ids = mem_new(COOCCUR_WIDEST + BLOCK, sizeof *c->ids);
    for (int64_t d = 1; d <= window; d++) c->weights[d] = (UNIT + (uint64_t)d / 2) / (uint64_t)d;
    c->n_tables = thread_count();
    c->bytes_per_table = max_bytes / (size_t)c->n_tables;
    c->tables = mem_new((size_t)c->n_tables, sizeof *c->tables);
    for (int p = 0; p < c->n_tables; p++)
        c->tables[p] = cooccur_table_new(c->bytes_per_table, c->n_tables, folder);
    return c;
}

void cooccur_free(cooccur *c) {
    if (!c) return;
    for (int p = 0; p < c->n_tables; p++) cooccur_table_free(&c->tables[p]);
    free(c->tables);
    free(c->ids);
    free(c);
}

/* Sums on their way to a table: by the time they are added their slots are in the cache. */
typedef struct queue {
    cooccur_sum sums[256 + COOCCUR_WIDEST];
    int64_t n;
} queue;

static void flush(cooccur_table *t, queue *q) {
    for (int64_t i = 0; i < q->n; i++) cooccur_table_add(t, q->sums[i].key, q->sums[i].sum);
    q->n = 0;
}

/* Queues the pairs of the word at `position` and those before it whose sums are in table p. The
 * matrix is symmetric: one half of it is counted. */
static void queue_pairs(const cooccur *c, int p, int64_t position, queue *q) {
    const int32_t *at = c->ids + position;
    int64_t window = position < c->window ? position : c->window;
    for (int64_t d = 1; d <= window && at[-d] != 0; d++) {
        int32_t low = at[0] < at[-d] ? at[0] : at[-d], high = at[0] < at[-d] ? at[-d] : at[0];
        uint64_t key = key_of_pair(c->round_keys, (uint32_t)low, (uint32_t)high);
        if (cooccur_high_product(key, (uint64_t)c->n_tables) != (uint64_t)p) continue;
        __builtin_prefetch(cooccur_home(&c->tables[p], key), 1);
        q->sums[q->n++] = (cooccur_sum){key, c->weights[d]};
    }
}

static void count_into_table(const cooccur *c, int p) {
    queue q;
    q.n = 0;
    for (int64_t position = c->n_past; position < c->n; position++) {
        if (c->ids[position] == 0) continue;
        queue_pairs(c, p, position, &q);
        if (q.n >= 256) flush(&c->tables[p], &q);
    }
    flush(&c->tables[p], &q);
}

static bool check_tables(const cooccur *c, err *e) {
    for (int p = 0; p < c->n_tables; p++)
        if (c->tables[p].error.code != ERR_NONE) *e = c->tables[p].error;
    return e->code == ERR_NONE;
}

/* Every thread goes over the whole block and counts the pairs of its own table. */
static bool count_block(cooccur *c, err *e) {
#pragma omp parallel for schedule(static, 1)
    for (int p = 0; p < c->n_tables; p++) count_into_table(c, p);
    int64_t past = c->n < c->window ? c->n : c->window;
    memmove(c->ids, c->ids + c->n - past, (size_t)past * sizeof *c->ids);
    c->n_past = c->n = past;
    return check_tables(c, e);
}

bool cooccur_add(cooccur *c, const int32_t *ids, int64_t n, err *e) {
    for (int64_t i = 0; i < n; i++) {
        CHECK(ids[i] >= 0, "word id %d", ids[i]);
        c->ids[c->n++] = ids[i];
        if (c->n == COOCCUR_WIDEST + BLOCK && !count_block(c, e)) return false;
    }
    return true;
}

/* Writes what a table holds: each pair once, one half of them turned round, or `turned` against
 * that. A word beside itself is met from both places, and turned it is the same. */
static bool write_table(const cooccur *c, const cooccur_table *t, bool turned, FILE *stream,
                        err *e) {
    cooccur_merge m;
    cooccur_sum sum;
    bool ok = cooccur_merge_begin(&m, t, c->bytes_per_table, e);
    while (ok && cooccur_merge_next(&m, &sum, e)) {
        uint32_t a, b;
        pair_of_key(c->round_keys, sum.key, &a, &b);
        if (a == b && turned) continue;
        bool swap = turned != (sum.key & 1);
        double x = (double)sum.sum / (double)UNIT * (a == b ? 2 : 1);
        ag_cooccurrence record = {(int32_t)(swap ? b : a), (int32_t)(swap ? a : b), x};
        fwrite(&record, sizeof record, 1, stream);
    }
    cooccur_merge_free(&m);
    return e->code == ERR_NONE;
}

bool cooccur_finish(cooccur *c, const char *path, err *e) {
    if (!count_block(c, e)) return false;
#pragma omp parallel for schedule(static, 1)
    for (int p = 0; p < c->n_tables; p++) cooccur_table_close(&c->tables[p]);
    file_writer w;
    if (!check_tables(c, e) || !file_begin(&w, path, e)) return false;
    bool ok = true;
    for (int turned = 0; turned < 2; turned++)
        for (int p = 0; ok && p < c->n_tables; p++)
            ok = write_table(c, &c->tables[p], turned, w.stream, e);
    if (ok) return file_commit(&w, e);
    file_discard(&w);
    return false;
}
