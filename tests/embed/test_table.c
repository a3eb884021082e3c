#include "embed/table.h"

#include "base/ngram.h"
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

enum { N = 50, WIDTH = 7 };
static const double tolerance = 16 * EPSILON;

/* The cosine of two rows, by its definition. */
static double cosine(const real *a, const real *b, int64_t width) {
    double dot = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < width; i++) {
        dot += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return dot / sqrt(aa * bb);
}

/* The neighbours of a row, itself aside. */
static int64_t nearest(const embed_table *table, int64_t row, int64_t k, embed_neighbour *found) {
    const real *vector = table->vectors->rows + row * table->width;
    return embed_nearest(table, vector, &row, 1, 0, k, found);
}

static void test_names(void **state) {
    (void)state;
    static const double numbers[] = {1, 2, 3, 4, 5};
    io_vectors v = words_of("the The th\xff the a", numbers, 1);
    embed_table table = embed_table_new(&v);
    assert_int_equal(embed_find(&table, "the"), 0);
    assert_int_equal(embed_find(&table, "The"), 1);
    assert_int_equal(embed_find(&table, "th\xff"), 2);
    assert_int_equal(embed_find(&table, "a"), 4);
    assert_int_equal(embed_find(&table, "th"), -1);
    assert_int_equal(embed_find(&table, "them"), -1);
    assert_int_equal(embed_find(&table, ""), -1);
    assert_string_equal(embed_nearest_name(&table, "Teh"), "The");
    assert_null(embed_nearest_name(&table, "elephant"));
    embed_table_free(&table);
    words_free(&v);
}

static void test_many_names(void **state) {
    (void)state;
    io_vectors v = words_numbered(random_numbers(1, 5000), 5000, 1);
    embed_table table = embed_table_new(&v);
    for (int64_t i = 0; i < v.n; i++) assert_int_equal(embed_find(&table, v.names[i]), i);
    assert_int_equal(embed_find(&table, "w5000"), -1);
    embed_table_free(&table);
    words_free(&v);
}

static void test_units(void **state) {
    (void)state;
    static const double numbers[] = {3, -4, 0, 0};
    io_vectors v = words_of("a zero", numbers, 2);
    embed_table table = embed_table_new(&v);
    real unit[2] = {7, 7};
    assert_near(table.norms[0], 5, tolerance);
    assert_true(embed_unit_of(&table, "a", unit));
    assert_near(unit[0], 0.6, tolerance);
    assert_near(unit[1], -0.8, tolerance);
    assert_true(embed_unit_of(&table, "zero", unit));
    assert_true(unit[0] == 0 && unit[1] == 0);
    assert_false(embed_unit_of(&table, "b", unit));
    embed_table_free(&table);
    words_free(&v);
}

/* A word without a row is the mean of its n-grams' rows. */
static void test_units_from_ngrams(void **state) {
    (void)state;
    static const double numbers[] = {1, 0, 0};
    io_vectors v = words_of("tree", numbers, 3);
    v.subwords = (io_subwords){3, 6, 100, random_numbers(5, 300)};
    embed_table table = embed_table_new(&v);
    int32_t buckets[64];
    int64_t n = ngram_buckets("treehouse", 9, 3, 6, 100, buckets, 64);
    assert_in_range(n, 1, 64);
    real sum[3] = {0}, unit[3];
    for (int64_t g = 0; g < n; g++)
        for (int i = 0; i < 3; i++) sum[i] += v.subwords.rows[3 * buckets[g] + i];
    assert_true(embed_unit_of(&table, "treehouse", unit));
    assert_near(cosine(unit, sum, 3), 1, tolerance);
    assert_near(unit[0] * unit[0] + unit[1] * unit[1] + unit[2] * unit[2], 1, tolerance);
    assert_true(embed_unit_of(&table, "tree", unit));
    assert_true(unit[0] == 1);
    embed_table_free(&table);
    words_free(&v);
}

static void test_nearest_against_a_naive_search(void **state) {
    (void)state;
    io_vectors v = words_numbered(random_numbers(1, N * WIDTH), N, WIDTH);
    embed_table table = embed_table_new(&v);
    for (int64_t row = 0; row < N; row++) {
        embed_neighbour found[N];
        bool seen[N] = {0};
        seen[row] = true;
        assert_int_equal(nearest(&table, row, N, found), N - 1);
        for (int64_t i = 0; i < N - 1; i++) {
            assert_false(seen[found[i].row]);
            seen[found[i].row] = true;
            assert_near(found[i].score,
                        cosine(v.rows + row * WIDTH, v.rows + found[i].row * WIDTH, WIDTH),
                        tolerance);
            if (i) assert_true(found[i].score <= found[i - 1].score);
        }
    }
    embed_table_free(&table);
    words_free(&v);
}

