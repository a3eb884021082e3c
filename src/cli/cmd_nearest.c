#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"

#include <stdlib.h>

#define USAGE "nearest RUN|FILE WORD [-k N] [--restrict_vocab N] [--limit N]"

static bool print_nearest(const cli_vectors *v, const char *typed, int64_t restrict_n, int64_t k,
                          err *e) {
    cli_word word;
    real *unit = mem_new((size_t)v->table.width, sizeof *unit);
    bool ok = vectors_find(v, typed, &word, unit, e);
    if (ok) {
        if (k > v->table.n) k = v->table.n;
        embed_neighbour *found = mem_new((size_t)k, sizeof *found);
        int64_t n = embed_nearest(&v->table, unit, &word.row, word.row >= 0, restrict_n, k, found);
        vectors_print(v, found, n);
        free(found);
    }
    free(unit);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    int64_t k = 10, restrict_n = 0, limit = 0, threads = 0;
    const args_flag flags[] = {{"k", ARGS_INT, &k, 1, 1e6, "neighbours to print (10)"},
                               VECTORS_RESTRICT(restrict_n),
                               VECTORS_LIMIT(limit),
                               ARGS_THREADS(threads)};
    args a;
    cli_vectors v;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 2, 2, USAGE, e))
        return false;
    thread_set_count((int)threads);
    bool ok = vectors_open(&v, a.positional[0], limit, e) &&
              print_nearest(&v, a.positional[1], restrict_n, k, e);
    vectors_close(&v);
    return ok;
}

const cmd cmd_nearest = {
    "nearest", "RUN|FILE WORD", "the words whose vectors point the same way",
    "Prints the cosine of the angle between each neighbour's vector and the word's, nearest "
    "first.\nRUN is a folder made by `gradus train` or `gradus import`; the words of a GPT are its "
    "tokens, and\ntheir vectors the rows of the embedding matrix wte. FILE holds word vectors in "
    "any usual layout:\nword2vec's (binary or text), GloVe's, fastText's, npy, safetensors.\nA "
    "word that is not there as typed is looked up in lower case; fastText's files also give\n"
    "vectors to words that they do not have, from their n-grams.",
    run};
