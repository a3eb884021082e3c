#include "base/rng.h"

#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1 << 20 };

static real numbers[N], others[N];

/* Philox 4x32-10 as its paper states it, over the whole counter of four words. */
static rng_block philox(const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c[4], k[2] = {key[0], key[1]};
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = 0xD2511F53ull * c[0], p1 = 0xCD9E8D57ull * c[2];
        uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k[0], (uint32_t)p1,
                            (uint32_t)(p0 >> 32) ^ c[3] ^ k[1], (uint32_t)p0};
        memcpy(c, next, sizeof c);
        k[0] += 0x9E3779B9;
        k[1] += 0xBB67AE85;
    }
    return (rng_block){{c[0], c[1], c[2], c[3]}};
}

/* The vectors that Random123 publishes in kat_vectors; rng_at knows counters of two words. */
static void test_known_answers(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } cases[] = {
        {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < 3; i++) {
        rng_block b = philox(cases[i].counter, cases[i].key);
        assert_memory_equal(b.w, cases[i].expected, sizeof b.w);
    }
    rng_block zero = rng_at((rng_key){0, 0}, 0);
    assert_memory_equal(zero.w, cases[0].expected, sizeof zero.w);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t counter[4] = {i * 2654435761u, i * 40503u}, key[2] = {i * 97u, ~i};
        rng_block expected = philox(counter, key);
        rng_block b = rng_at((rng_key){key[0], key[1]}, (uint64_t)counter[1] << 32 | counter[0]);
        assert_memory_equal(b.w, expected.w, sizeof b.w);
    }
}

static void test_a_stream_is_its_key_and_count(void **state) {
    (void)state;
    rng_key key = rng_from_seed(1337);
    rng_stream s = {.key = key};
    for (uint64_t i = 0; i < 100; i++) {
        rng_stream resumed = {key, i};
        uint32_t word = rng_next(&s);
        assert_int_equal(word, rng_at(key, i / 4).w[i % 4]);
        assert_int_equal(word, rng_next(&resumed));
    }
}

static int by_key(const void *a, const void *b) {
    return memcmp(a, b, sizeof(rng_key));
}

static void test_keys_are_apart(void **state) {
    (void)state;
    enum { SEEDS = 1000, CHILDREN = 20 };
    static rng_key keys[SEEDS * (1 + CHILDREN)];
    size_t n = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        keys[n++] = rng_from_seed(seed);
        for (uint64_t i = 0; i < CHILDREN; i++) keys[n++] = rng_split(rng_from_seed(seed), i);
    }
    qsort(keys, n, sizeof *keys, by_key);
    for (size_t i = 1; i < n; i++) assert_int_not_equal(by_key(&keys[i - 1], &keys[i]), 0);
}

/* Within five standard errors; the numbers are fixed, so it holds always or never. */
static void assert_near(double found, double expected, double standard_error) {
    if (!(fabs(found - expected) < 5 * standard_error))
        fail_msg("%.6f is not near %.6f (standard error %.6f)", found, expected, standard_error);
}

/* The mean of x[i]^p. */
static double moment(const real *x, int p) {
    double sum = 0;
    for (int i = 0; i < N; i++) sum += pow((double)x[i], p);
    return sum / N;
}

/* The mean of x[i] * y[i]. */
static double product(const real *x, const real *y, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
    return sum / n;
}

static void test_normal(void **state) {
    (void)state;
    const double root = sqrt(N);
    rng_fill_normal(rng_from_seed(1), numbers, N, 1);
    assert_near(moment(numbers, 1), 0, 1 / root);
    assert_near(moment(numbers, 2), 1, sqrt(2) / root);
    assert_near(moment(numbers, 3), 0, sqrt(15) / root);
    assert_near(moment(numbers, 4), 3, sqrt(96) / root);
    for (int lag = 1; lag <= 4; lag++)
        assert_near(product(numbers, numbers + lag, N - lag), 0, 1 / root);
    int beyond = 0;
    for (int i = 0; i < N; i++) beyond += fabs((double)numbers[i]) > 3;
    assert_near(beyond, N * 0.0026998, sqrt(N * 0.0026998));

    rng_fill_normal(rng_from_seed(2), others, N, 1);
    assert_near(product(numbers, others, N), 0, 1 / root);
    rng_fill_normal(rng_from_seed(1), others, N, 0.02);
    for (int i = 0; i < N; i += 1000)
        assert_true(fabs((double)others[i] - 0.02 * (double)numbers[i]) < 1e-7);
}

