#include "train/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void assert_close(double value, double expected) {
    if (!(fabs(value - expected) <= 1e-15)) fail_msg("%.17g, expected %.17g", value, expected);
}

/* nanoGPT's get_lr(it) with learning_rate 1e-3, min_lr 1e-4, warmup_iters 100, lr_decay_iters 5000,
 * run once in Python. */
static void test_cosine_is_that_of_nanogpt(void **state) {
    (void)state;
    static const struct {
        int64_t iter;
        double rate;
    } known[] = {
        {0, 9.9009900990099013e-06},
        {50, 0.00050495049504950497},
        {99, 0.00099009900990099011},
        {100, 0.001},
        {101, 0.00099999990751099897},
        {1000, 0.00092713964720132823},
        {2550, 0.00055000000000000003},
        {4000, 0.00018936387015941957},
        {4999, 0.00010000009248900101},
        {5000, 0.0001},
        {5001, 0.0001},
        {100000, 0.0001},
    };
    const optim_lr_plan plan = {OPTIM_COSINE, 1e-3, 1e-4, 100, 5000};
    for (size_t i = 0; i < COUNT(known); i++)
        assert_close(optim_learning_rate(&plan, known[i].iter), known[i].rate);
}

static void test_linear_falls_along_a_line(void **state) {
    (void)state;
    const optim_lr_plan plan = {OPTIM_LINEAR, 1, 0.2, 4, 12};
    static const double rates[] = {0.2, 0.4, 0.6, 0.8, 1,   0.9, 0.8,
                                   0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.2};
    for (size_t i = 0; i < COUNT(rates); i++)
        assert_close(optim_learning_rate(&plan, (int64_t)i), rates[i]);
}

static void test_constant_stays_after_the_warmup(void **state) {
    (void)state;
    const optim_lr_plan plan = {OPTIM_CONSTANT, 0.5, 0.1, 1, 10};
    assert_close(optim_learning_rate(&plan, 0), 0.25);
    static const int64_t later[] = {1, 9, 10, 1000000};
    for (size_t i = 0; i < COUNT(later); i++)
        assert_close(optim_learning_rate(&plan, later[i]), 0.5);
}

static void test_without_warmup_it_begins_at_the_highest(void **state) {
    (void)state;
    for (optim_schedule s = OPTIM_COSINE; s <= OPTIM_CONSTANT; s++)
        assert_close(optim_learning_rate(&(optim_lr_plan){s, 0.3, 0.1, 0, 10}, 0), 0.3);
}

/* A warmup as long as the decay leaves no step in between: nothing is divided by zero. */
static void test_nothing_between_warmup_and_end(void **state) {
    (void)state;
    const optim_lr_plan plan = {OPTIM_COSINE, 1, 0.1, 3, 3};
    assert_close(optim_learning_rate(&plan, 2), 0.75);
    assert_close(optim_learning_rate(&plan, 3), 0.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cosine_is_that_of_nanogpt),
        cmocka_unit_test(test_linear_falls_along_a_line),
        cmocka_unit_test(test_constant_stays_after_the_warmup),
        cmocka_unit_test(test_without_warmup_it_begins_at_the_highest),
        cmocka_unit_test(test_nothing_between_warmup_and_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
