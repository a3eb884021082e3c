#include "tokenizer/text/byte_level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void test_spelling_is_gpt2s(void **state) {
    (void)state;
    str out = {0};
    const char bytes[] = " a\n\xC3\xA9\x7F\0\xAD";
    byte_level_spell(bytes, sizeof bytes - 1, &out);
    assert_string_equal(out.data, "ĠaĊÃ©ġĀŃ");
    str_free(&out);
}

static void test_every_byte_comes_back(void **state) {
    (void)state;
    char bytes[256];
    str spelled = {0}, out = {0};
    for (int i = 0; i < 256; i++) bytes[i] = (char)i;
    byte_level_spell(bytes, sizeof bytes, &spelled);
    assert_int_equal(str_utf8_valid(spelled.data, spelled.len), spelled.len);
    assert_true(byte_level_read(spelled.data, spelled.len, &out));
    assert_int_equal(out.len, 256);
    assert_memory_equal(out.data, bytes, 256);
    str_free(&spelled);
    str_free(&out);
}

static void test_order_is_that_of_the_spelling(void **state) {
    (void)state;
    assert_int_equal(byte_level_at(0), '!');
    assert_int_equal(byte_level_at(93), '~');
    assert_int_equal(byte_level_at(94), 161);
    assert_int_equal(byte_level_at(187), 255);
    assert_int_equal(byte_level_at(188), 0);
    assert_int_equal(byte_level_at(220), ' '); /* GPT-2's id of a blank */
    assert_int_equal(byte_level_at(255), 173);
}

static void test_what_spells_no_byte_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"a b", "▁", "\n", "ń", "\xE9", "\u00AD"};
    str out = {0};
    assert_true(byte_level_read("Ń", 2, &out));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(byte_level_read(wrong[i], strlen(wrong[i]), &out));
    str_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelling_is_gpt2s),
        cmocka_unit_test(test_every_byte_comes_back),
        cmocka_unit_test(test_order_is_that_of_the_spelling),
        cmocka_unit_test(test_what_spells_no_byte_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
