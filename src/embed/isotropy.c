#include "embed/isotropy.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* sum[0..width) = the sum of all unit rows, each column by one thread in the order of rows. */
static void sum_units(const embed_table *table, double *sum) {
    enum { COLUMNS = 64 / sizeof(real) };
    int64_t width = table->width;
#pragma omp parallel for schedule(static)
    for (int64_t first = 0; first < width; first += COLUMNS) {
        int64_t end = first + COLUMNS < width ? first + COLUMNS : width;
        for (int64_t r = 0; r < table->n; r++)
            for (int64_t i = first; i < end; i++) sum[i] += (double)table->units[r * width + i];
    }
}

double embed_isotropy(const embed_table *table) {
    double *sum = mem_new((size_t)table->width, sizeof *sum), squares = 0, n = 0;
    sum_units(table, sum);
    for (int64_t i = 0; i < table->width; i++) squares += sum[i] * sum[i];
    for (int64_t r = 0; r < table->n; r++) n += table->norms[r] > 0;
    free(sum);
    return n < 2 ? NAN : 1 - (squares - n) / (n * (n - 1));
}
