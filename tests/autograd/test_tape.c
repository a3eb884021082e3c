#include "autograd/ag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "autograd/op.h"
#include "graph.h"

enum { B = 2, T = 4, C = 6, PARAMETERS = 4, LAYERS = 3 };

/* Parameters of a small net: w (C, 3C), b (3C), a gain (C), back (3C, C). */
typedef struct net {
    ag_var p[PARAMETERS];
} net;

static void net_init(net *n) {
    parameter_init(&n->p[0], "w", 1, SHAPE(C, 3 * C));
    parameter_init(&n->p[1], "b", 2, SHAPE(3 * C));
    parameter_init(&n->p[2], "gain", 3, SHAPE(C));
    parameter_init(&n->p[3], "back", 4, SHAPE(3 * C, C));
}

static void net_free(net *n) {
    for (int i = 0; i < PARAMETERS; i++) parameter_free(&n->p[i]);
}

/* Views of every kind, residual adds, a variable used again and again, weights shared by layers. */
static ag_var *net_loss(net *n, ag_tape *t) {
    ag_var *x = ag_input(t, tape_numbers(t, 20, SHAPE(B, T, C)));
    for (int layer = 0; layer < LAYERS; layer++) {
        ag_var *h = ag_linear(t, ag_rms_norm(t, x, &n->p[2]), &n->p[0], &n->p[1], AG_GELU);
        ag_var *flat = ag_reshape(t, h, SHAPE(B * T, 3 * C));
        ag_var *part = ag_reshape(t, ag_slice(t, flat, 1, C, C), SHAPE(B, T, C));
        ag_var *turned = ag_permute(t, ag_slice(t, h, 2, 0, C), (int[]){1, 0, 2});
        ag_var *back = ag_permute(t, ag_tanh(t, turned), (int[]){1, 0, 2});
        ag_var *y = ag_add(t, ag_mul(t, part, back), ag_slice(t, h, 2, 2 * C, C));
        x = ag_add(t, x, ag_add(t, y, ag_linear(t, h, &n->p[3], NULL, AG_IDENTITY)));
        x = ag_add(t, x, ag_mul(t, x, x));
    }
    return ag_mean(t, ag_mul(t, x, x));
}

/* One forward and backward on a tape of its own; returns the loss. */
static double run(net *n, ag_mode mode, real seed) {
    ag_tape *t = ag_tape_new(mode);
    ag_var *loss = net_loss(n, t);
    ag_backward(t, loss, seed);
    double value = (double)loss->value.data[0];
    ag_tape_free(t);
    return value;
}

static void net_clear(net *n) {
    for (int i = 0; i < PARAMETERS; i++) ag_grad_clear(&n->p[i]);
}

static void test_release_gives_the_same_bits_as_keep(void **state) {
    (void)state;
    net keep, release;
    net_init(&keep);
    net_init(&release);
    assert_true(run(&keep, AG_KEEP, 1) == run(&release, AG_RELEASE, 1));
    for (int i = 0; i < PARAMETERS; i++) {
        assert_int_equal(keep.p[i].grad_state, AG_GRAD_DENSE);
        assert_true(largest(&keep.p[i].grad) > 0);
        assert_same_bits(&keep.p[i].grad, &release.p[i].grad);
    }
    net_free(&keep);
    net_free(&release);
}

static void test_gradients_add_up(void **state) {
    (void)state;
    net once, halves, twice;
    net_init(&once);
    net_init(&halves);
    net_init(&twice);
    run(&once, AG_RELEASE, 1);
    for (int i = 0; i < 2; i++) {
        run(&halves, AG_RELEASE, (real)0.5);
        run(&twice, AG_RELEASE, 1);
    }
    for (int i = 0; i < PARAMETERS; i++) {
        assert_equal_within(&halves.p[i].grad, &once.p[i].grad, 16);
        tensor_accumulate(&twice.p[i].grad, -1, &once.p[i].grad);
        assert_equal_within(&twice.p[i].grad, &once.p[i].grad, 16);
    }
    net_free(&once);
    net_free(&halves);
    net_free(&twice);
}

