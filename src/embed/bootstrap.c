#include "embed/bootstrap.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum { DRAWS = 1000 };

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value below which that share of sorted[0..n) lies, between neighbours linearly. */
static double percentile(const double *sorted, int64_t n, double share) {
    if (n == 0) return NAN;
    double place = share * (double)(n - 1);
    int64_t i = (int64_t)place, next = i + 1 < n ? i + 1 : i;
    return sorted[i] + (place - (double)i) * (sorted[next] - sorted[i]);
}

void embed_bootstrap(int64_t n, embed_statistic *statistic, const void *data, double *low,
                     double *high) {
    CHECK(n >= 0 && n <= UINT32_MAX, "a bootstrap over %lld items", (long long)n);
    double drawn[DRAWS];
    int64_t n_defined = 0;
    rng_key key = rng_from_seed(0);
#pragma omp parallel
    {
        uint32_t *sample = mem_new((size_t)n, sizeof *sample);
#pragma omp for schedule(static)
        for (int draw = 0; draw < DRAWS; draw++) {
            rng_stream stream = {rng_split(key, (uint64_t)draw), 0};
            for (int64_t i = 0; i < n; i++) sample[i] = rng_next_below(&stream, (uint32_t)n);
            drawn[draw] = statistic(sample, n, data);
        }
        free(sample);
    }
    for (int draw = 0; draw < DRAWS; draw++)
        if (!isnan(drawn[draw])) drawn[n_defined++] = drawn[draw];
    qsort(drawn, (size_t)n_defined, sizeof *drawn, compare);
    *low = percentile(drawn, n_defined, 0.025);
    *high = percentile(drawn, n_defined, 0.975);
}
