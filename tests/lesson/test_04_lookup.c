#include "lesson/04_lookup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"
#include "numbers.h"

/* 200 tokens of 20: every row stands several times. */
static void test_both_ways_are_equal(void **state) {
    (void)state;
    lookup_case c = lookup_compare(20, 24, 200, 1);
    assert_true(c.outputs_equal);
    assert_int_equal(c.n_rows, 20);
    assert_true(c.apart <= 4 * EPSILON);
}

/* Where no row is added to more than twice, sums have one order only. */
static void test_gradients_of_few_tokens_are_equal_bit_for_bit(void **state) {
    (void)state;
    lookup_case c = lookup_compare(1000, 24, 16, 1);
    assert_true(c.outputs_equal);
    assert_int_equal(c.n_differ, 0);
    assert_true(c.n_rows <= 16 && c.n_rows > 12);
}

static void test_memory(void **state) {
    (void)state;
    lookup_case c = lookup_compare(1000, 24, 16, 1);
    assert_int_equal(c.product.bytes, (16 * 1000 + 1000 * 24) * sizeof(real));
    assert_int_equal(c.lookup.bytes, 16 * 4 + (size_t)c.n_rows * 24 * sizeof(real));
}

/* Hundreds of times in the lesson; here of little work, beside other tests. */
static void test_lookup_is_faster(void **state) {
    (void)state;
    lookup_case c = lookup_compare(10000, 64, 256, 3);
    assert_true(c.product.seconds > 5 * c.lookup.seconds);
}

static void test_the_lesson(void **state) {
    (void)state;
    err e = {0};
    lesson_room room = room_open();
    lookup_tell(&room, 32, 64);
    room_close(&room);
    assert_told("50257");
    assert_told("equal bit for bit: in 4 of 4 cases");
    free(page_told);
    assert_true(lesson_check(4, 1, "206", &e));
    assert_true(lesson_check(4, 2, "50256", &e));
    assert_false(lesson_check(4, 2, "50257", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_are_equal),
        cmocka_unit_test(test_gradients_of_few_tokens_are_equal_bit_for_bit),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_lookup_is_faster),
        cmocka_unit_test(test_the_lesson),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
