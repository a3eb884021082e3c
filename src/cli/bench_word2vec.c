#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/bench.h"
#include "train/word2vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                                      \
    "bench word2vec --dataset FILE [--threads N] [--epochs N] [--deterministic true|false] "       \
    "[--sg true|false]"

/* The text as ids, in memory. */
typedef struct text {
    int32_t *ids;
    int64_t n;
} text;

static bool append(void *context, const int32_t *ids, int64_t n) {
    text *t = context;
    memcpy(t->ids + t->n, ids, (size_t)n * sizeof *ids);
    t->n += n;
    return true;
}

static bool train(const config *c, const words *vocabulary, const text *t, err *e) {
    word2vec w;
    train_tokens tokens = train_tokens_of(t->ids, t->n);
    bool ok = word2vec_make(&w, c, vocabulary, &tokens, rng_from_seed((uint64_t)c->seed), e);
    if (ok) nn_word2vec_init(w.model, rng_from_seed((uint64_t)c->seed + 1));
    for (int64_t step = 0; ok && step < word2vec_steps(&w); step++) {
        double loss;
        int64_t n_told;
        word2vec_step(&w, step, &loss, &n_told);
    }
    word2vec_free(&w);
    return ok;
}

/* What a run does from the text to the vectors, but for the files. */
static bool time_training(const config *c, err *e) {
    words vocabulary = {0};
    text t = {0};
    double start = thread_clock();
    bool ok = words_count(&vocabulary, c->dataset, c->min_count, (size_t)c->memory << 20, NULL, e);
    if (ok) {
        t.ids = mem_new((size_t)vocabulary.total, sizeof *t.ids);
        ok = words_read(&vocabulary, c->dataset, append, &t, e) && train(c, &vocabulary, &t, e);
    }
    double seconds = thread_clock() - start, n = (double)(t.n * c->epochs);
    if (ok)
        printf("gradus %s words %.0f seconds %.2f words_per_s %.0f rss_mib %.0f\n", GRADUS_VERSION,
               n, seconds, n / seconds, (double)mem_peak_rss() / 1048576);
    words_free(&vocabulary);
    free(t.ids);
    return ok;
}

static bool read_bool(const char *name, const char *value, bool *out, err *e) {
    return str_to_bool(value, out) ||
           err_set(e, ERR_USAGE, "--%s is '%s', expected true or false", name, value);
}

bool bench_word2vec(int argc, char **argv, err *e) {
    const char *dataset = "", *deterministic = "true", *sg = "true";
    config c;
    cfg_defaults(&c);
    c.objective = TRAIN_WORD2VEC;
    c.sample = 1e-4;
    c.epochs = 1;
    const args_flag flags[] = {
        {"dataset", ARGS_TEXT, &dataset, 0, 0, "a text of words between blanks"},
        {"epochs", ARGS_INT, &c.epochs, 1, 1000, "times through the text (1)"},
        {"deterministic", ARGS_TEXT, &deterministic, 0, 0, "false = Hogwild (true)"},
        {"sg", ARGS_TEXT, &sg, 0, 0, "false = CBOW (true)"},
        ARGS_THREADS(c.threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, 0, USAGE, e))
        return false;
    if (!dataset[0]) return err_set(e, ERR_USAGE, "usage: gradus " USAGE);
    if (!read_bool("deterministic", deterministic, &c.deterministic, e) ||
        !read_bool("sg", sg, &c.sg, e))
        return false;
    if (strlen(dataset) >= sizeof c.dataset)
        return err_set(e, ERR_INPUT, "%.60s...: path too long", dataset);
    strcpy(c.dataset, dataset);
    if (!c.sg) c.alpha = 0.05;
    thread_set_count((int)c.threads);
    return time_training(&c, e);
}
