#include "tensor/softmax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* The bound that vmath.h states. */
static const double bound = 4e-7;

static double relative(double got, double truth) {
    return fabs(got - truth) / truth;
}

static double absolute(double got, double truth) {
    return fabs(got - truth);
}

/* The largest error of f against its libm twin over a dense grid of [low, high]. */
static double worst_error(real (*f)(real), double (*libm)(double), double low, double high,
                          double (*error)(double, double)) {
    enum { POINTS = 400000 };
    double worst = 0;
    for (int i = 0; i <= POINTS; i++) {
        real x = (real)(low + (high - low) * i / POINTS);
        worst = fmax(worst, error((double)f(x), libm((double)x)));
    }
    return worst;
}

/* The same near zero: every power of two down to the smallest denormal, both signs. */
static double worst_near_zero(real (*f)(real), double (*libm)(double)) {
    double worst = 0;
    for (real x = 1; x > 0; x /= 2) {
        worst = fmax(worst, absolute((double)f(x), libm((double)x)));
        worst = fmax(worst, absolute((double)f(-x), libm(-(double)x)));
    }
    return worst;
}

static void test_exp(void **state) {
    (void)state;
    assert_true(worst_error(vm_exp, exp, -87, (double)(real)88.7, relative) <= bound);
    assert_true(worst_error(vm_exp, exp, -1, 1, relative) <= bound);
    assert_true(worst_near_zero(vm_exp, exp) <= bound);
    assert_true(vm_exp(0) == 1);
}

static void test_exp_at_the_ends(void **state) {
    (void)state;
    assert_true(vm_exp(-INFINITY) == 0);
    assert_true(vm_exp(-1e4) == 0);
    assert_true(vm_exp(-1e30) == 0);
    assert_true(vm_exp(-87) > 0);
    assert_true(vm_exp(INFINITY) >= vm_exp((real)88.7));
    assert_true(vm_exp((real)88.7) > 3e38 && isfinite(vm_exp((real)88.7)));
    assert_true(vm_exp(1e30) >= vm_exp((real)88.7));
    assert_true(isnan(vm_exp(NAN)));
}

static void test_erf(void **state) {
    (void)state;
    assert_true(worst_error(vm_erf, erf, -6, 6, absolute) <= bound);
    assert_true(worst_near_zero(vm_erf, erf) <= bound);
    assert_true(vm_erf(0) == 0);
    assert_near(vm_erf(INFINITY), 1, bound);
    assert_near(vm_erf(-INFINITY), -1, bound);
    assert_true(isnan(vm_erf(NAN)));
}

static void test_tanh(void **state) {
    (void)state;
    assert_true(worst_error(vm_tanh, tanh, -20, 20, absolute) <= bound);
    assert_true(worst_near_zero(vm_tanh, tanh) <= bound);
    assert_true(vm_tanh(0) == 0);
    assert_near(vm_tanh(INFINITY), 1, bound);
    assert_near(vm_tanh(-INFINITY), -1, bound);
    assert_true(isnan(vm_tanh(NAN)));
}

/* softmax(scale x) in double. */
static void slow_softmax(int64_t n, const real *x, double scale, double *p) {
    double most = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, scale * (double)x[i]);
    for (int64_t i = 0; i < n; i++) sum += p[i] = exp(scale * (double)x[i] - most);
    for (int64_t i = 0; i < n; i++) p[i] /= sum;
}

static void test_softmax(void **state) {
    (void)state;
    static const int64_t lengths[] = {1, 2, 17, 1000};
    for (size_t s = 0; s < COUNT(lengths); s++) {
        int64_t n = lengths[s];
        real *x = random_numbers(1, n);
        double sum = 0, log_sum = 0, *expected = mem_new((size_t)n, sizeof *expected);
        for (int64_t i = 0; i < n; i++) x[i] *= 8;
        slow_softmax(n, x, 0.7, expected);
        for (int64_t i = 0; i < n; i++) log_sum += exp(0.7 * (double)x[i]);
        assert_near(softmax_row(n, x, (real)0.7), log(log_sum), 1e-5);
        for (int64_t i = 0; i < n; i++) {
            assert_near(x[i], expected[i], 2e-6);
            sum += x[i];
        }
        assert_near(sum, 1, 1e-6);
        free(expected);
        free(x);
    }
}

/* Numbers that a shift leaves exact, so that the result must have the same bits. */
static void test_softmax_is_equal_under_shift(void **state) {
    (void)state;
    enum { N = 100, SHIFT = 512 };
    real x[N], shifted[N];
    for (int i = 0; i < N; i++) {
        x[i] = (real)(i * 37 % N) / 16;
        shifted[i] = x[i] + SHIFT;
    }
    double lse = (double)softmax_row(N, x, 1), shifted_lse = (double)softmax_row(N, shifted, 1);
    assert_memory_equal(x, shifted, sizeof x);
    assert_near(shifted_lse, lse + SHIFT, 1e-4);
}

static void test_softmax_does_not_overflow(void **state) {
    (void)state;
    real x[] = {1e4, -1e4, 1e4, 0, -INFINITY};
    assert_near(softmax_row(COUNT(x), x, 1), 1e4 + log(2), 1e-2);
    assert_true(x[0] == (real)0.5 && x[2] == (real)0.5);
    assert_true(x[1] == 0 && x[3] == 0 && x[4] == 0);
    real low[] = {-1e4, -1e4};
    softmax_row(COUNT(low), low, 1);
    assert_true(low[0] == (real)0.5 && low[1] == (real)0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_exp_at_the_ends),
        cmocka_unit_test(test_erf),
        cmocka_unit_test(test_tanh),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_softmax_is_equal_under_shift),
        cmocka_unit_test(test_softmax_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
