#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"
#include "embed/evaluate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                                      \
    "evaluate RUN|FILE [--analogies FILE] [--pairs FILE,...] [--restrict_vocab N] "                \
    "[--method " EMBED_METHOD_NAMES "] [--limit N]"

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool print_pairs(const cli_vectors *v, const char *path, int name_width, err *e) {
    embed_pairs p;
    if (!embed_evaluate_pairs(&v->table, path, 0, &p, e)) return false;
    if (p.n < 3)
        return err_set(e, ERR_INPUT,
                       "%s: %lld of its %lld pairs are in the vocabulary of %s, at least 3 are "
                       "needed",
                       path, (long long)p.n, (long long)(p.n + p.n_skipped), v->name);
    printf("%-*s  Spearman %.3f (95 %% interval %.3f to %.3f), Pearson %.3f, %lld pairs, "
           "%lld skipped\n",
           name_width, base_name(path), p.spearman, p.low, p.high, p.pearson, (long long)p.n,
           (long long)p.n_skipped);
    return true;
}

enum { MOST_PAIRS = 32 };

/* Cuts "a,b,c" in place into items; returns how many there are, which may be above MOST_PAIRS. */
static int split(char *list, const char **items) {
    int n = 0;
    char *rest;
    for (char *item = strtok_r(list, ",", &rest); item; item = strtok_r(NULL, ",", &rest), n++)
        if (n < MOST_PAIRS) items[n] = item;
    return n;
}

static bool evaluate_pairs(const cli_vectors *v, const char *list, err *e) {
    const char *paths[MOST_PAIRS];
    char *text = mem_copy_string(list, strlen(list));
    int n = split(text, paths), name_width = 0;
    bool ok = n > 0 && n <= MOST_PAIRS;
    if (!ok)
        err_set(e, ERR_USAGE, "--pairs is '%s', expected 1 to %d files with commas between", list,
                MOST_PAIRS);
    for (int i = 0; ok && i < n; i++) {
        int length = (int)strlen(base_name(paths[i]));
        if (length > name_width) name_width = length;
    }
    for (int i = 0; ok && i < n; i++) ok = print_pairs(v, paths[i], name_width, e);
    free(text);
    return ok;
}

/* Widths of the columns. */
typedef struct columns {
    int name, count, skipped;
} columns;

static int digits(int64_t n) {
    return snprintf(NULL, 0, "%lld", (long long)n);
}

static columns measure(const embed_analogies *a) {
    columns c = {(int)strlen(a->syntactic.name), digits(a->all.n), digits(a->all.n_skipped)};
    for (int64_t i = 0; i < a->n_sections; i++) {
        int length = (int)strlen(a->sections[i].name);
        if (length > c.name) c.name = length;
    }
    return c;
}

static void print_section(const embed_section *s, columns c) {
    char percentage[16] = "-";
    if (s->n > 0)
        snprintf(percentage, sizeof percentage, "%.1f",
                 100.0 * (double)s->n_correct / (double)s->n);
    printf("%-*s  %5s %%  (%*lld / %*lld), %*lld skipped", c.name, s->name, percentage, c.count,
           (long long)s->n_correct, c.count, (long long)s->n, c.skipped, (long long)s->n_skipped);
}

static void print_analogies(const embed_analogies *a) {
    columns c = measure(a);
    for (int64_t i = 0; i < a->n_sections; i++) {
        print_section(&a->sections[i], c);
        putchar('\n');
    }
    print_section(&a->semantic, c);
    putchar('\n');
    print_section(&a->syntactic, c);
    putchar('\n');
    print_section(&a->all, c);
    printf(", 95 %% interval %.1f to %.1f\n", 100 * a->low, 100 * a->high);
}

static bool evaluate_analogies(const cli_vectors *v, const char *path, int64_t restrict_n,
                               embed_method method, err *e) {
    embed_analogies a;
    bool ok = embed_evaluate_analogies(&v->table, path, restrict_n, method, &a, e);
    if (ok && a.all.n == 0)
        ok = err_set(e, ERR_INPUT, "%s: no question has all its words in the vocabulary of %s",
                     path, v->name);
    if (ok) print_analogies(&a);
    embed_analogies_free(&a);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    int64_t restrict_n = 30000, limit = 0, threads = 0;
    const char *analogies = NULL, *pairs = NULL, *method = "3cosadd";
    const args_flag flags[] = {
        {"analogies", ARGS_TEXT, &analogies, 0, 0, "questions, as in questions-words.txt"},
        {"pairs", ARGS_TEXT, &pairs, 0, 0, "word pairs with scores, as in wordsim353.txt; a,b,c"},
        {"restrict_vocab", ARGS_INT, &restrict_n, 0, 1e9,
         "analogies among the first N words only (30000; 0 = all)"},
        {"method", ARGS_TEXT, &method, 0, 0, EMBED_METHOD_NAMES " (3cosadd)"},
        VECTORS_LIMIT(limit),
        ARGS_THREADS(threads)};
    args a;
    cli_vectors v;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    if (!analogies && !pairs)
        return err_set(e, ERR_USAGE,
                       "nothing to evaluate on: give --analogies FILE or --pairs FILE");
    int chosen = args_choice("method", method, EMBED_METHOD_NAMES, e);
    if (chosen < 0) return false;
    thread_set_count((int)threads);
    bool ok = vectors_open(&v, a.positional[0], limit, e);
    if (ok && pairs) ok = evaluate_pairs(&v, pairs, e);
    if (ok && analogies)
        ok = evaluate_analogies(&v, analogies, restrict_n, (embed_method)chosen, e);
    vectors_close(&v);
    return ok;
}

const cmd cmd_evaluate = {
    "evaluate", "RUN|FILE", "accuracy on analogy questions, correlation with human similarity",
    "Analogies: a line per section with the share of questions whose first answer is right. A "
    "question\nwith a word beyond the first N is skipped and not counted; names are compared without "
    "regard to\ncase; the words of a question are no answers to it: the rules of word2vec's "
    "compute-accuracy, whose\nN is 30000. gensim's evaluate_word_analogies asks among 300000: "
    "--restrict_vocab 300000.\nSections named gram... are the syntactic ones.\nPairs: the correlation "
    "of cosine and score, of their ranks (Spearman's rho) and their values\n(Pearson's), over the "
    "whole vocabulary. Intervals are a bootstrap's over the questions, or the pairs.",
    run};
