/* The course at the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "program.h"

static void test_the_list_of_lessons(void **state) {
    (void)state;
    assert_prints(RUN("lesson"), "   5  Backprop into the rows\n");
    assert_prints(RUN("lesson"), "  14  Common mistakes\n");
}

static void test_a_lesson_is_plain_text_in_a_pipe(void **state) {
    (void)state;
    outcome o = RUN("lesson", "5", "--out", folder_path("pictures"));
    assert_prints(o, "\nLesson 5: Backprop into the rows\n");
    assert_prints(o, "gradus lesson 5 --check ANSWER\n");
    assert_null(strchr(o.out, '\033'));
    assert_null(strchr(o.out, '\r'));
}

static void test_flags(void **state) {
    (void)state;
    assert_error(RUN("lesson", "5", "--check", "cabbage"), 1,
                 "lesson 5, exercise 1: 'cabbage' is not it: ");
    assert_error(RUN("lesson", "5", "--exercise", "9", "--check", "1"), 2,
                 "lesson 5 has no exercise 9");
    assert_error(RUN("lesson", "all", "--check", "1"), 2, "--check is for one lesson");
    assert_error(RUN("lesson", "all", "--word", "king"), 2, "--text and --word are for one lesson");
    assert_error(RUN("lesson", "9", "--text", "dog \xff eats"), 2, "--text is not valid UTF-8");
    assert_error(RUN("lesson", "--check", "1"), 2, "--check takes a lesson");
    assert_int_equal(RUN("lesson", "5", "--check", "4 rows").code, 0);
}

static void test_flags_that_a_lesson_does_not_take(void **state) {
    (void)state;
    assert_error(RUN("lesson", "2", "--text", "x"), 2, "lesson 2 takes no --text");
    assert_error(RUN("lesson", "10", "--run", "x"), 2, "lesson 10 takes no --run");
    assert_error(RUN("lesson", "9", "--word", "x"), 2, "lesson 9 takes no --word");
    outcome o = RUN("lesson", "5", "--run", folder);
    assert_error(o, 1, "not a run");
    assert_string_equal(o.out, "");
    assert_error(RUN("lesson", "3", "--exercise", "2"), 2, "--exercise says which one --check");
}

static void test_lessons_that_are_not_there(void **state) {
    (void)state;
    assert_error(RUN("lesson", "15"), 2, "lesson '15': expected 1 to 14, or all");
    assert_error(RUN("lesson", "0"), 2, "lesson '0': expected 1 to 14, or all");
    assert_error(RUN("lesson", "5th"), 2, "lesson '5th': expected 1 to 14, or all");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list_of_lessons),
        cmocka_unit_test(test_a_lesson_is_plain_text_in_a_pipe),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_flags_that_a_lesson_does_not_take),
        cmocka_unit_test(test_lessons_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, folder_make, tree_remove);
}
