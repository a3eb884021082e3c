#include "tokenizer/byte_pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void test_all_bytes(void **state) {
    (void)state;
    vocab v = {0};
    int32_t ids[256];
    for (int byte = 0; byte < 255; byte++) byte_piece_add(&v, (unsigned char)byte);
    assert_false(byte_pieces_find(&v, ids));
    assert_int_equal(ids[255], -1);
    assert_int_equal(byte_piece_add(&v, 255), 255);
    assert_int_equal(byte_piece_add(&v, 255), 255);
    assert_true(byte_pieces_find(&v, ids));
    assert_int_equal(vocab_find(&v, "<0x0A>", 6), 10);
    for (int byte = 0; byte < 256; byte++) {
        size_t n;
        const char *piece = vocab_piece(&v, byte, &n);
        assert_int_equal(ids[byte], byte);
        assert_int_equal(byte_of_piece(piece, n), byte);
    }
    vocab_free(&v);
}

static void test_other_pieces_are_none(void **state) {
    (void)state;
    static const char *const others[] = {"", "<0x0A", "<0x0a>", "<0xGG>", "<0x0A>>", "(0x0A)"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(byte_of_piece(others[i], strlen(others[i])), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_bytes),
        cmocka_unit_test(test_other_pieces_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
