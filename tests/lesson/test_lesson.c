/* The course as a list: every lesson is whole, and its exercises know right from wrong. */
#include "lesson/lesson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_every_lesson_is_whole(void **state) {
    (void)state;
    int n;
    const lesson *const *all = lesson_all(&n);
    assert_int_equal(n, 14);
    for (int i = 0; i < n; i++) {
        assert_int_equal(atoi(all[i]->name), i + 1);
        assert_true(all[i]->title[0] && strlen(all[i]->about) <= 74);
        assert_in_range(all[i]->n_exercises, 1, 2);
    }
}

/* The answer to an exercise as someone would type it. */
static void answer_of(const lesson_exercise *x, char *out, size_t size) {
    if (x->words)
        snprintf(out, size, "%.*s", (int)strcspn(x->words, "|"), x->words);
    else
        snprintf(out, size, "%.15g", x->number());
}

static void test_right_answers_are_right(void **state) {
    (void)state;
    int n;
    const lesson *const *all = lesson_all(&n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < all[i]->n_exercises; k++) {
            char answer[64];
            err e = {0};
            answer_of(&all[i]->exercises[k], answer, sizeof answer);
            if (!lesson_check(i + 1, k + 1, answer, &e)) fail_msg("%s", e.message);
        }
}

static void test_wrong_answers_get_the_hint(void **state) {
    (void)state;
    int n;
    const lesson *const *all = lesson_all(&n);
    const char *const wrong[] = {"", "cabbage", "-987654321", "1e9", "nan", "3 4"};
    for (int i = 0; i < n; i++)
        for (int k = 0; k < all[i]->n_exercises; k++)
            for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
                err e = {0};
                if (lesson_check(i + 1, k + 1, wrong[w], &e))
                    fail_msg("lesson %d takes '%s'", i + 1, wrong[w]);
                assert_int_equal(e.code, ERR_INPUT);
                assert_non_null(strstr(e.message, all[i]->exercises[k].hint));
            }
}

static void test_an_exercise_that_is_not_there(void **state) {
    (void)state;
    err e = {0};
    assert_false(lesson_check(1, 3, "1", &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.message, "lesson 1 has no exercise 3"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_lesson_is_whole),
        cmocka_unit_test(test_right_answers_are_right),
        cmocka_unit_test(test_wrong_answers_get_the_hint),
        cmocka_unit_test(test_an_exercise_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
