#include "tokenizer/vocab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void test_pieces_are_numbered_in_order(void **state) {
    (void)state;
    enum { N = 1000 };
    vocab v = {0};
    char piece[16];
    assert_int_equal(vocab_find(&v, "p0", 2), -1);
    for (int32_t i = 0; i < N; i++) {
        size_t n = (size_t)snprintf(piece, sizeof piece, "p%d", (int)i);
        assert_int_equal(vocab_add(&v, piece, n), i);
        assert_int_equal(vocab_add(&v, piece, n), i);
    }
    assert_int_equal(v.size, N);
    for (int32_t i = 0; i < N; i++) {
        size_t n, len;
        n = (size_t)snprintf(piece, sizeof piece, "p%d", (int)i);
        assert_int_equal(vocab_find(&v, piece, n), i);
        assert_string_equal(vocab_piece(&v, i, &len), piece);
        assert_int_equal(len, n);
    }
    vocab_free(&v);
}

static void test_pieces_are_any_bytes(void **state) {
    (void)state;
    vocab v = {0};
    size_t len;
    assert_int_equal(vocab_add(&v, "", 0), 0);
    assert_int_equal(vocab_add(&v, "\0", 1), 1);
    assert_int_equal(vocab_add(&v, "a\0b", 3), 2);
    assert_int_equal(vocab_find(&v, "", 0), 0);
    assert_int_equal(vocab_find(&v, "\0", 1), 1);
    assert_int_equal(vocab_find(&v, "a\0b", 3), 2);
    assert_int_equal(vocab_find(&v, "a", 1), -1);
    assert_memory_equal(vocab_piece(&v, 2, &len), "a\0b", 4);
    assert_int_equal(len, 3);
    vocab_free(&v);
}

/* Also when the table grows, which enters all pieces again. */
static void test_of_equal_pieces_the_first_is_found(void **state) {
    (void)state;
    vocab v = {0};
    for (int32_t i = 0; i < 500; i++) assert_int_equal(vocab_append(&v, "a", 1), i);
    assert_int_equal(vocab_find(&v, "a", 1), 0);
    assert_int_equal(vocab_add(&v, "a", 1), 0);
    assert_int_equal(vocab_append(&v, "b", 1), 500);
    assert_int_equal(vocab_find(&v, "b", 1), 500);
    vocab_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_numbered_in_order),
        cmocka_unit_test(test_pieces_are_any_bytes),
        cmocka_unit_test(test_of_equal_pieces_the_first_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
