#include "nn/overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

enum { ROWS = 700, WIDTH = 16 };

static void assert_copy(const nn_overlay *o, int32_t row) {
    assert_in_range(o->slot[row], 0, o->n - 1);
    assert_int_equal(o->rows[o->slot[row]], row);
    assert_memory_equal(o->data + o->slot[row] * WIDTH, o->source + row * WIDTH,
                        WIDTH * sizeof(real));
}

static void test_takes_each_row_once(void **state) {
    (void)state;
    static const int32_t first[] = {5, 699, 5, 0}, second[] = {0, 7, 7, 5};
    real *source = random_numbers(1, ROWS * WIDTH);
    nn_overlay o = nn_overlay_new(source, ROWS, WIDTH);
    assert_int_equal(o.n, 0);
    for (int32_t r = 0; r < ROWS; r++) assert_int_equal(o.slot[r], -1);
    nn_overlay_take(&o, first, 4);
    assert_int_equal(o.n, 3);
    for (int i = 0; i < 4; i++) assert_copy(&o, first[i]);
    assert_int_equal((uintptr_t)o.data % 64, 0);
    nn_overlay_take(&o, second, 4);
    assert_int_equal(o.n, 4);
    for (int i = 0; i < 4; i++) assert_copy(&o, second[i]);
    assert_copy(&o, 699);
    for (int32_t r = 0; r < ROWS; r++)
        if (r != 0 && r != 5 && r != 7 && r != 699) assert_int_equal(o.slot[r], -1);
    nn_overlay_free(&o);
    assert_null(o.data);
    free(source);
}

/* What was changed in the copies stays when others are taken and the memory grows. */
static void test_keeps_changes_as_it_grows(void **state) {
    (void)state;
    real *source = random_numbers(1, ROWS * WIDTH);
    nn_overlay o = nn_overlay_new(source, ROWS, WIDTH);
    for (int32_t r = 0; r < ROWS; r++) {
        nn_overlay_take(&o, (int32_t[]){r, r / 2}, 2);
        o.data[o.slot[r] * WIDTH + 3] = (real)r;
    }
    assert_int_equal(o.n, ROWS);
    for (int32_t r = 0; r < ROWS; r++) {
        assert_true(o.data[o.slot[r] * WIDTH + 3] == (real)r);
        assert_true(o.data[o.slot[r] * WIDTH + 4] == source[r * WIDTH + 4]);
    }
    nn_overlay_free(&o);
    free(source);
}

static void test_forgets_and_keeps_its_memory(void **state) {
    (void)state;
    static int32_t rows[ROWS];
    real *source = random_numbers(1, ROWS * WIDTH);
    nn_overlay o = nn_overlay_new(source, ROWS, WIDTH);
    for (int32_t r = 0; r < ROWS; r++) rows[r] = ROWS - 1 - r;
    nn_overlay_take(&o, rows, ROWS / 2);
    for (int64_t i = 0; i < o.n * WIDTH; i++) o.data[i] = 9;
    size_t allocations = mem_allocations();
    nn_overlay_clear(&o);
    assert_int_equal(o.n, 0);
    for (int32_t r = 0; r < ROWS; r++) assert_int_equal(o.slot[r], -1);
    nn_overlay_take(&o, rows + ROWS / 2, ROWS / 2);
    for (int32_t i = 0; i < ROWS; i++) {
        if (i < ROWS / 2)
            assert_int_equal(o.slot[rows[i]], -1);
        else
            assert_copy(&o, rows[i]);
    }
    assert_int_equal(mem_allocations(), allocations);
    nn_overlay_free(&o);
    free(source);
}

static void test_without_a_matrix(void **state) {
    (void)state;
    nn_overlay o = nn_overlay_new(NULL, ROWS, WIDTH);
    assert_int_equal(o.n_rows, 0);
    nn_overlay_take(&o, NULL, 0);
    nn_overlay_merge((const nn_overlay *[]){&o, &o}, 2, 0, NULL, 0, 1);
    nn_overlay_clear(&o);
    nn_overlay_free(&o);
}

/* Overlays of many rows each, some in all of them. Their changes are of such different sizes that
 * another order of adding gives other bits. */
enum { OVERLAYS = 4 };