static void test_uniform(void **state) {
    (void)state;
    int bins[64] = {0};
    rng_fill_uniform(rng_from_seed(1), numbers, N, -1, 3);
    for (int i = 0; i < N; i++) {
        assert_true(numbers[i] >= -1 && numbers[i] < 3);
        bins[(int)((numbers[i] + 1) * 16)]++;
    }
    for (int i = 0; i < 64; i++) assert_near(bins[i], N / 64.0, sqrt(N / 64.0));
    assert_near(product(numbers, numbers + 1, N - 1) - 1, 0, 4 / sqrt(N));
}

/* Where the steps of a float are coarse, many draws would round up to the end. */
static void test_uniform_never_reaches_its_end(void **state) {
    (void)state;
    rng_fill_uniform(rng_from_seed(1), numbers, N, 1000, 1000.5);
    for (int i = 0; i < N; i++) assert_true(numbers[i] >= 1000 && numbers[i] < 1000.5);
}

static void test_fills_hold_at_any_thread_count_and_length(void **state) {
    (void)state;
    int before = thread_count();
    rng_key key = rng_from_seed(3);
    for (int normal = 0; normal <= 1; normal++) {
        thread_set_count(1);
        if (normal)
            rng_fill_normal(key, numbers, N, 1);
        else
            rng_fill_uniform(key, numbers, N, 0, 1);
        thread_set_count(3);
        for (int n = 0; n < 12; n++) {
            int length = n < 11 ? n : N - 1;
            others[length] = 77;
            if (normal)
                rng_fill_normal(key, others, length, 1);
            else
                rng_fill_uniform(key, others, length, 0, 1);
            assert_memory_equal(others, numbers, (size_t)length * sizeof *others);
            assert_true(others[length] == 77);
        }
    }
    thread_set_count(before);
}

/* The words of a stream, whatever the length; nothing behind them is written. */
static void test_words(void **state) {
    (void)state;
    rng_key key = rng_from_seed(8);
    uint32_t words[1003];
    for (int n = 0; n <= 1002; n += n < 12 ? 1 : 45) {
        rng_stream s = {.key = key};
        words[n] = 77;
        rng_fill_words(key, words, n);
        for (int i = 0; i < n; i++) assert_int_equal(words[i], rng_next(&s));
        assert_int_equal(words[n], 77);
    }
}

static void test_below(void **state) {
    (void)state;
    rng_stream s = {.key = rng_from_seed(4)};
    int bins[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint32_t k = rng_next_below(&s, 7);
        assert_in_range(k, 0, 6);
        bins[k]++;
    }
    for (int i = 0; i < 7; i++) assert_near(bins[i], 10000, 100);
    for (int i = 0; i < 100; i++) assert_int_equal(rng_next_below(&s, 1), 0);

    /* A plain remainder would give the lower half five eighths of all draws. */
    const uint32_t n = 3u << 30;
    int low = 0;
    for (int i = 0; i < 10000; i++) {
        uint32_t k = rng_next_below(&s, n);
        assert_true(k < n);
        low += k < n / 2;
    }
    assert_near(low, 5000, 50);
}

static void test_unit(void **state) {
    (void)state;
    assert_true(rng_unit(0) == 0);
    assert_true(rng_unit(UINT32_MAX) < 1);
    rng_stream s = {.key = rng_from_seed(5)};
    double sum = 0;
    for (int i = 0; i < 100000; i++) sum += rng_next_unit(&s);
    assert_near(sum / 100000, 0.5, sqrt(1 / 12.0 / 100000));
}

static void test_permutation(void **state) {
    (void)state;
    static uint32_t order[10000];
    static bool seen[10000];
    rng_permutation(rng_from_seed(6), order, 10000);
    int fixed = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        assert_true(order[i] < 10000 && !seen[order[i]]);
        seen[order[i]] = true;
        fixed += order[i] == i;
    }
    assert_in_range(fixed, 0, 8); /* one on average */

    int counts[3][3] = {{0}}, reversed = 0;
    for (uint64_t i = 0; i < 6000; i++) {
        rng_permutation(rng_split(rng_from_seed(7), i), order, 3);
        for (int k = 0; k < 3; k++) counts[k][order[k]]++;
        reversed += order[0] == 2 && order[1] == 1;
    }
    for (int k = 0; k < 9; k++) assert_near(counts[k / 3][k % 3], 2000, 37);
    assert_near(reversed, 1000, 29);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_a_stream_is_its_key_and_count),
        cmocka_unit_test(test_keys_are_apart),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_uniform_never_reaches_its_end),
        cmocka_unit_test(test_fills_hold_at_any_thread_count_and_length),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_unit),
        cmocka_unit_test(test_permutation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
