#include "nn/param.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

static void register_some(nn_params *ps) {
    nn_param_new(ps, SHAPE(3, 5), 0, 0.5, "%s.%d.weight", "h", 7);
    nn_param_new(ps, SHAPE(1), 1, 0, "gain");
    nn_param_new(ps, SHAPE(300, 200), 2, 0.25, "large");
    nn_param_new(ps, SHAPE(4), 0, 0, "bias");
}

static nn_params some_params(bool with_grad) {
    nn_params ps = {0};
    register_some(&ps);
    nn_params_allocate(&ps, with_grad);
    nn_params_init(&ps, rng_from_seed(1));
    return ps;
}

static void test_names_and_layout(void **state) {
    (void)state;
    nn_params ps = some_params(true);
    static const char *const names[] = {"h.7.weight", "gain", "large", "bias"};
    int64_t end = 0, begin = 0;
    assert_int_equal(ps.n, COUNT(names));
    assert_int_equal(nn_params_count(&ps), 15 + 1 + 60000 + 4);
    for (int i = 0; i < ps.n; i++) {
        nn_param *p = ps.list[i];
        assert_string_equal(p->name, names[i]);
        assert_ptr_equal(p->var.name, p->name);
        assert_ptr_equal(nn_params_find(&ps, names[i]), p);
        assert_ptr_equal(p->var.root, &p->var);
        begin = p->offset;
        assert_true(begin >= end);
        assert_int_equal((uintptr_t)p->var.value.data % 64, 0);
        assert_ptr_equal(p->var.value.data, ps.value + begin);
        assert_ptr_equal(p->var.grad.data, ps.grad + begin);
        for (int64_t k = end; k < begin; k++) assert_true(ps.value[k] == 0 && ps.grad[k] == 0);
        end = begin + tensor_numel(&p->var.value);
    }
    assert_true(ps.numel >= end);
    assert_null(nn_params_find(&ps, "h.7"));
    nn_params_free(&ps);
    assert_int_equal(ps.n, 0);
}

static void test_without_gradients(void **state) {
    (void)state;
    nn_params ps = some_params(false);
    assert_null(ps.grad);
    for (int i = 0; i < ps.n; i++) assert_false(ps.list[i]->var.needs_grad);
    nn_params_free(&ps);
}

static void test_initial_numbers(void **state) {
    (void)state;
    nn_params ps = some_params(true);
    const tensor *large = &nn_params_find(&ps, "large")->var.value;
    double n = (double)tensor_numel(large), mean = tensor_sum(large) / n;
    double variance = tensor_sum_squares(large->data, (int64_t)n) / n - mean * mean;
    assert_near(mean, 2, 4 * 0.25 / sqrt(n));
    assert_near(sqrt(variance), 0.25, 4 * 0.25 / sqrt(2 * n));
    assert_true(nn_params_find(&ps, "gain")->var.value.data[0] == 1);
    assert_true(largest(&nn_params_find(&ps, "bias")->var.value) == 0);
    nn_params_free(&ps);
}

/* U[-1, 3): its mean, its variance and its ends. */
static void test_uniform_numbers(void **state) {
    (void)state;
    nn_params ps = {0};
    tensor *x = &nn_param_new_uniform(&ps, SHAPE(300, 200), -1, 3, "%s.weight", "wte")->value;
    nn_params_allocate(&ps, true);
    nn_params_init(&ps, rng_from_seed(1));
    double n = 60000, mean = tensor_sum(x) / n, least = 0;
    double variance = tensor_sum_squares(x->data, 60000) / n - mean * mean;
    for (int64_t i = 0; i < 60000; i++) least = fmin(least, x->data[i]);
    assert_near(mean, 1, 4 * sqrt(4.0 / 3 / n));
    assert_near(variance, 4.0 / 3, 0.03);
    assert_near(least, -1, 0.001);
    assert_near(largest(x), 3, 0.001);
    assert_ptr_equal(nn_params_find(&ps, "wte.weight"), ps.list[0]);
    nn_params_free(&ps);
}

/* The numbers of a parameter depend on the key and its name, on no other parameter. */
static void test_numbers_do_not_depend_on_other_parameters(void **state) {
    (void)state;
    nn_params some = some_params(true), more = {0}, other = some_params(true);
    nn_param_new(&more, SHAPE(17), 0, 1, "before");
    register_some(&more);
    nn_params_allocate(&more, false);
    nn_params_init(&more, rng_from_seed(1));
    nn_params_init(&other, rng_from_seed(2));
    for (int i = 0; i < some.n; i++) {
        const tensor *a = &some.list[i]->var.value;
        const tensor *b = &nn_params_find(&more, some.list[i]->name)->var.value;
        assert_close(a, b, 0);
    }
    assert_true(other.value[0] != some.value[0]);
    assert_true(some.value[0] != nn_params_find(&more, "before")->var.value.data[0]);
    nn_params_free(&some);
    nn_params_free(&more);
    nn_params_free(&other);
}

static void test_clear_gradients(void **state) {
    (void)state;
    nn_params ps = some_params(true);
    for (int i = 0; i < ps.n; i++) ag_grad_densify(&ps.list[i]->var);
    nn_params_clear_grads(&ps);
    for (int i = 0; i < ps.n; i++) assert_int_equal(ps.list[i]->var.grad_state, AG_GRAD_EMPTY);
    nn_params_free(&ps);
}

static void register_too_late(void) {
    nn_params ps = some_params(false);
    nn_param_new(&ps, SHAPE(1), 0, 0, "late");
}
static void name_too_long(void) {
    nn_params ps = {0};
    nn_param_new(&ps, SHAPE(1), 0, 0, "%0100d", 1);
}

static void empty_range(void) {
    nn_params ps = {0};
    nn_param_new_uniform(&ps, SHAPE(1), 1, 1, "w");
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(register_too_late, "after the memory was laid out");
    assert_bug(name_too_long, "too long");
    assert_bug(empty_range, "U[1, 1) is empty");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_layout),
        cmocka_unit_test(test_without_gradients),
        cmocka_unit_test(test_initial_numbers),
        cmocka_unit_test(test_uniform_numbers),
        cmocka_unit_test(test_numbers_do_not_depend_on_other_parameters),
        cmocka_unit_test(test_clear_gradients),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
