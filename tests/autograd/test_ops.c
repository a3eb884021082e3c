/* What a gradient check cannot see: fused ops against composed ones, the mask of dropout, which
 * rows of an embedding's gradient are touched. */
#include "autograd/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "autograd/gradcheck.h"
#include "graph.h"

static double slow_relu(double x) {
    return x > 0 ? x : 0;
}
static double slow_gelu(double x) {
    return 0.5 * x * (1 + erf(x / sqrt(2)));
}
static double slow_gelu_tanh(double x) {
    return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
}
static double slow_sigmoid(double x) {
    return 1 / (1 + exp(-x));
}
static double slow_silu(double x) {
    return x * slow_sigmoid(x);
}
static double slow_log_sigmoid(double x) {
    return -log1p(exp(-x));
}

static void test_functions_by_their_formulas(void **state) {
    (void)state;
    enum { N = 4001 };
    static const struct {
        ag_var *(*op)(ag_tape *, ag_var *);
        double (*formula)(double);
    } functions[] = {{ag_relu, slow_relu},
                     {ag_gelu, slow_gelu},
                     {ag_gelu_tanh, slow_gelu_tanh},
                     {ag_sigmoid, slow_sigmoid},
                     {ag_silu, slow_silu},
                     {ag_log_sigmoid, slow_log_sigmoid},
                     {ag_tanh, tanh}};
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_var *x = random_leaf(t, 1, SHAPE(N));
    for (int i = 0; i < N; i++) x->value.data[i] = (real)(20.0 * i / (N - 1) - 10);
    for (size_t f = 0; f < COUNT(functions); f++) {
        const real *y = functions[f].op(t, x)->value.data;
        for (int i = 0; i < N; i++)
            assert_near((double)y[i], functions[f].formula((double)x->value.data[i]), 5e-6);
    }
    ag_tape_free(t);
}

static void test_powers(void **state) {
    (void)state;
    real numbers[] = {-2, 0, 4};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = ag_leaf(t, tensor_1d(numbers, 3));
    ag_var *squares = ag_pow(t, x, 2), *ones = ag_pow(t, x, 0), *inverses = ag_pow(t, x, -1);
    assert_true(squares->value.data[0] == 4 && squares->value.data[1] == 0);
    assert_true(inverses->value.data[0] == (real)-0.5 && isinf(inverses->value.data[1]));
    assert_true(isnan(ag_pow(t, x, (real)0.5)->value.data[0]));
    ag_backward(t, ag_sum(t, ag_add(t, squares, ones)), 1);
    assert_true(x->grad.data[0] == -4 && x->grad.data[1] == 0 && x->grad.data[2] == 8);
    ag_tape_free(t);
}

static void test_log_sigmoid_does_not_overflow(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    real ends[] = {-1e4, 1e4};
    ag_var *x = ag_leaf(t, tensor_1d(ends, 2)), *y = ag_log_sigmoid(t, x);
    ag_backward(t, ag_sum(t, y), 1);
    assert_true(y->value.data[0] == (real)-1e4 && y->value.data[1] == 0);
    assert_near((double)x->grad.data[0], 1, 1e-6);
    assert_near((double)x->grad.data[1], 0, 1e-6);
    ag_tape_free(t);
}

enum { I = 8, O = 60 };

typedef struct layer {
    ag_var *x, *w, *b, *y;
} layer;

/* A layer over x (3, 70, I), large enough for several blocks of the activation. */
static layer layer_new(ag_tape *t, bool with_bias, ag_activation act,
                       ag_var *(*then)(ag_tape *, ag_var *)) {
    layer l = {random_leaf(t, 1, SHAPE(3, 70, I)), random_leaf(t, 2, SHAPE(I, O)), NULL, NULL};
    if (with_bias) l.b = random_leaf(t, 3, SHAPE(O));
    l.y = ag_linear(t, l.x, l.w, l.b, act);
    if (then) l.y = then(t, l.y);
    ag_backward(t, weighted_sum(t, l.y), 1);
    return l;
}