static void take_and_change(nn_overlay *o, uint64_t seed) {
    static const real sizes[] = {1, (real)1e-3, (real)1e3, (real)1e-5};
    for (int32_t r = (int32_t)seed; r < ROWS - 1; r += 1 + (int32_t)seed) nn_overlay_take(o, &r, 1);
    real *change = random_numbers(seed + 10, o->n * WIDTH);
    for (int64_t i = 0; i < o->n * WIDTH; i++) o->data[i] += sizes[seed] * change[i];
    free(change);
}

/* The copy of a row that one overlay has; else what all have changed, in their order. */
static void merge_slowly(const nn_overlay *overlays, const real *source, real *matrix) {
    for (int32_t r = 0; r < ROWS; r++)
        for (int64_t c = 0; c < WIDTH; c++) {
            real sum = 0, before = source[r * WIDTH + c], copy = before;
            int owners = 0;
            for (const nn_overlay *o = overlays; o < overlays + OVERLAYS; o++) {
                if (o->slot[r] < 0) continue;
                copy = o->data[o->slot[r] * WIDTH + c];
                sum += copy - before;
                owners++;
            }
            matrix[r * WIDTH + c] = owners > 1 ? before + sum : copy;
        }
}

/* Two overlays that have the row three times and once: the sum of changes becomes what one with
 * four hits would have gone. */
static void test_merges_a_mean_where_hits_are_many(void **state) {
    (void)state;
    real source[WIDTH] = {0}, matrix[WIDTH] = {0};
    nn_overlay one = nn_overlay_new(source, 1, WIDTH), two = nn_overlay_new(source, 1, WIDTH);
    nn_overlay_take(&one, (int32_t[]){0, 0, 0}, 3);
    nn_overlay_take(&two, (int32_t[]){0}, 1);
    one.data[0] = 3;
    two.data[0] = 2;
    nn_overlay_merge((const nn_overlay *[]){&one, &two}, 2, 0.5, matrix, 0, 1);
    /* 4 / (1 + 4 / 2) = 4/3 to 3 / (1 + 3 / 2) + 1 / (1 + 1 / 2) = 28/15 */
    assert_float_equal(matrix[0], 5 * (4.0 / 3) / (28.0 / 15), 1e-6);
    nn_overlay_free(&one);
    nn_overlay_free(&two);
}

/* In any number of parts, in any order of them. */
static void test_merges_changes_in_order(void **state) {
    (void)state;
    nn_overlay overlays[OVERLAYS];
    const nn_overlay *list[OVERLAYS];
    real *source = random_numbers(1, ROWS * WIDTH), *expected = random_numbers(1, ROWS * WIDTH);
    for (uint64_t i = 0; i < OVERLAYS; i++) {
        overlays[i] = nn_overlay_new(source, ROWS, WIDTH);
        take_and_change(&overlays[i], i);
        list[i] = &overlays[i];
    }
    merge_slowly(overlays, source, expected);
    assert_memory_equal(expected + (ROWS - 1) * WIDTH, source + (ROWS - 1) * WIDTH,
                        WIDTH * sizeof(real)); /* a row without a copy */
    for (int parts = 1; parts <= 300; parts = 3 * parts + 1) {
        real *matrix = random_numbers(1, ROWS * WIDTH);
        for (int part = parts - 1; part >= 0; part--)
            nn_overlay_merge(list, OVERLAYS, 0, matrix, part, parts);
        assert_memory_equal(matrix, expected, ROWS * WIDTH * sizeof(real));
        free(matrix);
    }
    for (int i = 0; i < OVERLAYS; i++) nn_overlay_free(&overlays[i]);
    free(source);
    free(expected);
}

static void too_wide(void) {
    nn_overlay_new(NULL, 1, NN_OVERLAY_WIDEST + 1);
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(too_wide, "an overlay of rows of 4097 numbers");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_each_row_once),
        cmocka_unit_test(test_keeps_changes_as_it_grows),
        cmocka_unit_test(test_forgets_and_keeps_its_memory),
        cmocka_unit_test(test_without_a_matrix),
        cmocka_unit_test(test_merges_changes_in_order),
        cmocka_unit_test(test_merges_a_mean_where_hits_are_many),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
