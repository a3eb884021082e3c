/* Wider vectors know more, up to a point, and cost in proportion. */
#include "lesson/12_dimension.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/real.h"
#include "base/thread.h"
#include "lesson_page.h"

#include <stdlib.h>

static void test_narrow_vectors_know_less(void **state) {
    (void)state;
    err e = {0};
    static const int64_t widths[] = {4, 64};
    dimension_result r[2];
    const dimension_plan plan = {.folder = folder,
                                 .widths = widths,
                                 .n_widths = 2,
                                 .n_sentences = 4000,
                                 .epochs = 6,
                                 .seed = 3};
    assert_true(dimension_compute(r, &plan, &e));
    assert_int_equal(r[0].n_questions, r[1].n_questions);
    assert_true(r[0].n_questions > 1000);
    assert_true(r[1].accuracy > r[0].accuracy + 0.1);
    assert_true(r[1].low > r[0].high);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(r[i].width, widths[i]);
        assert_true(r[i].bytes == (double)(r[i].n_words * widths[i]) * sizeof(real));
        assert_true(r[i].seconds > 0);
    }
    assert_int_equal(dimension_first_within(r, 2, 0.02), 1);
}

static void test_threads_do_not_change_the_accuracy(void **state) {
    (void)state;
    err e = {0};
    static const int64_t width = 8;
    dimension_result r[2];
    const dimension_plan plan = {.folder = folder,
                                 .widths = &width,
                                 .n_widths = 1,
                                 .n_sentences = 2000,
                                 .epochs = 3,
                                 .seed = 3};
    for (int i = 0; i < 2; i++) {
        thread_set_count(1 + 2 * i);
        assert_true(dimension_compute(&r[i], &plan, &e));
    }
    thread_set_count(1);
    assert_true(r[0].accuracy == r[1].accuracy);
}

static void test_the_first_that_is_good_enough(void **state) {
    (void)state;
    const dimension_result r[] = {
        {.accuracy = 0.1}, {.accuracy = 0.89}, {.accuracy = 0.9}, {.accuracy = 0.7}};
    assert_int_equal(dimension_first_within(r, 4, 0.02), 1);
    assert_int_equal(dimension_first_within(r, 4, 0), 2);
    assert_int_equal(dimension_first_within(r, 4, 1), 0);
}

static void test_a_folder_that_is_not_there(void **state) {
    (void)state;
    err e = {0};
    dimension_result r;
    static const int64_t width = 8;
    const dimension_plan plan = {.folder = "/no/such/folder",
                                 .widths = &width,
                                 .n_widths = 1,
                                 .n_sentences = 10,
                                 .epochs = 1};
    assert_false(dimension_compute(&r, &plan, &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_non_null(strstr(e.message, "/no/such/folder"));
}

static void test_the_lesson_is_told(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(12, 1, "60.3", &e));
    assert_true(lesson_check(12, 2, "Memory", &e));
    assert_false(lesson_check(12, 2, "time", &e));
    lesson_room room = room_open();
    assert_true(dimension_tell(&room, 400, 1, &e));
    room_close(&room);
    assert_told("95 % interval");
    assert_told("32-fold");
    assert_told("kB");
    free(page_told);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_narrow_vectors_know_less),
        cmocka_unit_test(test_threads_do_not_change_the_accuracy),
        cmocka_unit_test(test_the_first_that_is_good_enough),
        cmocka_unit_test(test_a_folder_that_is_not_there),
        cmocka_unit_test(test_the_lesson_is_told),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