static void check_activation(bool with_bias, ag_activation act,
                             ag_var *(*then)(ag_tape *, ag_var *)) {
    ag_tape *t = ag_tape_new(AG_KEEP), *other = ag_tape_new(AG_KEEP);
    layer a = layer_new(t, with_bias, act, NULL),
          b = layer_new(other, with_bias, AG_IDENTITY, then);
    assert_equal_within(&a.y->value, &b.y->value, 4);
    assert_equal_within(&a.x->grad, &b.x->grad, 16);
    assert_equal_within(&a.w->grad, &b.w->grad, 16);
    if (with_bias) assert_equal_within(&a.b->grad, &b.b->grad, 16);
    ag_tape_free(t);
    ag_tape_free(other);
}

static void test_linear_with_activation(void **state) {
    (void)state;
    for (int with_bias = 0; with_bias < 2; with_bias++) {
        check_activation(with_bias, AG_GELU, ag_gelu);
        check_activation(with_bias, AG_GELU_TANH, ag_gelu_tanh);
    }
}

/* One position of each sequence is a matrix of rows far apart. */
static void test_linear_of_a_slice(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = random_leaf(t, 1, SHAPE(3, 5, I)), *w = random_leaf(t, 2, SHAPE(I, O));
    ag_var *part = ag_slice(t, x, 1, 4, 1);
    ag_var *a = ag_linear(t, part, w, NULL, AG_IDENTITY), *b = ag_matmul(t, part, w);
    assert_equal_within(&a->value, &b->value, 4);
    ag_tape_free(t);
}

/* Each matrix of one operand lies across all of the other's. */
static ag_var *product_of_views(gradcheck *g, ag_tape *t) {
    ag_var *x = gradcheck_leaf(g, t, SHAPE(3, 3, 3), -1, 1);
    return ag_add(t, ag_matmul(t, x, ag_permute(t, x, (int[]){1, 0, 2})), x);
}

static void test_matmul_of_two_views_of_the_same_numbers(void **state) {
    (void)state;
    assert_true(gradcheck_function("product of views", product_of_views).passed);
}

static void test_gradient_of_a_broadcast(void **state) {
    (void)state;
    enum { ROWS = 40, COLS = 300 };
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *a = random_leaf(t, 1, SHAPE(ROWS, COLS)), *row = random_leaf(t, 2, SHAPE(COLS));
    ag_var *column = random_leaf(t, 3, SHAPE(ROWS, 1)), *one = random_leaf(t, 4, SHAPE(1));
    tensor w = tape_numbers(t, 5, SHAPE(ROWS, COLS));
    ag_var *y = ag_add(t, ag_add(t, row, a), ag_add(t, column, one));
    ag_backward(t, ag_sum(t, ag_mul(t, y, ag_input(t, w))), 1);
    double rows[ROWS] = {0}, cols[COLS] = {0}, all = 0;
    for (int i = 0; i < ROWS * COLS; i++) {
        rows[i / COLS] += (double)w.data[i];
        cols[i % COLS] += (double)w.data[i];
        all += (double)w.data[i];
    }
    assert_close(&a->grad, &w, 0);
    for (int i = 0; i < COLS; i++) assert_near(row->grad.data[i], cols[i], 1e-5);
    for (int i = 0; i < ROWS; i++) assert_near(column->grad.data[i], rows[i], 1e-4);
    assert_near(one->grad.data[0], all, 1e-3);
    ag_tape_free(t);
}

