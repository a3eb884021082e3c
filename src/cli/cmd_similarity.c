#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"
#include "embed/analogy.h"

#include <stdio.h>
#include <stdlib.h>

#define USAGE "similarity RUN|FILE A B [--limit N]"

/* Tells the place of b among the words nearest to a, whose unit vector is given. */
static void print_rank(const cli_vectors *v, const cli_word *a, const real *unit,
                       const cli_word *b) {
    embed_query query = {
        .positive = unit, .n_positive = 1, .excluded = &a->row, .n_excluded = a->row >= 0};
    if (b->row < 0 || b->row == a->row) return;
    printf("rank of %s among the neighbours of %s: %lld of %lld\n", b->name, a->name,
           (long long)embed_analogy_rank(&v->table, &query, b->row),
           (long long)(v->table.n - query.n_excluded));
}

static bool print_similarity(const cli_vectors *v, const char *const *typed, err *e) {
    const int64_t width = v->table.width;
    real *units = mem_new((size_t)(2 * width), sizeof *units);
    cli_word a, b;
    bool ok =
        vectors_find(v, typed[0], &a, units, e) && vectors_find(v, typed[1], &b, units + width, e);
    if (ok) {
        double cosine = 0;
        for (int64_t i = 0; i < width; i++) cosine += (double)units[i] * (double)units[width + i];
        printf("cosine of %s and %s: %.4f\n", a.name, b.name, cosine);
        print_rank(v, &a, units, &b);
        print_rank(v, &b, units + width, &a);
    }
    free(units);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    int64_t limit = 0, threads = 0;
    const args_flag flags[] = {VECTORS_LIMIT(limit), ARGS_THREADS(threads)};
    args a;
    cli_vectors v;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 3, 3, USAGE, e))
        return false;
    thread_set_count((int)threads);
    bool ok =
        vectors_open(&v, a.positional[0], limit, e) && print_similarity(&v, a.positional + 1, e);
    vectors_close(&v);
    return ok;
}

const cmd cmd_similarity = {
    "similarity", "RUN|FILE A B", "the cosine of two words, and how near neighbours they are",
    "The cosine is symmetric, the ranks are not: a rare word's nearest neighbour may be a frequent "
    "one\nthat has many words nearer to it. Rank 1 is the nearest neighbour.",
    run};
