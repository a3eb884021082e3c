#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void test_append(void **state) {
    (void)state;
    str s = {0};
    str_append(&s, "", 0);
    assert_string_equal(s.data, "");
    for (int i = 0; i < 1000; i++) str_printf(&s, "%d,", i);
    str_append(&s, "a\0b", 3);
    assert_int_equal(s.len, 10 * 2 + 90 * 3 + 900 * 4 + 3);
    assert_memory_equal(s.data, "0,1,2,3,4,5,6,7,8,9,10,", 23);
    assert_memory_equal(s.data + s.len - 7, "999,a\0b", 8);
    str_free(&s);
    assert_null(s.data);
}

static void test_to_int(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-17", -17},
                {"+5", 5},
                {" 12 \t", 12},
                {"007", 7},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {
        "", " ", "x", "1x", "1 2", "0x10", "1.0", "1e3", "--1", "- 1", "9223372036854775808"};
    int64_t value;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(str_to_int(good[i].text, &value));
        assert_true(value == good[i].value);
    }
    value = 99;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (str_to_int(bad[i], &value)) fail_msg("'%s' read as a whole number", bad[i]);
    assert_int_equal(value, 99);
}

static void test_to_double(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},         {"-1.5", -1.5}, {"+.5", 0.5}, {"5.", 5},
                {" 6e-4 ", 6e-4}, {"1E3", 1e3},   {"08", 8},    {"1e-320", 1e-320}};
    static const char *const bad[] = {"",     ".",   "e3",    "1e",    "1x",    "nan", "inf",
                                      "-inf", "1,5", "0x1p3", "-0x10", "1e999", "1 2", "infinity"};
    double value;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(str_to_double(good[i].text, &value));
        assert_true(value == good[i].value);
    }
    value = 99;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (str_to_double(bad[i], &value)) fail_msg("'%s' read as a number", bad[i]);
    assert_true(value == 99);
}

static void test_to_bool(void **state) {
    (void)state;
    static const char *const yes[] = {"true", "True", "YES", "on", "1", " true ", "1\n"};
    static const char *const no[] = {"false", "No", "OFF", "0", "\tno"};
    static const char *const bad[] = {"", " ", "2", "t", "truee", "o", "on off", "00", "y"};
    bool value = false;
    for (size_t i = 0; i < COUNT(yes); i++) {
        value = false;
        assert_true(str_to_bool(yes[i], &value) && value);
    }
    for (size_t i = 0; i < COUNT(no); i++) {
        value = true;
        assert_true(str_to_bool(no[i], &value) && !value);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (str_to_bool(bad[i], &value)) fail_msg("'%s' read as a boolean", bad[i]);
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"n_head", "n_layer", "learning_rate",
                                        "seed",   "beta1",   "beta2"};
    static const struct {
        const char *typed, *meant;
    } cases[] = {
        {"n_heads", "n_head"},
        {"n_haed", "n_head"},
        {"nlayer", "n_layer"},
        {"learning-rat", "learning_rate"},
        {"sede", "seed"},
        {"beta1", "beta1"},
        {"dropout", NULL},
        {"", NULL},
        {"lerning_rite", "learning_rate"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *found = str_nearest(cases[i].typed, names, COUNT(names));
        if (cases[i].meant)
            assert_string_equal(found ? found : "(none)", cases[i].meant);
        else
            assert_null(found);
    }
    char long_name[1000];
    memset(long_name, 'a', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    assert_null(str_nearest(long_name, names, COUNT(names)));
}

static void test_utf8(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t length; /* of its first character */
        bool valid;
    } cases[] = {
        {"a", 1, true},
        {"\xc3\xa9", 2, true},
        {"\xe2\x82\xac", 3, true},
        {"\xf0\x9f\x99\x82", 4, true},
        {"\xf4\x8f\xbf\xbf", 4, true},  /* the last code point */
        {"\xf4\x90\x80\x80", 1, false}, /* beyond it */
        {"\xed\x9f\xbf", 3, true},      /* before the surrogates */
        {"\xed\xa0\x80", 1, false},     /* a surrogate */
        {"\xc0\x80", 1, false},         /* overlong forms */
        {"\xc1\xbf", 1, false},
        {"\xe0\x9f\xbf", 1, false},
        {"\xf0\x8f\xbf\xbf", 1, false},
        {"\x80", 1, false}, /* no start byte */
        {"\xff", 1, false},
        {"\xe2\x82", 1, false}, /* cut */
        {"\xe2\x82z", 1, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n = strlen(cases[i].text);
        assert_int_equal(str_utf8_length(cases[i].text, n), cases[i].length);
        assert_int_equal(str_utf8_valid(cases[i].text, n), cases[i].valid ? n : 0);
    }
    const char *text = "caf\xc3\xa9 \xe2\x82\xac\xff.";
    assert_int_equal(str_utf8_valid(text, strlen(text)), 9);
    assert_int_equal(str_utf8_valid(text, 7), 6);
    assert_int_equal(str_utf8_valid("", 0), 0);
}

static void test_compare(void **state) {
    (void)state;
    assert_int_equal(str_compare("ab", 2, "ab", 2), 0);
    assert_true(str_compare("ab", 2, "abc", 3) < 0);
    assert_true(str_compare("b", 1, "ab", 2) > 0);
    assert_true(str_compare("a\xFF", 2, "a\x01\x01", 3) > 0); /* bytes have no sign */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),    cmocka_unit_test(test_to_int),
        cmocka_unit_test(test_to_double), cmocka_unit_test(test_to_bool),
        cmocka_unit_test(test_nearest),   cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
