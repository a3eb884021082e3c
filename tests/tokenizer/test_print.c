#include "tokenizer/text/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void test_what_cannot_be_printed_is_spelled(void **state) {
    (void)state;
    str out = {0};
    print_text("a\n\t\\\x01\x7F é\xE9", 10, &out);
    assert_string_equal(out.data, "a\\n\\t\\\\\\x01\\x7F é\\xE9");
    str_free(&out);
}

static void test_quotes_are_short_and_whole(void **state) {
    (void)state;
    char text[100];
    assert_string_equal(quote("a\0b", 3).text, "a\\x00b");
    assert_string_equal(quote("", 0).text, "");
    memset(text, 'a', sizeof text);
    assert_int_equal(strlen(quote(text, 60).text), 60);
    assert_int_equal(strlen(quote(text, 61).text), 63);
    assert_string_equal(quote(text, sizeof text).text + 58, "aa...");
    memcpy(text + 59, "é", 2);
    assert_string_equal(quote(text, sizeof text).text + 58, "a..."); /* no half character */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_cannot_be_printed_is_spelled),
        cmocka_unit_test(test_quotes_are_short_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
