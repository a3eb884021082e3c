/* Runs of word vectors that take a moment: the text of tiny_run.h, longer, and small vectors. After
 * cmocka.h. */
#ifndef TESTS_TRAIN_TINY_VECTORS_H
#define TESTS_TRAIN_TINY_VECTORS_H

#include "same_run.h"
#include "train/kingdom.h"
#include "train/run.h"

/* A kind of training. */
typedef struct variant {
    const char *name;
    bool cbow, hs;
    int64_t negative;
    bool unshared, ngrams, glove;
} variant;

static const variant variants[] = {
    {"skip-gram", .negative = 3},
    {"cbow", .cbow = true, .negative = 3},
    {"skip-gram_hs", .hs = true},
    {"cbow_hs", .cbow = true, .hs = true},
    {"both_losses", .hs = true, .negative = 3},
    {"unshared", .unshared = true, .negative = 3},
    {"n-grams", .ngrams = true, .negative = 3},
    {"cbow_n-grams_hs", .cbow = true, .ngrams = true, .hs = true},
    {"glove", .glove = true},
};
enum { N_VARIANTS = sizeof variants / sizeof *variants };

enum { TINY_EPOCHS = 4, TINY_WIDTH = 12 }; /* rows are padded */

static inline config vectors_config(const variant *v) {
    config c = tiny_config();
    c.objective = v->glove ? TRAIN_GLOVE : TRAIN_WORD2VEC;
    c.sg = !v->cbow;
    c.hs = v->hs;
    c.negative = v->negative;
    c.shared_negatives = !v->unshared;
    c.min_n = v->ngrams ? 3 : 0;
    c.max_n = v->ngrams ? 5 : 0;
    c.bucket = 500;
    c.vector_size = TINY_WIDTH;
    c.window = 3;
    c.sample = 1e-2;
    c.alpha = 0.05;
    c.epochs = TINY_EPOCHS;
    c.memory = 16;
    return c;
}

/* Writes n sentences as FOLDER/NAME. */
static inline void write_kingdom(const char *name, int64_t n, uint64_t seed) {
    FILE *text = fopen(folder_path(name), "w");
    assert_non_null(text);
    train_kingdom_write(text, n, seed);
    fclose(text);
}

/* Two jobs of text, the second of which ends within a mini-batch. */
static inline int vectors_set_up(void **state) {
    if (tiny_set_up(state) != 0) return -1;
    write_kingdom("text.txt", 1000, 1);
    return 0;
}

static inline witness train_vectors(const config *c, const char *run, train_start start) {
    err e = {0};
    witness w = {0};
    if (!tiny_train(c, run, start, &w, &e)) fail_msg("%s: %s", run, e.message);
    return w;
}

/* Trains until the step after which somebody presses Ctrl-C. */
static inline void train_vectors_until(const config *c, const char *run, train_start start,
                                       int64_t step) {
    err e = {0};
    witness w = {.stop_at = step};
    assert_false(tiny_train(c, run, start, &w, &e));
    assert_int_equal(e.code, ERR_INTERRUPTED);
    char expected[64];
    snprintf(expected, sizeof expected, "interrupted at step %lld; saved", (long long)step);
    assert_non_null(strstr(e.message, expected));
}

/* The vectors of FOLDER/RUN; release with io_vectors_free. */
static inline io_vectors vectors_of(const char *run) {
    char path[512];
    err e = {0};
    io_vectors v;
    snprintf(path, sizeof path, "%s", folder_path(run));
    if (!train_run_vectors(&v, path, &e)) fail_msg("%s", e.message);
    return v;
}

#endif
