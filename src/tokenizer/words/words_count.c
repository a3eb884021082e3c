#include "tokenizer/words/words.h"

#include "base/mem.h"
#include "base/thread.h"
#include "tokenizer/vocab.h"
#include "tokenizer/words/text_blocks.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What a word takes beside its bytes, at most: its count, its place, and its slots in a table that
 * has just doubled. */
enum { BYTES_A_WORD = sizeof(int64_t) + sizeof(size_t) + 4 * sizeof(vocab_slot) };

/* The words of a part of the text; id 0 is </s>. */
typedef struct tally {
    vocab seen;
    int64_t *counts; /* seen.capacity */
} tally;

static void tally_add(tally *t, text_word word, int64_t count) {
    int32_t size = t->seen.size;
    size_t capacity = t->seen.capacity;
    int32_t id = vocab_add(&t->seen, word.bytes, word.length);
    if (t->seen.capacity > capacity)
        t->counts = mem_resize(t->counts, t->seen.capacity, sizeof *t->counts);
    t->counts[id] = id == size ? count : t->counts[id] + count;
}

static tally tally_new(void) {
    tally t = {0};
    tally_add(&t, (text_word){"</s>", 4}, 0);
    return t;
}

static void tally_free(tally *t) {
    vocab_free(&t->seen);
    free(t->counts);
    *t = (tally){0};
}

/* Depends on the words alone, not on how they came. */
static size_t tally_bytes(const tally *t) {
    return t->seen.bytes.len + (size_t)t->seen.size * BYTES_A_WORD;
}

/* Moves what `from` counted more than `least` times, and </s>, to `to`. */
static void tally_move(tally *to, tally *from, int64_t least) {
    for (int32_t id = 0; id < from->seen.size; id++) {
        if (id > 0 && from->counts[id] <= least) continue;
        text_word word = {0};
        word.bytes = vocab_piece(&from->seen, id, &word.length);
        tally_add(to, word, from->counts[id]);
    }
    tally_free(from);
}

static void tally_block(tally *t, text_rest rest) {
    for (text_word word; text_next(&rest, &word);) {
        if (word.length)
            tally_add(t, word, 1);
        else
            t->counts[0]++;
    }
}

/* A tally a thread. Which words are forgotten, and when, is decided from their union after fixed
 * stretches of text, so that it does not depend on the number of threads. */
typedef struct counting {
    tally *tallies;
    char **buffers; /* TEXT_BUFFER each */
    int n_threads;
    size_t max_bytes;
    int64_t least; /* words seen so often are forgotten next */
} counting;

static counting counting_new(size_t max_bytes) {
    size_t bound = (size_t)VOCAB_MAX_IDS / 2 * BYTES_A_WORD;
    counting c = {.n_threads = thread_count(), .least = 1};
    c.max_bytes = max_bytes < bound ? max_bytes : bound;
    c.tallies = mem_new((size_t)c.n_threads, sizeof *c.tallies);
    c.buffers = mem_new((size_t)c.n_threads, sizeof *c.buffers);
    for (int t = 0; t < c.n_threads; t++) {
        c.tallies[t] = tally_new();
        c.buffers[t] = mem_new(TEXT_BUFFER, 1);
    }
    return c;
}

static void counting_free(counting *c) {
    for (int t = 0; t < c->n_threads; t++) {
        tally_free(&c->tallies[t]);
        free(c->buffers[t]);
    }
    free(c->tallies);
    free(c->buffers);
}

static bool count_round(counting *c, const text_blocks *text, int64_t first, err *e) {
    int64_t end = first + TEXT_ROUND < text->n ? first + TEXT_ROUND : text->n;
    bool ok = true;
#pragma omp parallel for schedule(dynamic) reduction(&& : ok) num_threads(c->n_threads)
    for (int64_t i = first; i < end; i++) {
        int t = omp_get_thread_num();
        text_rest rest;
        err mine = {0};
        if (text_read(text, i, c->buffers[t], &rest, &mine)) {
            tally_block(&c->tallies[t], rest);
            continue;
        }
        ok = false;
#pragma omp critical
        err_set(e, mine.code, "%s", mine.message);
    }
    return ok;
}

/* Brings all tallies into the first. */
static void unite(counting *c) {
    for (int t = 1; t < c->n_threads; t++) {
        tally_move(&c->tallies[0], &c->tallies[t], 0);
        c->tallies[t] = tally_new();
    }
}

/* word2vec.c's ReduceVocab; returns whether anything was forgotten. */
static bool forget_rare(counting *c) {
    size_t bytes = 0;
    for (int t = 0; t < c->n_threads; t++) bytes += tally_bytes(&c->tallies[t]);
    if (bytes <= c->max_bytes) return false;
    unite(c);
    bool forgot = false;
    while (tally_bytes(&c->tallies[0]) > c->max_bytes && c->tallies[0].seen.size > 1) {
        tally kept = tally_new();
        tally_move(&kept, &c->tallies[0], c->least++);
        c->tallies[0] = kept;
        forgot = true;
    }
    return forgot;
}

typedef struct counted {
    const char *name;
    int64_t count;
} counted;

static int compare_counted(const void *a, const void *b) {
    const counted *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* The words of the tally that occur min_count times, in order, and </s>. */
static void select_words(words *w, const tally *t, int64_t min_count) {
    counted *kept = mem_new((size_t)t->seen.size, sizeof *kept);
    int64_t n = 0;
    for (int32_t id = 0; id < t->seen.size; id++) {
        size_t length;
        if (id == 0 || t->counts[id] >= min_count)
            kept[n++] = (counted){vocab_piece(&t->seen, id, &length), t->counts[id]};
    }
    qsort(kept + 1, (size_t)(n - 1), sizeof *kept, compare_counted);
    const char **names = mem_new((size_t)n, sizeof *names);
    int64_t *counts = mem_new((size_t)n, sizeof *counts);
    for (int64_t i = 0; i < n; i++) {
        names[i] = kept[i].name;
        counts[i] = kept[i].count;
    }
    words_of(w, names, counts, n);
    free(names);
    free(counts);
    free(kept);
}

bool words_count(words *w, const char *path, int64_t min_count, size_t max_bytes, bool *pruned,
                 err *e) {
    *w = (words){0};
    text_blocks text;
    bool ok = text_open(&text, path, e), forgot = false;
    counting c = counting_new(max_bytes);
    for (int64_t first = 0; ok && first < text.n; first += TEXT_ROUND) {
        ok = count_round(&c, &text, first, e);
        forgot |= forget_rare(&c);
    }
    text_close(&text);
    unite(&c);
    if (ok) select_words(w, &c.tallies[0], min_count);
    counting_free(&c);
    if (pruned) *pruned = forgot;
    if (ok && w->n == 1)
        return err_set(e, ERR_INPUT, "%s: no word occurs at least %lld times, expected some", path,
                       (long long)min_count);
    return ok;
}