static void test_dropout_statistics(void **state) {
    (void)state;
    enum { N = 100003 };
    const double p = 0.2;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_tape_set_key(t, rng_from_seed(3));
    tensor ones = tape_numbers(t, 1, SHAPE(N));
    tensor_fill(&ones, 1);
    ag_var *x = ag_leaf(t, ones), *y = ag_dropout(t, x, (real)p), *z = ag_dropout(t, x, (real)p);
    ag_backward(t, ag_sum(t, y), 1);
    double dropped = 0, both = 0;
    for (int64_t i = 0; i < N; i++) {
        if (y->value.data[i] != 0) assert_near(y->value.data[i], 1 / (1 - p), 1e-6);
        dropped += y->value.data[i] == 0;
        both += y->value.data[i] == 0 && z->value.data[i] == 0;
    }
    assert_near(dropped / N, p, 4 * sqrt(p * (1 - p) / N));
    assert_near(both / N, p * p, 4 * sqrt(p * p * (1 - p * p) / N));
    assert_same_bits(&x->grad, &y->value);
    assert_ptr_equal(ag_dropout(t, x, 0), x);
    ag_tape_free(t);
}

/* Returns new: the result of dropout of N ones. */
static real *dropped_out(uint64_t seed, int threads, int64_t n) {
    thread_set_count(threads);
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_tape_set_key(t, rng_from_seed(seed));
    ag_var *y = ag_dropout(t, random_leaf(t, 1, SHAPE(n)), (real)0.5);
    real *copy = mem_new((size_t)n, sizeof *copy);
    memcpy(copy, y->value.data, (size_t)n * sizeof *copy);
    ag_tape_free(t);
    thread_set_count(1);
    return copy;
}

static void test_dropout_depends_on_the_key_alone(void **state) {
    (void)state;
    enum { N = 50001 };
    real *one = dropped_out(1, 1, N), *two = dropped_out(1, 2, N), *other = dropped_out(2, 1, N);
    assert_memory_equal(one, two, N * sizeof(real));
    assert_memory_not_equal(one, other, N * sizeof(real));
    free(one);
    free(two);
    free(other);
}

enum { V = 9, C = 70 };

static const int32_t ids[] = {7, 2, 7, 1}, more_ids[] = {2, 0, 2, 2};

/* The gradient that the rows of a matrix get from weighted_sum(embedding(ids)), twice over if
 * `times` is 2; all zeros where no id points. */
static void assert_row_gradient(ag_tape *t, const ag_var *w, int times) {
    tensor dy = tape_numbers(t, 99, SHAPE(1, COUNT(ids), C));
    tensor expected = tape_numbers(t, 0, SHAPE(V, C));
    tensor_fill(&expected, 0);
    for (size_t i = 0; i < COUNT(ids); i++)
        for (int64_t c = 0; c < C; c++)
            expected.data[ids[i] * C + c] += (real)times * dy.data[(int64_t)i * C + c];
    assert_close(&w->grad, &expected, 8 * EPSILON);
}

static ag_var *embedding_loss(ag_tape *t, ag_var *w, const int32_t *of) {
    return weighted_sum(t, ag_embedding(t, w, of, 1, COUNT(ids)));
}

static void test_embedding_gradient_is_row_sparse(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_var w;
    parameter_init(&w, "w", 1, SHAPE(V, C));
    for (int times = 1; times <= 2; times++) {
        ag_tape_reset(t);
        ag_backward(t, embedding_loss(t, &w, ids), 1);
        assert_int_equal(w.grad_state, AG_GRAD_ROWS);
        assert_int_equal(w.rows.n, 3);
        assert_memory_equal(w.rows.rows, ((int32_t[]){7, 2, 1}), 3 * sizeof(int32_t));
        for (int row = 0; row < V; row++) {
            bool touched = row == 7 || row == 2 || row == 1;
            assert_int_equal(w.rows.touched[row], touched);
            assert_int_equal(isnan(w.grad.data[row * C]) != 0, !touched);
        }
    }
    ag_grad_densify(&w);
    assert_int_equal(w.grad_state, AG_GRAD_DENSE);
    assert_row_gradient(t, &w, 2);
    ag_grad_clear(&w);
    ag_tape_reset(t);
    ag_backward(t, embedding_loss(t, &w, more_ids), 1);
    assert_int_equal(w.rows.n, 2);
    assert_false(w.rows.touched[7]);
    ag_grad_clear(&w);
    ag_tape_reset(t);
    ag_backward(t, embedding_loss(t, &w, ids), 1);
    assert_int_equal(w.rows.n, 3);
    ag_grad_densify(&w);
    assert_row_gradient(t, &w, 1);
    parameter_free(&w);
    ag_tape_free(t);
}

