#include "lesson/05_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"
#include "numbers.h"

static void test_dlogits_are_p_less_onehot(void **state) {
    (void)state;
    rows_numbers r = rows_compute();
    double sum = 0;
    for (int v = 0; v < ROWS_V; v++) {
        sum += (double)r.p[v];
        assert_near(r.dlogits[v], (double)r.p[v] - (v == r.told), 4 * EPSILON);
    }
    assert_near(sum, 1, 4 * EPSILON);
    assert_near(r.loss, -log((double)r.p[r.told]), 8 * EPSILON);
}

/* Output side: row v is dlogits[v] h. Input side: the row that was read alone. */
static void test_each_side_is_what_is_told(void **state) {
    (void)state;
    rows_numbers r = rows_compute();
    for (int v = 0; v < ROWS_V; v++)
        for (int d = 0; d < ROWS_D; d++) {
            double input = 0;
            for (int u = 0; u < ROWS_V && v == r.read; u++)
                input += (double)r.dlogits[u] * (double)r.E.at[u][d];
            assert_near(r.input.at[v][d], input, 8 * EPSILON);
            assert_near(r.output.at[v][d], (double)r.dlogits[v] * (double)r.h[d], 4 * EPSILON);
            assert_true(v == r.read || r.input.at[v][d] == 0);
        }
    assert_true(r.sum_apart <= 1e-6);
}

static void test_finite_differences(void **state) {
    (void)state;
    rows_numbers r = rows_compute();
    assert_true(r.worst < 1e-6);
    assert_true(r.worst > 0);
}

static void test_which_rows_move_and_that_the_loss_falls(void **state) {
    (void)state;
    rows_numbers r = rows_compute();
    assert_int_equal(r.tied.n_moved, ROWS_V);
    assert_int_equal(r.untied.n_moved, 1);
    assert_true(r.untied.moved[r.read]);
    assert_true(r.tied.loss < r.loss && r.untied.loss < r.loss);
    assert_true(r.tied.probability > (double)r.p[r.told]);
}

static void test_the_lesson(void **state) {
    (void)state;
    err e = {0};
    tell_lesson(5);
    assert_told("E, the embedding (5, 3)");
    assert_told("p - onehot");
    assert_told("largest difference of all 30");
    assert_told("gradus trace RUN --text TEXT");
    free(page_told);
    assert_true(lesson_check(5, 1, "4", &e));
    assert_false(lesson_check(5, 1, "5", &e));
    e = (err){0};
    assert_true(lesson_check(5, 2, "Fall", &e));
    assert_false(lesson_check(5, 2, "rise", &e));
}

static void test_a_run_that_is_none(void **state) {
    (void)state;
    assert_non_null(strstr(complaint(5, folder, NULL, NULL), "not a run"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dlogits_are_p_less_onehot),
        cmocka_unit_test(test_each_side_is_what_is_told),
        cmocka_unit_test(test_finite_differences),
        cmocka_unit_test(test_which_rows_move_and_that_the_loss_falls),
        cmocka_unit_test(test_the_lesson),
        cmocka_unit_test(test_a_run_that_is_none),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
