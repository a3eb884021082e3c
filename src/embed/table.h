/* An embedding: a table of named rows, to be searched by direction. Words, a GPT's tokens: all
 * commands about vectors work on this one type. */
#ifndef EMBED_TABLE_H
#define EMBED_TABLE_H

#include "base/real.h"
#include "embed/names.h"
#include "io/vectors.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct embed_table {
    const io_vectors *vectors; /* borrowed */
    int64_t n, width;          /* of the vectors */
    real *units; /* (n, width): the rows divided by their norms; zero rows stay zero */
    real *norms; /* Euclidean, n */
    embed_names names;
} embed_table;

typedef struct embed_neighbour {
    int64_t row;
    double score; /* cosine, or what the method says */
} embed_neighbour;

/* Makes a table over vectors that outlive it; release with embed_table_free. */
embed_table embed_table_new(const io_vectors *vectors);
/* Takes the vectors' numbers anew after they changed. */
void embed_table_update(embed_table *table);
void embed_table_free(embed_table *table);

/* The row of that name (the first where names repeat), or -1. */
int64_t embed_find(const embed_table *table, const char *name);
/* Copies the unit vector of a name to out[0..width): its row's, or, for a name without a row, the
 * mean of its n-grams' rows where the table has them. Returns false where there is neither. */
bool embed_unit_of(const embed_table *table, const char *name, real *out);
/* The cosine of two rows; 0 where one is zero. */
double embed_cosine(const embed_table *table, int64_t a, int64_t b);
/* The name most like a name that is missing, or NULL. Borrows. */
const char *embed_nearest_name(const embed_table *table, const char *name);

/* The k rows most similar to a vector (width) by cosine, most similar first, equals in row order,
 * without the rows excluded[0..n_excluded) and, unless restrict_n is 0, only among the first
 * restrict_n. Writes at most k and returns how many. */
int64_t embed_nearest(const embed_table *table, const real *vector, const int64_t *excluded,
                      int64_t n_excluded, int64_t restrict_n, int64_t k, embed_neighbour *out);

#endif
