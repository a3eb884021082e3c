/* Analogies: king - man + woman. */
#ifndef EMBED_ANALOGY_H
#define EMBED_ANALOGY_H

#include "embed/table.h"

/* How candidates x are scored against the unit vectors of the query (Levy and Goldberg 2014). */
typedef enum embed_method {
    EMBED_3COSADD, /* cos(x, sum of positive - sum of negative): word2vec.c's and gensim's */
    EMBED_3COSMUL  /* product of (1 + cos(x, p)) / 2 over 1e-6 + product of (1 + cos(x, n)) / 2 */
} embed_method;
#define EMBED_METHOD_NAMES "3cosadd|3cosmul" /* in the order of the enum */

/* Plus and minus of a query, e.g. {king, woman} and {man}, as unit vectors (n, width); rows of the
 * query's own words are excluded from the answer. */
typedef struct embed_query {
    const real *positive, *negative;
    int64_t n_positive, n_negative;
    const int64_t *excluded;
    int64_t n_excluded;
    int64_t restrict_n; /* only the first so many rows answer; 0 = all */
    embed_method method;
} embed_query;

/* rows[0] + rows[1] - rows[2], the three excluded, by 3CosAdd. Their unit vectors are copied to
 * units (3, width); borrows both. */
embed_query embed_query_of_rows(const embed_table *table, const int64_t rows[3], real *units);

/* The k best answers, best first. Writes at most k and returns how many. */
int64_t embed_analogy(const embed_table *table, const embed_query *query, int64_t k,
                      embed_neighbour *out);
/* The place of `row` among the answers, 1 = best; 0 where it is excluded or beyond restrict_n. */
int64_t embed_analogy_rank(const embed_table *table, const embed_query *query, int64_t row);
/* The score of a row, be it among the answers or not. */
double embed_analogy_score(const embed_table *table, const embed_query *query, int64_t row);

/* Of rows[0..n), n >= 3, the index of the one least like the mean of all unit vectors (gensim's
 * doesnt_match); cosines[0..n), unless NULL, gets the cosine of each with that mean. */
int64_t embed_odd_one_out(const embed_table *table, const int64_t *rows, int64_t n,
                          double *cosines);

#endif
