#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"
#include "embed/analogy.h"

#include <stdio.h>

#define USAGE "odd-one-out RUN|FILE WORD WORD WORD... [--limit N]"

enum { MOST_WORDS = 64 };

static bool print_odd_one(const cli_vectors *v, const char *const *typed, int n, err *e) {
    int64_t rows[MOST_WORDS];
    double cosines[MOST_WORDS];
    for (int i = 0; i < n; i++)
        if ((rows[i] = vectors_find_row(v, typed[i], e)) < 0) return false;
    int64_t odd = embed_odd_one_out(&v->table, rows, n, cosines);
    for (int i = 0; i < n; i++) printf("%7.4f  %s\n", cosines[i], v->vectors.names[rows[i]]);
    printf("odd one out: %s\n", v->vectors.names[rows[odd]]);
    return true;
}

static bool run(int argc, char **argv, err *e) {
    int64_t limit = 0, threads = 0;
    const args_flag flags[] = {VECTORS_LIMIT(limit), ARGS_THREADS(threads)};
    args a;
    cli_vectors v;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 4, 1 + MOST_WORDS, USAGE,
                    e))
        return false;
    thread_set_count((int)threads);
    bool ok = vectors_open(&v, a.positional[0], limit, e) &&
              print_odd_one(&v, a.positional + 1, a.n_positional - 1, e);
    vectors_close(&v);
    return ok;
}

const cmd cmd_odd_one_out = {
    "odd-one-out", "RUN|FILE WORD WORD WORD...", "the word that does not fit with the others",
    "Prints the cosine of each word with the mean of all their unit vectors; the odd one is the "
    "word with\nthe lowest (gensim's doesnt_match).\nWords known by their n-grams only cannot take part.",
    run};
