/* The usual benchmarks: analogy questions and word pairs with human similarity. */
#ifndef EMBED_EVALUATE_H
#define EMBED_EVALUATE_H

#include "base/err.h"
#include "embed/analogy.h"

typedef struct embed_section {
    const char *name;     /* released with the embed_analogies it is in */
    int64_t n, n_correct; /* questions asked and answered right */
    int64_t n_skipped;    /* a word is not in the vocabulary or beyond the cut */
    bool syntactic;       /* its name begins with "gram", as in questions-words.txt */
} embed_section;

typedef struct embed_analogies {
    embed_section *sections;
    int64_t n_sections;
    embed_section semantic, syntactic, all; /* totals; names are static */
    /* 95 % interval of the share right in `all`, by bootstrap over questions; NaN for none asked */
    double low, high;
} embed_analogies;

/* Answers the questions of a file in the form of questions-words.txt (": section" and "a b c d")
 * as compute-accuracy.c does: top 1 of b - a + c among the first restrict_n words (0 = all) without
 * the query's three; names are compared in upper case (ASCII), the first of equals counts. Answers
 * run in batches through gemm. A malformed line is an error with its number. Release with
 * embed_analogies_free in any case. */
bool embed_evaluate_analogies(const embed_table *table, const char *path, int64_t restrict_n,
                              embed_method method, embed_analogies *out, err *e);
/* The same over question text in memory, called `name` in errors. */
bool embed_evaluate_analogy_text(const embed_table *table, const char *text, size_t n,
                                 const char *name, int64_t restrict_n, embed_method method,
                                 embed_analogies *out, err *e);
void embed_analogies_free(embed_analogies *a);

/* Figures that so few pairs leave undefined are NaN. */
typedef struct embed_pairs {
    int64_t n, n_skipped;     /* pairs scored; pairs with a word that is not in the vocabulary */
    double spearman, pearson; /* of cosine and human score; ties have their mean rank */
    double low, high;         /* 95 % interval of spearman: bootstrap over pairs */
} embed_pairs;

/* Scores a file of "word TAB word TAB score" lines (lines that start with # are comments, further
 * columns are ignored, blanks serve as tabs; a first line whose third column is no number is a
 * header). Words are found as written, else by their lower-case form. */
bool embed_evaluate_pairs(const embed_table *table, const char *path, int64_t restrict_n,
                          embed_pairs *out, err *e);

#endif
