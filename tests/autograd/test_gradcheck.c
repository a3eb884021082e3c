#include "autograd/gradcheck.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "autograd/op.h"
#include "graph.h"

static void test_every_op(void **state) {
    (void)state;
    assert_true(gradcheck_n_ops() > 0);
    for (int i = 0; i < gradcheck_n_ops(); i++) {
        gradcheck_result r = gradcheck_op(i);
        if (!r.passed) fail_msg("%s: %g is above %g", r.name, r.worst, r.tolerance);
        assert_true(r.n_elements > 0);
        assert_non_null(r.formula);
    }
}

static ag_var *leaf(gradcheck *g, ag_tape *t) {
    return gradcheck_leaf(g, t, SHAPE(3, 4), 0.5, 1);
}

static ag_var *composed(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t), *w = gradcheck_leaf(g, t, SHAPE(4, 5), -1, 1);
    ag_var *h = ag_linear(t, x, w, NULL, AG_GELU);
    return ag_matmul(t, ag_softmax(t, h), ag_permute(t, h, (int[]){1, 0}));
}

static void test_a_right_gradient_passes(void **state) {
    (void)state;
    gradcheck_result r = gradcheck_function("composed", composed);
    assert_string_equal(r.name, "composed");
    assert_int_equal(r.n_elements, 3 * 4 + 4 * 5);
    assert_true(r.passed);
}

/* x^2 of which backward sees one factor only. */
static ag_var *half_hidden(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t);
    return ag_mul(t, x, ag_input(t, x->value));
}

static ag_var *all_hidden(gradcheck *g, ag_tape *t) {
    return ag_input(t, leaf(g, t)->value);
}

/* A dependency that is hidden in the second of two leaves. */
static ag_var *second_leaf_hidden(gradcheck *g, ag_tape *t) {
    ag_var *a = leaf(g, t), *b = leaf(g, t);
    return ag_mul(t, a, ag_input(t, b->value));
}

/* 3 x, with a backward of one's own making. */
static ag_var *triple(ag_tape *t, const ag_op *op, ag_var *x) {
    ag_var *y = ag_new(t, op, x->value.n_dim, x->value.shape, 1, &x);
    for (int64_t i = 0; i < tensor_numel(&x->value); i++) y->value.data[i] = 3 * x->value.data[i];
    return y;
}

static void backward_slightly_off(ag_tape *t, ag_var *y) {
    ag_grad_contribute(t, y->in[0], (real)3.05, &y->grad);
}
static void backward_to_nan(ag_tape *t, ag_var *y) {
    ag_grad_contribute(t, y->in[0], NAN, &y->grad);
}
static const ag_op slightly_off_op = {.name = "slightly_off", .backward = backward_slightly_off};
static const ag_op to_nan_op = {.name = "to_nan", .backward = backward_to_nan};

static ag_var *slightly_off(gradcheck *g, ag_tape *t) {
    return triple(t, &slightly_off_op, leaf(g, t));
}
static ag_var *to_nan(gradcheck *g, ag_tape *t) {
    return triple(t, &to_nan_op, leaf(g, t));
}

static void test_a_wrong_gradient_is_found(void **state) {
    (void)state;
    static gradcheck_build *const wrong[] = {half_hidden, all_hidden, second_leaf_hidden,
                                             slightly_off, to_nan};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        gradcheck_result r = gradcheck_function("wrong", wrong[i]);
        if (r.passed) fail_msg("wrong function %d passed with %g", (int)i, r.worst);
        assert_false(r.worst <= r.tolerance);
    }
}

static ag_var *without_leaves(gradcheck *g, ag_tape *t) {
    (void)g;
    return ag_input(t, tape_numbers(t, 1, SHAPE(2)));
}

static void test_a_check_of_nothing_fails(void **state) {
    (void)state;
    assert_false(gradcheck_function("nothing", without_leaves).passed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_op),
        cmocka_unit_test(test_a_right_gradient_passes),
        cmocka_unit_test(test_a_wrong_gradient_is_found),
        cmocka_unit_test(test_a_check_of_nothing_fails),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
