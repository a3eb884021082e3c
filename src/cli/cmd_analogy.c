#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"
#include "embed/analogy.h"

#include <stdio.h>
#include <stdlib.h>

#define USAGE                                                                                      \
    "analogy RUN|FILE A B C [--method " EMBED_METHOD_NAMES "] [-k N] [--expect WORD] "             \
    "[--restrict_vocab N] [--limit N]"

/* A - B + C as a query: its words in the order A, C, B. */
typedef struct question {
    cli_word words[3];
    int64_t excluded[3];
    real *units; /* (3, width) */
    embed_query query;
} question;

/* Looks the words up. Release with question_free in any case. */
static bool question_ask(question *q, const cli_vectors *v, const char *const *typed, err *e) {
    static const int order[] = {0, 2, 1};
    const int64_t width = v->table.width;
    q->units = mem_new((size_t)(3 * width), sizeof *q->units);
    q->query.positive = q->units;
    q->query.n_positive = 2;
    q->query.negative = q->units + 2 * width;
    q->query.n_negative = 1;
    q->query.excluded = q->excluded;
    for (int i = 0; i < 3; i++) {
        if (!vectors_find(v, typed[order[i]], &q->words[i], q->units + i * width, e)) return false;
        if (q->words[i].row >= 0) q->excluded[q->query.n_excluded++] = q->words[i].row;
    }
    return true;
}

static void question_free(question *q) {
    free(q->units);
}

static void print_best(const cli_vectors *v, const embed_query *query, int64_t k) {
    if (k > v->table.n) k = v->table.n;
    embed_neighbour *best = mem_new((size_t)k, sizeof *best);
    vectors_print(v, best, embed_analogy(&v->table, query, k, best));
    free(best);
}

/* Says where the expected word stands among the answers. */
static void print_expected(const cli_vectors *v, const embed_query *query, int64_t row) {
    const char *name = v->vectors.names[row];
    int64_t rank = embed_analogy_rank(&v->table, query, row);
    if (rank == 0) {
        bool beyond = query->restrict_n > 0 && row >= query->restrict_n;
        printf("%s is not among the answers: it is %s\n", name,
               beyond ? "beyond --restrict_vocab" : "a word of the question");
        return;
    }
    printf("expected: %s, rank %lld, score %.4f\n", name, (long long)rank,
           embed_analogy_score(&v->table, query, row));
}

static bool answer(const cli_vectors *v, question *q, const char *const *typed, const char *expect,
                   int64_t k, err *e) {
    if (!question_ask(q, v, typed, e)) return false;
    int64_t expected = expect ? vectors_find_row(v, expect, e) : -1;
    if (expect && expected < 0) return false;
    const char *a = q->words[0].name, *c = q->words[1].name, *b = q->words[2].name;
    printf("%s - %s + %s: %s is to %s as %s is to ...\n", a, b, c, b, a, c);
    print_best(v, &q->query, k);
    if (expect) print_expected(v, &q->query, expected);
    return true;
}

static bool run(int argc, char **argv, err *e) {
    int64_t k = 10, restrict_n = 0, limit = 0, threads = 0;
    const char *method = "3cosadd", *expect = NULL;
    const args_flag flags[] = {
        {"method", ARGS_TEXT, &method, 0, 0, EMBED_METHOD_NAMES " (3cosadd)"},
        {"k", ARGS_INT, &k, 1, 1e6, "answers to print (10)"},
        {"expect", ARGS_TEXT, &expect, 0, 0, "tell the rank and the score of this answer"},
        VECTORS_RESTRICT(restrict_n),
        VECTORS_LIMIT(limit),
        ARGS_THREADS(threads)};
    args a;
    cli_vectors v;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 4, 4, USAGE, e))
        return false;
    int chosen = args_choice("method", method, EMBED_METHOD_NAMES, e);
    if (chosen < 0) return false;
    thread_set_count((int)threads);
    question q = {.query = {.restrict_n = restrict_n, .method = (embed_method)chosen}};
    bool ok = vectors_open(&v, a.positional[0], limit, e) &&
              answer(&v, &q, a.positional + 1, expect, k, e);
    question_free(&q);
    vectors_close(&v);
    return ok;
}

const cmd cmd_analogy = {
    "analogy", "RUN|FILE A B C", "words for A - B + C: king - man + woman",
    "`gradus analogy RUN king man woman` asks for the words nearest to king - man + woman: man is "
    "to king\nas woman is to ... The three words themselves are left out of the answers.\n3cosadd "
    "scores a word by its cosine with the sum of the unit vectors (word2vec.c, gensim);\n3cosmul "
    "by cos(king) cos(woman) / cos(man), each moved into 0 to 1 (Levy and Goldberg 2014).",
    run};