static void test_fewer_are_the_first_of_all(void **state) {
    (void)state;
    io_vectors v = words_numbered(random_numbers(2, N * WIDTH), N, WIDTH);
    embed_table table = embed_table_new(&v);
    embed_neighbour all[N], some[N];
    nearest(&table, 9, N, all);
    for (int64_t k = 0; k < N; k++) {
        some[k].row = -1;
        assert_int_equal(nearest(&table, 9, k, some), k);
        for (int64_t i = 0; i < k; i++) assert_int_equal(some[i].row, all[i].row);
        assert_int_equal(some[k].row, -1); /* not a neighbour more than was asked for */
    }
    embed_table_free(&table);
    words_free(&v);
}

static void test_only_the_numbersthat_may_answer(void **state) {
    (void)state;
    io_vectors v = words_numbered(random_numbers(3, N * WIDTH), N, WIDTH);
    embed_table table = embed_table_new(&v);
    embed_neighbour found[N];
    static const int64_t excluded[] = {4, 40, 4, 0};
    assert_int_equal(embed_nearest(&table, v.rows, excluded, 4, 10, N, found), 8);
    for (int i = 0; i < 8; i++) {
        assert_in_range(found[i].row, 1, 9);
        assert_int_not_equal(found[i].row, 4);
    }
    assert_int_equal(embed_nearest(&table, v.rows, NULL, 0, 1000, N, found), N);
    assert_int_equal(found[0].row, 0);
    assert_int_equal(embed_nearest(&table, v.rows, excluded, 4, 1, N, found), 0);
    embed_table_free(&table);
    words_free(&v);
}

/* The length of a row does not matter, its sign does. */
static void test_direction_is_all(void **state) {
    (void)state;
    static const double rows[] = {3, 4, -3, -4, 3e-30, 4e-30, 4, -3, 300, 400};
    io_vectors v = words_of("a b c d e", rows, 2);
    embed_table table = embed_table_new(&v);
    embed_neighbour found[4];
    nearest(&table, 0, 4, found);
    static const double cosines[] = {1, 1, 0, -1};
    for (int i = 0; i < 4; i++) assert_near(found[i].score, cosines[i], tolerance);
    assert_int_equal(found[2].row, 3);
    assert_int_equal(found[3].row, 1);
    embed_table_free(&table);
    words_free(&v);
}

static void test_a_row_of_zeros_is_similar_to_nothing(void **state) {
    (void)state;
    static const double numbers[] = {1, 2, 0, 0, 2, 4, -1, -2};
    io_vectors v = words_of("a b c d", numbers, 2);
    embed_table table = embed_table_new(&v);
    embed_neighbour found[3];
    nearest(&table, 0, 3, found);
    assert_int_equal(found[1].row, 1);
    assert_true(found[1].score == 0);
    nearest(&table, 1, 3, found);
    for (int i = 0; i < 3; i++) assert_true(found[i].score == 0);
    embed_table_free(&table);
    words_free(&v);
}

static void test_equals_come_in_the_order_of_rows(void **state) {
    (void)state;
    enum { MANY = 40 };
    real *rows = mem_new(2 * MANY, sizeof *rows);
    for (int i = 0; i < MANY; i++) {
        rows[2 * i] = 1; /* every third row one way, the others another, all of the same length */
        rows[2 * i + 1] = i % 3 ? 1 : -1;
    }
    io_vectors v = words_numbered(rows, MANY, 2);
    embed_table table = embed_table_new(&v);
    for (int64_t k = 1; k < MANY; k++) {
        embed_neighbour found[MANY];
        assert_int_equal(nearest(&table, 0, k, found), k);
        for (int i = 0; i < k; i++)
            assert_int_equal(found[i].row, i < 13 ? 3 * i + 3 : 3 * (i - 13) / 2 + 1);
    }
    embed_table_free(&table);
    words_free(&v);
}

static void test_same_bits_at_any_thread_count(void **state) {
    (void)state;
    io_vectors v = words_numbered(random_numbers(4, 1000 * WIDTH), 1000, WIDTH);
    embed_neighbour first[1000], found[1000];
    for (int threads = 1; threads <= 3; threads++) {
        thread_set_count(threads);
        embed_table table = embed_table_new(&v);
        nearest(&table, 0, 999, threads == 1 ? first : found);
        embed_table_free(&table);
        if (threads > 1) assert_memory_equal(first, found, 999 * sizeof *found);
    }
    thread_set_count(1);
    words_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_units_from_ngrams),
        cmocka_unit_test(test_nearest_against_a_naive_search),
        cmocka_unit_test(test_fewer_are_the_first_of_all),
        cmocka_unit_test(test_only_the_numbersthat_may_answer),
        cmocka_unit_test(test_direction_is_all),
        cmocka_unit_test(test_a_row_of_zeros_is_similar_to_nothing),
        cmocka_unit_test(test_equals_come_in_the_order_of_rows),
        cmocka_unit_test(test_same_bits_at_any_thread_count),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
