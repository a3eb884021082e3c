#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static void test_room(void **state) {
    (void)state;
    size_t capacity = 0, moves = 0, before = 0;
    int *list = NULL;
    for (int i = 0; i < 1000; i++) {
        list = array_room(list, &capacity, (size_t)i + 1, sizeof *list);
        assert_true(capacity > (size_t)i);
        moves += capacity != before;
        before = capacity;
        list[i] = i;
    }
    assert_int_equal(moves, 5); /* 64, 128, .. 1024 */
    for (int i = 0; i < 1000; i++) assert_int_equal(list[i], i);
    list = array_room(list, &capacity, 5000, sizeof *list);
    assert_int_equal(capacity, 5000);
    assert_int_equal(list[999], 999);
    free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