/* Cleared memory is undefined and counts as zeros: here it holds NaN. */
static void test_clear_empties(void **state) {
    (void)state;
    net n, fresh;
    net_init(&n);
    net_init(&fresh);
    run(&n, AG_RELEASE, 1);
    run(&fresh, AG_RELEASE, 1);
    net_clear(&n);
    for (int i = 0; i < PARAMETERS; i++) {
        assert_int_equal(n.p[i].grad_state, AG_GRAD_EMPTY);
        tensor_fill(&n.p[i].grad, NAN);
    }
    run(&n, AG_RELEASE, 1);
    for (int i = 0; i < PARAMETERS; i++) assert_same_bits(&n.p[i].grad, &fresh.p[i].grad);
    ag_grad_clear(&n.p[0]);
    tensor_fill(&n.p[0].grad, NAN);
    ag_grad_densify(&n.p[0]);
    assert_int_equal(n.p[0].grad_state, AG_GRAD_DENSE);
    assert_true(largest(&n.p[0].grad) == 0);
    net_free(&n);
    net_free(&fresh);
}

static void test_no_heap_after_the_first_step(void **state) {
    (void)state;
    net n;
    net_init(&n);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    size_t calls = 0, bytes = 0;
    for (int step = 0; step < 5; step++) {
        ag_tape_reset(t);
        ag_backward(t, net_loss(&n, t), 1);
        if (step == 0) calls = mem_allocations(), bytes = ag_tape_bytes(t);
        assert_int_equal(mem_allocations(), calls);
        assert_int_equal(ag_tape_bytes(t), bytes);
    }
    ag_tape_free(t);
    net_free(&n);
}

/* The bytes that backward adds to those of forward. */
static size_t bytes_of_backward(ag_mode mode) {
    ag_tape *t = ag_tape_new(mode);
    ag_var *x = random_leaf(t, 1, SHAPE(256, 256));
    for (int i = 0; i < 40; i++) x = ag_mul(t, x, x);
    ag_var *y = ag_sum(t, x);
    size_t forward = ag_tape_bytes(t);
    ag_backward(t, y, 1);
    size_t bytes = ag_tape_bytes(t) - forward;
    ag_tape_free(t);
    return bytes;
}

static void test_release_needs_much_less_memory(void **state) {
    (void)state;
    size_t gradients = 40 * 256 * 256 * sizeof(real);
    assert_true(bytes_of_backward(AG_KEEP) > gradients / 4 * 3);
    assert_true(bytes_of_backward(AG_RELEASE) < gradients / 4);
}

/* An op of the test's own: x -> 1 / x. */
static void backward_reciprocal(ag_tape *t, ag_var *y) {
    tensor dx = ag_grad_add(t, y->in[0]);
    for (int64_t i = 0; i < tensor_numel(&dx); i++)
        dx.data[i] -= y->grad.data[i] * y->value.data[i] * y->value.data[i];
}
static const ag_op reciprocal_op = {.name = "reciprocal", .backward = backward_reciprocal};

static ag_var *reciprocal(ag_tape *t, ag_var *x) {
    ag_var *y = ag_new(t, &reciprocal_op, x->value.n_dim, x->value.shape, 1, &x);
    for (int64_t i = 0; i < tensor_numel(&x->value); i++) y->value.data[i] = 1 / x->value.data[i];
    return y;
}

/* The example of micrograd's README, with its three numbers. */
static void test_micrograd_example(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    real minus_four = -4, two = 2, unit = 1;
    ag_var *a = ag_leaf(t, tensor_1d(&minus_four, 1)), *b = ag_leaf(t, tensor_1d(&two, 1));
    ag_var *one = ag_input(t, tensor_1d(&unit, 1)), *minus_a = ag_scale(t, a, -1);
    ag_var *c = ag_add(t, a, b);
    ag_var *d = ag_add(t, ag_mul(t, a, b), ag_mul(t, ag_mul(t, b, b), b));
    c = ag_add(t, c, ag_add(t, c, one));
    c = ag_add(t, c, ag_add(t, ag_add(t, one, c), minus_a));
    d = ag_add(t, d, ag_add(t, ag_scale(t, d, 2), ag_relu(t, ag_add(t, b, a))));
    d = ag_add(t, d, ag_add(t, ag_scale(t, d, 3), ag_relu(t, ag_add(t, b, minus_a))));
    ag_var *e = ag_add(t, c, ag_scale(t, d, -1)), *f = ag_mul(t, e, e);
    ag_var *g = ag_add(t, ag_scale(t, f, (real)0.5), ag_scale(t, reciprocal(t, f), 10));
    ag_backward(t, g, 1);
    assert_near(g->value.data[0], 24.7041, 6e-5);
    assert_near(a->grad.data[0], 138.8338, 3e-4);
    assert_near(b->grad.data[0], 645.5773, 3e-4);
    ag_tape_free(t);
}

