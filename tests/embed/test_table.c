#include "embed/table.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

enum { N = 50, WIDTH = 7 };
static const double tolerance = sizeof(real) == sizeof(double) ? 1e-14 : 1e-6;

/* The cosine of two rows, by its definition. */
static double cosine(const real *rows, int64_t width, int64_t a, int64_t b) {
    double dot = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < width; i++) {
        double x = (double)rows[a * width + i], y = (double)rows[b * width + i];
        dot += x * y;
        aa += x * x;
        bb += y * y;
    }
    return dot / sqrt(aa * bb);
}

static void test_nearest_against_a_naive_search(void **state) {
    (void)state;
    real rows[N * WIDTH];
    rng_fill_normal(rng_from_seed(1), rows, N * WIDTH, 1);
    embed_table table = embed_table_new(rows, N, WIDTH);
    for (int64_t row = 0; row < N; row++) {
        embed_neighbour found[N];
        bool seen[N] = {0};
        seen[row] = true;
        assert_int_equal(embed_nearest(&table, row, N - 1, found), N - 1);
        for (int64_t i = 0; i < N - 1; i++) {
            assert_false(seen[found[i].row]);
            seen[found[i].row] = true;
            assert_true(fabs(found[i].cosine - cosine(rows, WIDTH, row, found[i].row)) < tolerance);
            if (i) assert_true(found[i].cosine <= found[i - 1].cosine);
        }
    }
    embed_table_free(&table);
}

static void test_fewer_are_the_first_of_all(void **state) {
    (void)state;
    real rows[N * WIDTH];
    rng_fill_normal(rng_from_seed(2), rows, N * WIDTH, 1);
    embed_table table = embed_table_new(rows, N, WIDTH);
    embed_neighbour all[N], some[4];
    embed_nearest(&table, 9, N - 1, all);
    some[3].row = -1;
    assert_int_equal(embed_nearest(&table, 9, 3, some), 3);
    for (int i = 0; i < 3; i++) assert_int_equal(some[i].row, all[i].row);
    assert_int_equal(some[3].row, -1); /* not a neighbour more than was asked for */
    embed_table_free(&table);
}

static void test_no_more_than_there_are(void **state) {
    (void)state;
    static const real rows[] = {1, 0, 0, 1, 1, 1};
    embed_neighbour found[2];
    embed_table three = embed_table_new(rows, 3, 2), one = embed_table_new(rows, 1, 2);
    assert_int_equal(embed_nearest(&three, 0, 1000000, found), 2);
    assert_int_equal(found[0].row, 2);
    assert_int_equal(found[1].row, 1);
    assert_int_equal(embed_nearest(&one, 0, 10, found), 0);
    embed_table_free(&three);
    embed_table_free(&one);
}

/* The length of a row does not matter, its sign does. */
static void test_direction_is_all(void **state) {
    (void)state;
    static const real rows[] = {3, 4, -3, -4, (real)3e-3, (real)4e-3, 4, -3, 300, 400};
    embed_table table = embed_table_new(rows, 5, 2);
    embed_neighbour found[4];
    embed_nearest(&table, 0, 4, found);
    static const double cosines[] = {1, 1, 0, -1};
    for (int i = 0; i < 4; i++) assert_true(fabs(found[i].cosine - cosines[i]) < tolerance);
    assert_int_equal(found[2].row, 3);
    assert_int_equal(found[3].row, 1);
    embed_table_free(&table);
}

static void test_a_row_of_zeros_is_similar_to_nothing(void **state) {
    (void)state;
    static const real rows[] = {1, 2, 0, 0, 2, 4, -1, -2};
    embed_table table = embed_table_new(rows, 4, 2);
    embed_neighbour found[3];
    embed_nearest(&table, 0, 3, found);
    assert_int_equal(found[1].row, 1);
    assert_true(found[1].cosine == 0);
    embed_nearest(&table, 1, 3, found);
    for (int i = 0; i < 3; i++) assert_true(found[i].cosine == 0);
    embed_table_free(&table);
}

static void test_equals_come_in_the_order_of_rows(void **state) {
    (void)state;
    enum { MANY = 40 };
    real rows[2 * MANY];
    for (int i = 0; i < MANY; i++) {
        rows[2 * i] = 1; /* every third row one way, the others another, all of the same length */
        rows[2 * i + 1] = i % 3 ? 1 : -1;
    }
    embed_table table = embed_table_new(rows, MANY, 2);
    embed_neighbour found[MANY];
    assert_int_equal(embed_nearest(&table, 0, MANY, found), MANY - 1);
    for (int i = 1; i < MANY - 1; i++)
        if (found[i].cosine == found[i - 1].cosine) assert_true(found[i].row > found[i - 1].row);
    assert_int_equal(found[0].row, 3);
    assert_int_equal(found[13].row, 1);
    embed_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest_against_a_naive_search),
        cmocka_unit_test(test_fewer_are_the_first_of_all),
        cmocka_unit_test(test_no_more_than_there_are),
        cmocka_unit_test(test_direction_is_all),
        cmocka_unit_test(test_a_row_of_zeros_is_similar_to_nothing),
        cmocka_unit_test(test_equals_come_in_the_order_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
