#include "train/draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

enum { MOST = 3000 };

typedef struct candidate {
    double weight;
    real logit;
    int32_t id;
} candidate;

static int compare(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->logit != y->logit) return x->logit < y->logit ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The rule by its words: all tokens sorted, cut, and walked from the likeliest on. */
static int32_t slow_draw(const real *logits, int64_t V, const train_sampling *s,
                         rng_stream *random) {
    static candidate c[MOST];
    double sum = 0, kept = 0;
    for (int32_t v = 0; v < V; v++) c[v] = (candidate){0, logits[v], v};
    qsort(c, (size_t)V, sizeof *c, compare);
    if (s->temperature == 0) return c[0].id;
    int64_t n = s->top_k > 0 && s->top_k < V ? s->top_k : V, n_kept = 0;
    for (int64_t i = 0; i < n; i++) {
        c[i].weight = exp(((double)c[i].logit - (double)c[0].logit) / s->temperature);
        sum += c[i].weight;
    }
    while (n_kept < n && kept < s->top_p * sum) kept += c[n_kept++].weight;
    double point = rng_next_unit(random) * kept;
    for (int64_t i = 0; i < n_kept; i++)
        if ((point -= c[i].weight) < 0) return c[i].id;
    return c[n_kept - 1].id;
}

static const train_sampling samplings[] = {
    {0, 0, 1},    {1, 0, 1},      {0.8, 200, 1}, {1, 1, 1},    {2, 7, 0.5},      {1, 0, 0.9},
    {1, 0, 1e-6}, {100, 0, 0.99}, {1e-3, 0, 1},  {1e-6, 0, 1}, {1, MOST - 1, 1},
};

static void check_draws(const real *logits, int64_t V) {
    train_drawer *d = train_drawer_new(V);
    for (size_t i = 0; i < COUNT(samplings); i++) {
        rng_stream a = {.key = rng_from_seed(i)}, b = a;
        for (int k = 0; k < 40; k++)
            assert_int_equal(train_draw(d, logits, &samplings[i], &a),
                             slow_draw(logits, V, &samplings[i], &b));
    }
    train_drawer_free(d);
}

static void test_smooth_logits(void **state) {
    (void)state;
    static real logits[MOST];
    for (int64_t V = 1; V <= MOST; V = 3 * V + 2) {
        rng_fill_normal(rng_from_seed(1), logits, V, 3);
        check_draws(logits, V);
    }
}

/* Ties stand by rising id, in the likeliest, at the cut and among all. */
static void test_ties(void **state) {
    (void)state;
    static real logits[MOST];
    for (int v = 0; v < MOST; v++) logits[v] = (real)(v * 37 % 11);
    check_draws(logits, MOST);
    for (int v = 0; v < MOST; v++) logits[v] = -5;
    check_draws(logits, MOST);
}

/* One token far away from the others: all of those are in one bin. */
static void test_outliers(void **state) {
    (void)state;
    static real logits[MOST];
    rng_fill_normal(rng_from_seed(2), logits, MOST, 1);
    logits[77] = (real)1e30;
    check_draws(logits, MOST);
    logits[77] = (real)-1e30;
    check_draws(logits, MOST);
    logits[77] = -INFINITY;
    check_draws(logits, MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smooth_logits),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_outliers),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
