/* Numbers to bf16 and back, against the bits of the format. */
#include "tensor/bf16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16.h"

enum { N_VALUES = 1 << 16, INFINITE = 0x7f80, LARGEST = 0x7f7f, SIGN = 0x8000 };

static float float_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static bool is_nan(uint32_t x) {
    return (x & ~(uint32_t)SIGN) > INFINITE;
}

static void test_every_value_comes_back(void **state) {
    (void)state;
    for (uint32_t x = 0; x < N_VALUES; x++) {
        real y = bf16_to_real((bf16)x);
        assert_int_equal(isnan(y) != 0, is_nan(x));
        if (is_nan(x))
            assert_true(is_nan(bf16_of(y)));
        else
            assert_int_equal(bf16_of(y), x);
    }
    assert_true(bf16_to_real(0x3f80) == 1);
    assert_true(bf16_to_real(0xc049) == (real)-3.140625);
}

/* Every NaN of float, whose upper half alone may look like infinity. */
static void test_what_is_no_number_stays_none(void **state) {
    (void)state;
    for (uint32_t low = 1; low < 1 << 23; low = 2 * low + 1) {
        assert_true(is_nan(bf16_of((real)float_of_bits(0x7f800000 | low))));
        assert_true(is_nan(bf16_of((real)float_of_bits(0xff800000 | low))));
        assert_true(is_nan(bf16_of((real)float_of_bits(0x7f800000 | (low ^ (low >> 1))))));
    }
}

/* Between each number and the next, up to infinity and below zero, too: the middle goes to the one
 * that ends in 0, what lies to either side of it to the nearer one. */
static void test_to_the_nearest_and_ties_to_even(void **state) {
    (void)state;
    for (uint32_t x = 0; x <= LARGEST; x++)
        for (uint32_t sign = 0; sign <= SIGN; sign += SIGN) {
            uint32_t middle = (x | sign) << 16 | 0x8000, even = x + (x & 1);
            assert_int_equal(bf16_of((real)float_of_bits(middle)), even | sign);
            assert_int_equal(bf16_of((real)float_of_bits(middle - 1)), x | sign);
            assert_int_equal(bf16_of((real)float_of_bits(middle + 1)), (x + 1) | sign);
        }
}

static void test_what_is_too_large_is_infinite(void **state) {
    (void)state;
    assert_int_equal(bf16_of(INFINITY), INFINITE);
    assert_int_equal(bf16_of(-INFINITY), INFINITE | SIGN);
    assert_int_equal(bf16_of((real)FLT_MAX), INFINITE);
    assert_int_equal(bf16_of((real)-FLT_MAX), INFINITE | SIGN);
    assert_true(bf16_to_real(INFINITE) == INFINITY);
}

/* Of every length around those of vectors. */
static void test_rows_are_single_numbers(void **state) {
    (void)state;
    enum { MOST = 70 };
    real *x = random_numbers(1, MOST), back[MOST];
    bf16 y[MOST];
    x[3] = NAN;
    for (int64_t n = 0; n < MOST; n++) {
        memset(y, 0x55, sizeof y);
        bf16_row_of(n, y, x);
        bf16_row_to_real(n, back, y);
        for (int64_t i = 0; i < n; i++) {
            assert_int_equal(y[i], bf16_of(x[i]));
            if (i != 3) assert_near(back[i], x[i], BF16_EPSILON * fabs((double)x[i]));
        }
        assert_int_equal(y[n], 0x5555);
    }
    free(x);
}

/* Numbers below the smallest normal one may become 0. */
static void test_tiny_numbers_in_rows(void **state) {
    (void)state;
    enum { N = 40 };
    real x[N];
    bf16 y[N];
    for (int i = 0; i < N; i++) x[i] = (real)float_of_bits((uint32_t)(i + 1) << 17);
    bf16_row_of(N, y, x);
    for (int i = 0; i < N; i++) assert_true(y[i] == bf16_of(x[i]) || y[i] == 0);
}

static void test_pairs_are_single_numbers(void **state) {
    (void)state;
    real *x = random_numbers(1, 32);
    uint32_t y[16];
    x[7] = NAN;
    x[20] = INFINITY;
    bf16_pairs_of(y, x, x + 16);
    for (int i = 0; i < 16; i++)
        assert_int_equal(y[i], bf16_of(x[i]) | (uint32_t)bf16_of(x[16 + i]) << 16);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_value_comes_back),
        cmocka_unit_test(test_what_is_no_number_stays_none),
        cmocka_unit_test(test_to_the_nearest_and_ties_to_even),
        cmocka_unit_test(test_what_is_too_large_is_infinite),
        cmocka_unit_test(test_rows_are_single_numbers),
        cmocka_unit_test(test_tiny_numbers_in_rows),
        cmocka_unit_test(test_pairs_are_single_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
