#include "embed/table.h"

#include "base/mem.h"
#include "tensor/gemm.h"

#include <math.h>
#include <stdlib.h>

embed_table embed_table_new(const real *rows, int64_t n, int64_t width) {
    embed_table table = {n, width, rows, mem_new((size_t)n, sizeof(real))};
    for (int64_t r = 0; r < n; r++)
        table.norms[r] = (real)sqrt(tensor_sum_squares(rows + r * width, width));
    return table;
}

void embed_table_free(embed_table *table) {
    free(table->norms);
    table->norms = NULL;
}

static int compare_neighbours(const void *a, const void *b) {
    const embed_neighbour *x = a, *y = b;
    if (x->cosine != y->cosine) return x->cosine < y->cosine ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

int64_t embed_nearest(const embed_table *table, int64_t row, int64_t k, embed_neighbour *out) {
    real *dots = mem_new((size_t)table->n, sizeof *dots);
    embed_neighbour *all = mem_new((size_t)table->n, sizeof *all);
    tensor rows = tensor_2d((real *)table->rows, table->n, table->width);
    tensor query = tensor_2d((real *)table->rows + row * table->width, table->width, 1);
    tensor y = tensor_2d(dots, table->n, 1);
    tensor_gemm(1, &rows, &query, 0, &y);
    int64_t n = 0;
    for (int64_t r = 0; r < table->n; r++) {
        double norms = (double)table->norms[r] * (double)table->norms[row];
        if (r != row) all[n++] = (embed_neighbour){r, norms > 0 ? dots[r] / norms : 0};
    }
    qsort(all, (size_t)n, sizeof *all, compare_neighbours);
    if (k > n) k = n;
    for (int64_t i = 0; i < k; i++) out[i] = all[i];
    free(all);
    free(dots);
    return k;
}
