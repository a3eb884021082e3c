#include "base/decimal.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The C library is the judge: tests run in the C locale, and glibc rounds correctly. */
static void assert_as_strtof(const char *text) {
    float x = -7;
    const char *end = text + strlen(text);
    if (decimal_to_float(text, end, &x) != end) fail_msg("'%s' is not read as a number", text);
    if (bits_of(x) != bits_of(strtof(text, NULL)))
        fail_msg("'%s' becomes %.9g, expected %.9g", text, (double)x, (double)strtof(text, NULL));
}

static void test_numbers(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "+1.5",
        "-.25",
        "7.",
        "1e5",
        "1E-5",
        "1e+2",
        "00012",
        "0.000123",
        "3.40282347e38",
        "1e39",
        "-1e400",
        "1.17549435e-38",
        "1e-45",
        "7.0064923e-46",
        "1e-99",
        "123456789012345678901234567890",
        "0.1234567890123456789012345",
        "1e999999999999",
        "-0.0000000000000000000000000000000000000000000000000000000000001e61",
        /* halfway between two floats, and a little beside it: rounding twice would be seen */
        "0.6343642175197601",
        "0.5631068050861359",
        "16777217",
        "16777219",
        "16777217.0000001",
        "16777216.9999999",
        "1.000000059604644775390625",
        "1.00000005960464477539062",
        "1.0000000596046447754",
        "8388608.5",
        "9007199791611905",
        "9007199791611904",
    };
    for (size_t i = 0; i < COUNT(texts); i++) assert_as_strtof(texts[i]);
}

static void test_every_float_reads_back(void **state) {
    (void)state;
    rng_stream s = {rng_from_seed(1), 0};
    for (int i = 0; i < 100000; i++) {
        uint32_t bits = rng_next(&s);
        float x, y;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x)) continue;
        char text[32];
        int n = snprintf(text, sizeof text, "%.9g", (double)x);
        assert_ptr_equal(decimal_to_float(text, text + n, &y), text + n);
        if (bits_of(y) != bits) fail_msg("%s reads back as %.9g", text, (double)y);
    }
}

static void test_random_digits(void **state) {
    (void)state;
    rng_stream s = {rng_from_seed(2), 0};
    for (int i = 0; i < 100000; i++) {
        char text[64];
        int exponent = (int)rng_next_below(&s, 100) - 60;
        snprintf(text, sizeof text, "%u.%0*ue%d", rng_next_below(&s, 1000),
                 1 + (int)rng_next_below(&s, 20), rng_next(&s), exponent);
        assert_as_strtof(text);
    }
}

static void test_stops_where_the_number_ends(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int n;
    } cases[] = {{"1 2", 1},   {"1.5x", 3}, {"1e", 1},   {"1e+ ", 1}, {"0x10", 1},
                 {"1.2.3", 3}, {"-1-", 2},  {"12,5", 2}, {"5e3e", 3}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        float x;
        const char *text = cases[i].text;
        assert_int_equal(decimal_to_float(text, text + strlen(text), &x) - text, cases[i].n);
    }
}

static void test_refuses_what_is_none(void **state) {
    (void)state;
    static const char *const texts[] = {"", " 1", ".", "-", "+.", "e5", "nan", "inf", "-inf", "x"};
    float x;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_null(decimal_to_float(texts[i], texts[i] + strlen(texts[i]), &x));
    char zeros[201];
    memset(zeros, '0', sizeof zeros);
    assert_ptr_equal(decimal_to_float(zeros, zeros + 200, &x), zeros + 200);
    assert_null(decimal_to_float(zeros, zeros + 201, &x));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_every_float_reads_back),
        cmocka_unit_test(test_random_digits),
        cmocka_unit_test(test_stops_where_the_number_ends),
        cmocka_unit_test(test_refuses_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
