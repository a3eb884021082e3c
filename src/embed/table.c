#include "embed/table.h"

#include "base/mem.h"
#include "base/ngram.h"
#include "base/str.h"
#include "embed/search.h"

#include <stdlib.h>
#include <string.h>

void embed_table_update(embed_table *table) {
    int64_t width = table->width;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < table->n; r++)
        table->norms[r] = (real)embed_normalise(table->vectors->rows + r * width, width,
                                                table->units + r * width);
}

embed_table embed_table_new(const io_vectors *vectors) {
    int64_t n = vectors->n, width = vectors->width;
    embed_table table = {.vectors = vectors, .n = n, .width = width};
    table.units = mem_new_aligned((size_t)n * (size_t)width * sizeof(real));
    table.norms = mem_new((size_t)n, sizeof(real));
    embed_table_update(&table);
    table.names = embed_names_new(vectors->names, n, false);
    return table;
}

void embed_table_free(embed_table *table) {
    free(table->units);
    free(table->norms);
    embed_names_free(&table->names);
    *table = (embed_table){0};
}

int64_t embed_find(const embed_table *table, const char *name) {
    return embed_names_find(&table->names, name, strlen(name));
}

double embed_cosine(const embed_table *table, int64_t a, int64_t b) {
    const int64_t width = table->width;
    return embed_dot(table->units + a * width, table->units + b * width, width);
}

/* The direction of the mean of a name's n-grams' rows; false where it has none. */
static bool unit_of_ngrams(const embed_table *table, const char *name, real *out) {
    const io_subwords *s = &table->vectors->subwords;
    if (!s->rows) return false;
    size_t length = strlen(name);
    int64_t n = ngram_buckets(name, length, s->min_n, s->max_n, s->bucket, NULL, 0);
    int32_t *buckets = mem_new((size_t)n, sizeof *buckets);
    double *sum = mem_new((size_t)table->width, sizeof *sum);
    ngram_buckets(name, length, s->min_n, s->max_n, s->bucket, buckets, n);
    for (int64_t g = 0; g < n; g++)
        for (int64_t i = 0; i < table->width; i++)
            sum[i] += (double)s->rows[buckets[g] * table->width + i];
    for (int64_t i = 0; i < table->width; i++) out[i] = (real)(sum[i] / (double)(n ? n : 1));
    embed_normalise(out, table->width, out);
    free(sum);
    free(buckets);
    return n > 0;
}

bool embed_unit_of(const embed_table *table, const char *name, real *out) {
    int64_t row = embed_find(table, name);
    if (row < 0) return unit_of_ngrams(table, name, out);
    memcpy(out, table->units + row * table->width, (size_t)table->width * sizeof *out);
    return true;
}

const char *embed_nearest_name(const embed_table *table, const char *name) {
    return str_nearest(name, (const char *const *)table->vectors->names, (size_t)table->n);
}

int64_t embed_nearest(const embed_table *table, const real *vector, const int64_t *excluded,
                      int64_t n_excluded, int64_t restrict_n, int64_t k, embed_neighbour *out) {
    int64_t n = embed_n_candidates(table, restrict_n);
    double *scores = mem_new((size_t)n, sizeof *scores);
    embed_cosines(table, vector, n, scores);
    embed_exclude(scores, n, excluded, n_excluded);
    int64_t n_found = embed_best(scores, n, k, out);
    free(scores);
    return n_found;
}
