#include "embed/correlation.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

double embed_pearson(const double *x, const double *y, int64_t n) {
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        double dx = x[i] - mean_x, dy = y[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx) / sqrt(yy) : NAN;
}

typedef struct item {
    double value;
    int64_t index;
} item;

static int compare(const void *a, const void *b) {
    double x = ((const item *)a)->value, y = ((const item *)b)->value;
    return (x > y) - (x < y);
}

static void rank(const double *x, int64_t n, item *items, double *ranks) {
    for (int64_t i = 0; i < n; i++) items[i] = (item){x[i], i};
    qsort(items, (size_t)n, sizeof *items, compare);
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && items[end].value == items[i].value;) end++;
        for (int64_t j = i; j < end; j++) ranks[items[j].index] = (double)(i + end + 1) / 2;
    }
}

double embed_spearman(const double *x, const double *y, int64_t n) {
    item *items = mem_new((size_t)n, sizeof *items);
    double *ranks = mem_new(2 * (size_t)n, sizeof *ranks);
    rank(x, n, items, ranks);
    rank(y, n, items, ranks + n);
    double rho = embed_pearson(ranks, ranks + n, n);
    free(ranks);
    free(items);
    return rho;
}
