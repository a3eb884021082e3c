#include "autograd/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"

/* Bags of a longer list: its first two ids belong to no bag and to no row. Row 2 stands in two bags
 * and twice in the second; rows 1 and 3 in none. */
enum { V = 6, C = 2, N = 3 };
static const int32_t begin[N + 1] = {2, 3, 6, 8}, ids[] = {-9, 99, 5, 2, 4, 2, 0, 2};
static const real rows[V * C] = {1, 2, 90, 91, 3, -6, 92, 93, 9, 3, -5, 7};

static ag_var *bags_of(ag_tape *t, ag_var *w, bool full_error) {
    parameter_init(w, "w", 1, SHAPE(V, C));
    memcpy(w->value.data, rows, sizeof rows);
    return ag_embedding_bag(t, w, begin, ids, N, full_error);
}

static void test_means_by_hand(void **state) {
    (void)state;
    /* row 5; (2 x row 2 + row 4) / 3; (row 0 + row 2) / 2 */
    static const double expected[] = {-5, 7, 5, -3, 2, -2};
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_var w, *y = bags_of(t, &w, false);
    assert_int_equal(y->value.n_dim, 2);
    assert_int_equal(y->value.shape[0], N);
    assert_int_equal(y->value.shape[1], C);
    for (int i = 0; i < N * C; i++)
        assert_near((double)y->value.data[i], expected[i], 16 * EPSILON);
    ag_tape_free(t);
    parameter_free(&w);
}

/* dy = (3, -6), (12, 24), (2, 8). A row gets its share of the dy of its bags, or with full_error
 * all of it, as often as it stands there. */
static void test_gradients_by_hand(void **state) {
    (void)state;
    static const real dy[N * C] = {3, -6, 12, 24, 2, 8};
    static const int32_t touched[] = {5, 2, 4, 0};
    static const double expected[2][V * C] = {
        {1, 4, 0, 0, 9, 20, 0, 0, 4, 8, 3, -6},
        {2, 8, 0, 0, 26, 56, 0, 0, 12, 24, 3, -6},
    };
    for (int full_error = 0; full_error < 2; full_error++) {
        ag_tape *t = ag_tape_new(AG_RELEASE);
        ag_var w, *y = bags_of(t, &w, full_error);
        ag_var *weights = ag_input(t, tensor_2d((real *)(uintptr_t)dy, N, C));
        ag_backward(t, ag_sum(t, ag_mul(t, y, weights)), 1);
        assert_int_equal(w.grad_state, AG_GRAD_ROWS);
        assert_int_equal(w.rows.n, COUNT(touched));
        assert_memory_equal(w.rows.rows, touched, sizeof touched);
        ag_grad_densify(&w);
        for (int i = 0; i < V * C; i++)
            assert_near((double)w.grad.data[i], expected[full_error][i], 32 * EPSILON);
        ag_tape_free(t);
        parameter_free(&w);
    }
}

/* Many bags of one to nine rows. */
enum { MANY = 300, ROWS = 50, WIDE = 176 };

static void run(int threads, ag_var *w, tensor *value) {
    static int32_t bounds[MANY + 1];
    ag_tape *t = ag_tape_new(AG_KEEP);
    int32_t *list = random_ids(t, 3, MANY * 9, ROWS);
    for (int i = 0; i < MANY; i++) bounds[i + 1] = bounds[i] + 1 + list[i] % 9;
    thread_set_count(threads);
    parameter_init(w, "w", 1, SHAPE(ROWS, WIDE));
    ag_var *y = ag_embedding_bag(t, w, bounds, list, MANY, false);
    ag_backward(t, weighted_sum(t, y), 1);
    ag_grad_densify(w);
    thread_set_count(1);
    *value = tensor_of(random_numbers(1, MANY * WIDE), SHAPE(MANY, WIDE));
    tensor_copy(value, &y->value);
    ag_tape_free(t);
}

static void test_same_bits_at_any_thread_count(void **state) {
    (void)state;
    ag_var w, same;
    tensor value, same_value;
    run(1, &w, &value);
    for (int threads = 2; threads <= 3; threads++) {
        run(threads, &same, &same_value);
        assert_same_bits(&same.grad, &w.grad);
        assert_same_bits(&same_value, &value);
        parameter_free(&same);
        free(same_value.data);
    }
    parameter_free(&w);
    free(value.data);
}

static void id_outside(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_embedding_bag(t, random_leaf(t, 1, SHAPE(5, 2)), begin, ids, N, false);
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(id_outside, "embedding_bag: id 5 at place 2 is not in [0, 5)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means_by_hand),
        cmocka_unit_test(test_gradients_by_hand),
        cmocka_unit_test(test_same_bits_at_any_thread_count),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
