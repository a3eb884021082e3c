#include "embed/analogy.h"

#include "base/check.h"
#include "base/mem.h"
#include "embed/search.h"

#include <stdlib.h>
#include <string.h>

/* scores[0..n) = cosines with the sum of positive less the sum of negative. */
static void score_3cosadd(const embed_table *table, const embed_query *q, int64_t n,
                          double *scores) {
    int64_t width = table->width;
    real *target = mem_new((size_t)width, sizeof *target);
    for (int64_t i = 0; i < width; i++) {
        double sum = 0;
        for (int64_t p = 0; p < q->n_positive; p++) sum += (double)q->positive[p * width + i];
        for (int64_t m = 0; m < q->n_negative; m++) sum -= (double)q->negative[m * width + i];
        target[i] = (real)sum;
    }
    embed_cosines(table, target, n, scores);
    free(target);
}

/* The product of (1 + cos) / 2 of a unit vector with each of the units (n, width). */
static double product_of_cosines(const real *unit, const real *units, int64_t n, int64_t width) {
    double product = 1;
    for (int64_t i = 0; i < n; i++) product *= (1 + embed_dot(unit, units + i * width, width)) / 2;
    return product;
}

static void score_3cosmul(const embed_table *table, const embed_query *q, int64_t n,
                          double *scores) {
    int64_t width = table->width;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < n; r++) {
        const real *unit = table->units + r * width;
        scores[r] = product_of_cosines(unit, q->positive, q->n_positive, width) /
                    (product_of_cosines(unit, q->negative, q->n_negative, width) + 1e-6);
    }
}

embed_query embed_query_of_rows(const embed_table *table, const int64_t rows[3], real *units) {
    const size_t width = (size_t)table->width;
    for (size_t i = 0; i < 3; i++)
        memcpy(units + i * width, table->units + (size_t)rows[i] * width, width * sizeof *units);
    return (embed_query){.positive = units,
                         .n_positive = 2,
                         .negative = units + 2 * width,
                         .n_negative = 1,
                         .excluded = rows,
                         .n_excluded = 3};
}

/* The scores of the first n rows; free with free. */
static double *scores_of_rows(const embed_table *table, const embed_query *q, int64_t n) {
    double *scores = mem_new((size_t)n, sizeof *scores);
    if (q->method == EMBED_3COSMUL)
        score_3cosmul(table, q, n, scores);
    else
        score_3cosadd(table, q, n, scores);
    return scores;
}

/* The score of each candidate, *n of them; free with free. */
static double *scores_of(const embed_table *table, const embed_query *q, int64_t *n) {
    *n = embed_n_candidates(table, q->restrict_n);
    double *scores = scores_of_rows(table, q, *n);
    embed_exclude(scores, *n, q->excluded, q->n_excluded);
    return scores;
}

int64_t embed_analogy(const embed_table *table, const embed_query *query, int64_t k,
                      embed_neighbour *out) {
    int64_t n;
    double *scores = scores_of(table, query, &n);
    int64_t n_found = embed_best(scores, n, k, out);
    free(scores);
    return n_found;
}

int64_t embed_analogy_rank(const embed_table *table, const embed_query *query, int64_t row) {
    int64_t n, rank = 0;
    double *scores = scores_of(table, query, &n);
    if (row < n && scores[row] > EMBED_EXCLUDED) {
        rank = 1;
        for (int64_t r = 0; r < n; r++)
            rank += scores[r] > scores[row] || (r < row && scores[r] == scores[row]);
    }
    free(scores);
    return rank;
}

double embed_analogy_score(const embed_table *table, const embed_query *query, int64_t row) {
    double *scores = scores_of_rows(table, query, row + 1), score = scores[row];
    free(scores);
    return score;
}

int64_t embed_odd_one_out(const embed_table *table, const int64_t *rows, int64_t n,
                          double *cosines) {
    CHECK(n >= 3, "the odd one out of %lld", (long long)n);
    int64_t width = table->width, odd = 0;
    real *mean = mem_new((size_t)width, sizeof *mean);
    for (int64_t i = 0; i < width; i++) {
        double sum = 0;
        for (int64_t w = 0; w < n; w++) sum += (double)table->units[rows[w] * width + i];
        mean[i] = (real)(sum / (double)n);
    }
    embed_normalise(mean, width, mean);
    double least = INFINITY;
    for (int64_t w = 0; w < n; w++) {
        double cosine = embed_dot(table->units + rows[w] * width, mean, width);
        if (cosine < least) {
            least = cosine;
            odd = w;
        }
        if (cosines) cosines[w] = cosine;
    }
    free(mean);
    return odd;
}
