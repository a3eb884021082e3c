#include "train/alias.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdlib.h>

static uint32_t as_threshold(double share) {
    return share >= 1 ? UINT32_MAX : (uint32_t)(share * 0x1p32);
}

alias_table alias_new(const double *weights, int64_t n) {
    alias_table t = {n, mem_new((size_t)n, sizeof *t.threshold),
                     mem_new((size_t)n, sizeof *t.other)};
    double *share = mem_new((size_t)n, sizeof *share), total = 0;
    int32_t *small = mem_new((size_t)n, sizeof *small), *large = mem_new((size_t)n, sizeof *large);
    int64_t n_small = 0, n_large = 0;
    for (int64_t i = 0; i < n; i++) total += weights[i];
    CHECK(total > 0, "a distribution of %lld weights without any", (long long)n);
    for (int64_t i = 0; i < n; i++) {
        share[i] = weights[i] / total * (double)n;
        if (share[i] < 1)
            small[n_small++] = (int32_t)i;
        else
            large[n_large++] = (int32_t)i;
    }
    while (n_small && n_large) {
        int32_t less = small[--n_small], more = large[n_large - 1];
        t.threshold[less] = as_threshold(share[less]);
        t.other[less] = more;
        share[more] -= 1 - share[less];
        if (share[more] < 1) {
            n_large--;
            small[n_small++] = more;
        }
    }
    for (int64_t i = 0; i < n_large; i++) t.other[large[i]] = large[i];
    for (int64_t i = 0; i < n_small; i++) t.other[small[i]] = small[i];
    free(share);
    free(small);
    free(large);
    return t;
}

void alias_free(alias_table *t) {
    free(t->threshold);
    free(t->other);
    *t = (alias_table){0};
}
