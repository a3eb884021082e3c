/* An embedding: a table of named rows, to be searched by direction. */
#ifndef EMBED_TABLE_H
#define EMBED_TABLE_H

#include "base/real.h"

#include <stdint.h>

typedef struct embed_table {
    int64_t n, width;
    const real *rows; /* (n, width), borrowed */
    real *norms;      /* Euclidean, n */
} embed_table;

typedef struct embed_neighbour {
    int64_t row;
    double cosine;
} embed_neighbour;

/* Makes a table over borrowed rows; release with embed_table_free. */
embed_table embed_table_new(const real *rows, int64_t n, int64_t width);
void embed_table_free(embed_table *table);

/* The k rows most similar to `row` by cosine, itself left out, most similar first; equals in row
 * order. Writes min(k, n - 1) neighbours and returns how many. */
int64_t embed_nearest(const embed_table *table, int64_t row, int64_t k, embed_neighbour *out);

#endif
