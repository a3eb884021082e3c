/* cross_entropy against its formula in double; linear_cross_entropy against matmul and
 * cross_entropy. */
#include "autograd/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"

static double slow_log_sum_exp(const real *x, int64_t n) {
    double most = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, (double)x[i]);
    for (int64_t i = 0; i < n; i++) sum += exp((double)x[i] - most);
    return most + log(sum);
}

static void test_value_and_gradient(void **state) {
    (void)state;
    enum { ROWS = 6, V = 37, COUNTED = 4 };
    static const int32_t targets[ROWS] = {0, 36, AG_IGNORE, 5, 5, AG_IGNORE};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *logits = random_leaf(t, 1, SHAPE(2, 3, V)),
           *loss = ag_cross_entropy(t, logits, targets);
    ag_backward(t, loss, 1);
    double total = 0;
    for (int r = 0; r < ROWS; r++) {
        const real *x = logits->value.data + r * V, *g = logits->grad.data + r * V;
        bool counts = targets[r] != AG_IGNORE;
        double lse = slow_log_sum_exp(x, V), row = counts ? lse - (double)x[targets[r]] : 0;
        assert_near(ag_row_losses(loss)[r], row, 1e-6);
        total += row;
        for (int v = 0; v < V; v++) {
            double p = exp((double)x[v] - lse) - (v == targets[r]);
            assert_near(g[v], counts ? p / COUNTED : 0, counts ? 1e-6 : 0);
        }
    }
    assert_near(loss->value.data[0], total / COUNTED, 1e-6);
    ag_tape_free(t);
}

static void test_nothing_counts(void **state) {
    (void)state;
    static const int32_t none[] = {AG_IGNORE, AG_IGNORE};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = random_leaf(t, 1, SHAPE(2, 5)), *w = random_leaf(t, 2, SHAPE(9, 5));
    ag_var *a = ag_cross_entropy(t, x, none), *b = ag_linear_cross_entropy(t, x, w, none);
    assert_true(a->value.data[0] == 0 && b->value.data[0] == 0);
    ag_backward(t, ag_add(t, a, b), 1);
    assert_true(largest(&x->grad) == 0);
    assert_true(largest(&w->grad) == 0);
    ag_tape_free(t);
}

static void test_large_logits_do_not_overflow(void **state) {
    (void)state;
    static const int32_t targets[] = {1, 0};
    real numbers[] = {1e4, -1e4, 1e4, -1e4};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = ag_leaf(t, tensor_2d(numbers, 2, 2)), *loss = ag_cross_entropy(t, x, targets);
    ag_backward(t, loss, 1);
    assert_near(loss->value.data[0], 1e4, 1e-2);
    assert_close(&x->grad, &(tensor){{(real[]){0.5, -0.5, 0, 0}}, 2, {2, 2}, {2, 1}, TENSOR_REAL},
                 1e-6);
    ag_tape_free(t);
}

typedef struct result {
    ag_var *x, *w, *loss;
} result;

static result run(ag_tape *t, bool fused, int64_t rows, int64_t V, const int32_t *targets) {
    enum { C = 5 };
    ag_var *x = random_leaf(t, 1, SHAPE(2, rows / 2, C)), *w = random_leaf(t, 2, SHAPE(V, C));
    ag_var *loss =
        fused ? ag_linear_cross_entropy(t, x, w, targets)
              : ag_cross_entropy(t, ag_matmul(t, x, ag_permute(t, w, (int[]){1, 0})), targets);
    ag_backward(t, loss, (real)0.5);
    return (result){x, w, loss};
}

/* The fused op takes the vocabulary in blocks of 2^20 / rows, at least 256: here one block, three
 * of the least width with a short last one, three even ones of a larger width. */
static void test_fused_against_composed(void **state) {
    (void)state;
    static const struct { int64_t rows, V; } cases[] = {{6, 17}, {4200, 600}, {2048, 1536}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ag_tape *t = ag_tape_new(AG_KEEP), *other = ag_tape_new(AG_KEEP);
        int32_t *targets = random_ids(t, 3, cases[i].rows, (uint32_t)cases[i].V);
        for (int64_t r = 1; r < cases[i].rows; r += 5) targets[r] = AG_IGNORE;
        result a = run(t, true, cases[i].rows, cases[i].V, targets);
        result b = run(other, false, cases[i].rows, cases[i].V, targets);
        assert_equal_within(&a.loss->value, &b.loss->value, 16);
        assert_equal_within(&a.x->grad, &b.x->grad, 64);
        assert_equal_within(&a.w->grad, &b.w->grad, 64);
        for (int64_t r = 0; r < cases[i].rows; r++)
            assert_near(ag_row_losses(a.loss)[r], ag_row_losses(b.loss)[r], 64 * EPSILON);
        ag_tape_free(t);
        ag_tape_free(other);
    }
}

static const int32_t beyond[] = {0, 5}, negative[] = {-2, 0};

static void target_beyond_the_vocabulary(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_cross_entropy(t, random_leaf(t, 1, SHAPE(2, 5)), beyond);
}
static void target_below_zero(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_linear_cross_entropy(t, random_leaf(t, 1, SHAPE(2, 3)), random_leaf(t, 2, SHAPE(5, 3)),
                            negative);
}

static void test_a_bad_target_is_a_bug(void **state) {
    (void)state;
    assert_bug(target_beyond_the_vocabulary, "cross_entropy: target 5 of row 1 is not in [0, 5)");
    assert_bug(target_below_zero, "linear_cross_entropy: target -2 of row 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_and_gradient),
        cmocka_unit_test(test_nothing_counts),
        cmocka_unit_test(test_large_logits_do_not_overflow),
        cmocka_unit_test(test_fused_against_composed),
        cmocka_unit_test(test_a_bad_target_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
