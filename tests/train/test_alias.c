#include "train/alias.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

enum { MOST = 3000, DRAWS = 1 << 20 };

/* What the table gives each weight, counted over all thresholds: a place holds 1 / n, its threshold
 * of that goes to itself and the rest to the other. */
static void shares_of(const alias_table *t, double *share) {
    memset(share, 0, (size_t)t->n * sizeof *share);
    for (int64_t i = 0; i < t->n; i++) {
        assert_in_range(t->other[i], 0, t->n - 1);
        share[i] += t->threshold[i] * 0x1p-32 / (double)t->n;
        share[t->other[i]] += (1 - t->threshold[i] * 0x1p-32) / (double)t->n;
    }
}

/* Each place loses less than 2^-32 of itself to rounding. */
static void assert_shares(const double *weights, int64_t n) {
    static double share[MOST];
    alias_table t = alias_new(weights, n);
    double total = 0;
    assert_int_equal(t.n, n);
    shares_of(&t, share);
    for (int64_t i = 0; i < n; i++) total += weights[i];
    for (int64_t i = 0; i < n; i++) {
        assert_near(share[i], weights[i] / total, 0x1p-31);
        if (weights[i] == 0) assert_true(share[i] == 0);
    }
    alias_free(&t);
    assert_null(t.threshold);
}

static void test_shares_are_the_weights(void **state) {
    (void)state;
    static const double equal[] = {3, 3, 3, 3}, one[] = {0.25}, skewed[] = {1e-9, 1, 1e9},
                        zeros[] = {0, 5, 0, 0, 2, 0}, only[] = {0, 0, 7};
    static double words[MOST];
    assert_shares(equal, COUNT(equal));
    assert_shares(one, COUNT(one));
    assert_shares(skewed, COUNT(skewed));
    assert_shares(zeros, COUNT(zeros));
    assert_shares(only, COUNT(only));
    for (int i = 1; i < MOST; i++) words[i] = pow(1e6 / i, 0.75); /* words[0] stays 0 */
    for (int64_t n = 2; n <= MOST; n += n < 50 ? 1 : 59) assert_shares(words, n);
    for (int i = 0; i < MOST; i++) words[i] = i % 3 ? 0 : 1 / (1.0 + i);
    assert_shares(words, MOST);
}

/* The random words next to every border between places and between the sides of a place. */
static void test_draws_at_the_borders(void **state) {
    (void)state;
    double weights[97];
    for (int i = 0; i < 97; i++) weights[i] = i % 11 ? i : 0;
    alias_table t = alias_new(weights, 97);
    for (uint64_t i = 0; i < 97; i++) {
        uint64_t begin = ((i << 32) + 96) / 97, border = ((i << 32) + t.threshold[i] + 96) / 97;
        uint64_t end = ((i + 1) << 32) / 97;
        if (t.threshold[i]) assert_int_equal(alias_draw(&t, (uint32_t)begin), i);
        if (border > begin) assert_int_equal(alias_draw(&t, (uint32_t)border - 1), i);
        if (border < end) assert_int_equal(alias_draw(&t, (uint32_t)border), t.other[i]);
        if (border < end) assert_int_equal(alias_draw(&t, (uint32_t)end - 1), t.other[i]);
    }
    assert_int_equal(alias_draw(&t, UINT32_MAX), t.threshold[96] == UINT32_MAX ? 96 : t.other[96]);
    alias_free(&t);
}

/* Pearson's chi-square of a million draws: within five standard deviations of its mean. */
static void test_frequencies(void **state) {
    (void)state;
    enum { N = 500 };
    static double weights[N];
    static uint32_t random[DRAWS];
    static int64_t count[N];
    double total = 0, chi_square = 0;
    for (int i = 0; i < N; i++) total += weights[i] = i % 4 == 2 ? 0 : pow(N - i, 0.75);
    alias_table t = alias_new(weights, N);
    rng_fill_words(rng_from_seed(1), random, DRAWS);
    for (int i = 0; i < DRAWS; i++) count[alias_draw(&t, random[i])]++;
    int freedom = -1;
    for (int i = 0; i < N; i++) {
        double expected = weights[i] / total * DRAWS;
        if (expected == 0) {
            assert_int_equal(count[i], 0);
            continue;
        }
        freedom++;
        chi_square += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
    }
    assert_near(chi_square, freedom, 5 * sqrt(2.0 * freedom));
    alias_free(&t);
}

static void test_one_weight(void **state) {
    (void)state;
    alias_table t = alias_new((double[]){0.5}, 1);
    for (uint64_t i = 0; i <= UINT32_MAX; i += 12345677)
        assert_int_equal(alias_draw(&t, (uint32_t)i), 0);
    assert_int_equal(alias_draw(&t, UINT32_MAX), 0);
    alias_free(&t);
}

static void no_weight(void) {
    alias_new((double[]){0, 0}, 2);
}

static void test_no_weight_is_a_bug(void **state) {
    (void)state;
    assert_bug(no_weight, "a distribution of 2 weights without any");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_are_the_weights),
        cmocka_unit_test(test_draws_at_the_borders),
        cmocka_unit_test(test_frequencies),
        cmocka_unit_test(test_one_weight),
        cmocka_unit_test(test_no_weight_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