/* A matrix that is also a head, as in a tied model: dense, whichever use comes first. */
static void test_tied_embedding_gradient_is_dense(void **state) {
    (void)state;
    static const int32_t targets[] = {3, 8, 0, 1};
    for (int embedding_first = 0; embedding_first < 2; embedding_first++) {
        ag_tape *t = ag_tape_new(AG_KEEP);
        ag_var tied, head, table;
        parameter_init(&tied, "tied", 1, SHAPE(V, C));
        parameter_init(&head, "head", 1, SHAPE(V, C));
        parameter_init(&table, "table", 1, SHAPE(V, C));
        ag_var *x = ag_input(t, tape_numbers(t, 2, SHAPE(4, C))), *a, *b;
        if (embedding_first) a = embedding_loss(t, &tied, ids);
        b = ag_linear_cross_entropy(t, x, &tied, targets);
        if (!embedding_first) a = embedding_loss(t, &tied, ids);
        ag_backward(t, ag_add(t, a, b), 1);
        assert_int_equal(tied.grad_state, AG_GRAD_DENSE);
        ag_tape_reset(t);
        x = ag_input(t, tape_numbers(t, 2, SHAPE(4, C)));
        b = ag_linear_cross_entropy(t, x, &head, targets);
        ag_backward(t, ag_add(t, embedding_loss(t, &table, ids), b), 1);
        ag_grad_densify(&table);
        tensor_accumulate(&head.grad, 1, &table.grad);
        assert_equal_within(&tied.grad, &head.grad, 8);
        parameter_free(&tied);
        parameter_free(&head);
        parameter_free(&table);
        ag_tape_free(t);
    }
}

static void test_embedding_of_a_leaf_is_dense(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *w = random_leaf(t, 1, SHAPE(V, C));
    ag_backward(t, embedding_loss(t, w, ids), 1);
    assert_row_gradient(t, w, 1);
    ag_tape_free(t);
}

static void id_beyond_the_table(void) {
    static const int32_t bad[] = {0, V};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_embedding(t, random_leaf(t, 1, SHAPE(V, C)), bad, 1, 2);
}
static void linear_of_another_width(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_linear(t, random_leaf(t, 1, SHAPE(2, 3)), random_leaf(t, 2, SHAPE(4, 5)), NULL, AG_IDENTITY);
}

static void test_what_does_not_fit_is_a_bug(void **state) {
    (void)state;
    assert_bug(id_beyond_the_table, "embedding: id 9 at position 1 is not in [0, 9)");
    assert_bug(linear_of_another_width, "linear: x (2, 3) by w (4, 5)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_by_their_formulas),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_log_sigmoid_does_not_overflow),
        cmocka_unit_test(test_linear_with_activation),
        cmocka_unit_test(test_linear_of_a_slice),
        cmocka_unit_test(test_matmul_of_two_views_of_the_same_numbers),
        cmocka_unit_test(test_gradient_of_a_broadcast),
        cmocka_unit_test(test_dropout_statistics),
        cmocka_unit_test(test_dropout_depends_on_the_key_alone),
        cmocka_unit_test(test_embedding_gradient_is_row_sparse),
        cmocka_unit_test(test_tied_embedding_gradient_is_dense),
        cmocka_unit_test(test_embedding_of_a_leaf_is_dense),
        cmocka_unit_test(test_what_does_not_fit_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
