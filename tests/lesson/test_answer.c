/* Right answers in the many ways that people write them, and wrong ones. */
#include "lesson/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"

static void test_numbers(void **state) {
    (void)state;
    const char *const right[] = {"50257",         "50,257",  " 50257 ",     "50257.", "50257.0",
                                 "50,257 tokens", "= 50257", "about 50257", "'50257'"};
    const char *const wrong[] = {"",         "50256",      "50,25",   "5,0257",
                                 "50 257",   "50257 or 8", "50,257,", "tokens",
                                 "50257 %%", "0x50257",    "50257/0", "nan"};
    for (size_t i = 0; i < COUNT(right); i++)
        if (!answer_is_number(right[i], 50257, 0)) fail_msg("'%s' is right", right[i]);
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (answer_is_number(wrong[i], 50257, 0)) fail_msg("'%s' is wrong", wrong[i]);
    assert_true(answer_is_number("1,234,567", 1234567, 0));
}

static void test_fractions_and_percent(void **state) {
    (void)state;
    const char *const right[] = {"0.75", ".75", "3/4", "3 / 4", "75 %", "75%", "0.7501", "~0.75"};
    const char *const wrong[] = {"75", "4/3", "3/", "/4", "3/4/1", "1/0"};
    for (size_t i = 0; i < COUNT(right); i++)
        if (!answer_is_number(right[i], 0.75, 0.001)) fail_msg("'%s' is right", right[i]);
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (answer_is_number(wrong[i], 0.75, 0.001)) fail_msg("'%s' is wrong", wrong[i]);
    assert_true(answer_is_number("25 %", 25, 0));
}

static void test_words(void **state) {
    (void)state;
    const char *const right[] = {"fall",        "falls",           "Fall.",
                                 " it falls ",  "'falls'!",        "It falls",
                                 "falls, by h", "the logit falls", "falls = true"};
    const char *const wrong[] = {"",   "rise", "fallen",          "rises, not falls",
                                 "no", "it",   "it does not fall"};
    for (size_t i = 0; i < COUNT(right); i++)
        if (!answer_is_word(right[i], "fall|falls|logit falls")) fail_msg("'%s'", right[i]);
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (answer_is_word(wrong[i], "fall|falls|logit falls")) fail_msg("'%s'", wrong[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_fractions_and_percent),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