static void test_a_tape_without_gradients(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_var *x = random_leaf(t, 1, SHAPE(3, 4)), *y = ag_dropout(t, ag_gelu(t, x), (real)0.5);
    assert_false(x->needs_grad);
    assert_false(y->needs_grad);
    assert_string_equal(ag_op_name(y), "gelu");
    ag_tape_free(t);
}

static void test_what_is_on_the_tape(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    assert_int_equal(ag_tape_mode(t), AG_KEEP);
    ag_var *x = random_leaf(t, 1, SHAPE(2, 3)), *y = ag_sum(t, ag_relu(t, x));
    int n;
    ag_var *const *vars = ag_tape_vars(t, &n);
    assert_int_equal(n, 3);
    assert_ptr_equal(vars[0], x);
    assert_ptr_equal(vars[2], y);
    assert_string_equal(ag_op_name(vars[0]), "leaf");
    assert_string_equal(ag_op_name(vars[1]), "relu");
    ag_tape_reset(t);
    ag_tape_vars(t, &n);
    assert_int_equal(n, 0);
    ag_tape_free(t);
}

static void test_first_nonfinite(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var w;
    parameter_init(&w, "w", 1, SHAPE(3));
    ag_var *x = random_leaf(t, 3, SHAPE(2, 3)), *y = ag_mul(t, x, &w), *z = ag_sum(t, y);
    assert_null(ag_first_nonfinite(t));
    z->value.data[0] = NAN;
    assert_ptr_equal(ag_first_nonfinite(t), z);
    y->value.data[1] = INFINITY;
    assert_ptr_equal(ag_first_nonfinite(t), y);
    w.value.data[2] = NAN;
    assert_ptr_equal(ag_first_nonfinite(t), &w);
    ag_tape_free(t);
    parameter_free(&w);
}

static void backward_from_many(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_backward(t, ag_relu(t, random_leaf(t, 1, SHAPE(2, 3))), 1);
}
static void backward_without_gradients(void) {
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_backward(t, ag_sum(t, random_leaf(t, 1, SHAPE(2, 3))), 1);
}
static void backward_twice(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *y = ag_sum(t, random_leaf(t, 1, SHAPE(2, 3)));
    ag_backward(t, y, 1);
    ag_backward(t, y, 1);
}
static void leaf_with_gaps(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    tensor x = tape_numbers(t, 1, SHAPE(2, 3));
    ag_leaf(t, tensor_transpose(&x));
}
static void shapes_that_do_not_fit(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_add(t, random_leaf(t, 1, SHAPE(2, 3)), random_leaf(t, 2, SHAPE(2)));
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(backward_from_many, "backward from relu with 6 elements, not one");
    assert_bug(backward_without_gradients, "keeps no gradients");
    assert_bug(backward_twice, "a second backward on a tape");
    assert_bug(leaf_with_gaps, "without gaps");
    assert_bug(shapes_that_do_not_fit, "add: (2, 3) and (2)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_release_gives_the_same_bits_as_keep),
        cmocka_unit_test(test_gradients_add_up),
        cmocka_unit_test(test_clear_empties),
        cmocka_unit_test(test_no_heap_after_the_first_step),
        cmocka_unit_test(test_release_needs_much_less_memory),
        cmocka_unit_test(test_micrograd_example),
        cmocka_unit_test(test_a_tape_without_gradients),
        cmocka_unit_test(test_what_is_on_the_tape),
        cmocka_unit_test(test_first_nonfinite),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
