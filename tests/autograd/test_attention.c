/* attention against its composed form; its dropout; rotary positions. */
#include "autograd/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"

/* 0 where query t may see key s, else so low that its probability is 0. */
static ag_var *causal_mask(ag_tape *t, int64_t T, int64_t S) {
    tensor m = tape_numbers(t, 0, SHAPE(T, S));
    for (int64_t i = 0; i < T * S; i++) m.data[i] = i % S <= i / S + (S - T) ? 0 : (real)-1e30;
    return ag_input(t, m);
}

/* softmax(q k^T / sqrt(HS) + mask) v, head by head, with every matrix written out. */
static ag_var *composed(ag_tape *t, ag_var *q, ag_var *k, ag_var *v, int n_head) {
    enum { MOST_HEADS = 4 };
    ag_var *heads[MOST_HEADS], *mask = causal_mask(t, q->value.shape[1], k->value.shape[1]);
    int64_t HS = q->value.shape[2] / n_head;
    for (int h = 0; h < n_head; h++) {
        ag_var *qh = ag_slice(t, q, 2, h * HS, HS), *kh = ag_slice(t, k, 2, h * HS, HS);
        ag_var *scores = ag_matmul(t, qh, ag_permute(t, kh, (int[]){0, 2, 1}));
        scores = ag_scale(t, scores, 1 / (real)sqrt((double)HS));
        ag_var *p = ag_softmax(t, ag_add(t, scores, mask));
        heads[h] = ag_matmul(t, p, ag_slice(t, v, 2, h * HS, HS));
    }
    return ag_concat(t, heads, n_head, 2);
}

static ag_var *fused(ag_tape *t, ag_var *q, ag_var *k, ag_var *v, int n_head) {
    return ag_attention(t, q, k, v, n_head, 0);
}

typedef ag_var *attend(ag_tape *t, ag_var *q, ag_var *k, ag_var *v, int n_head);

typedef struct result {
    ag_var *x, *y;
} result;

/* A shape to try: T queries, S keys, two heads of HS columns. */
typedef struct size {
    int64_t T, S, HS;
} size;

/* q, k and v are slices of one variable, as a model makes them; q the last T of S positions. */
static result of_slices(ag_tape *t, attend *f, size n) {
    int64_t C = 2 * n.HS;
    ag_var *x = random_leaf(t, 1, SHAPE(2, n.S, 3 * C)), *part[3];
    for (int i = 0; i < 3; i++) part[i] = ag_slice(t, x, 2, i * C, C);
    ag_var *y = f(t, ag_slice(t, part[0], 1, n.S - n.T, n.T), part[1], part[2], 2);
    ag_backward(t, weighted_sum(t, y), 1);
    return (result){x, y};
}

/* q, k and v are one and the same. */
static result of_itself(ag_tape *t, attend *f, size n) {
    ag_var *x = random_leaf(t, 1, SHAPE(2, n.T, 2 * n.HS)), *y = f(t, x, x, x, 2);
    ag_backward(t, weighted_sum(t, y), 1);
    return (result){x, y};
}

static void compare(result (*run)(ag_tape *, attend *, size), size n) {
    ag_tape *t = ag_tape_new(AG_KEEP), *other = ag_tape_new(AG_KEEP);
    result a = run(t, fused, n), b = run(other, composed, n);
    assert_equal_within(&a.y->value, &b.y->value, 32);
    assert_equal_within(&a.x->grad, &b.x->grad, 128);
    ag_tape_free(t);
    ag_tape_free(other);
}

/* On both sides of the tile of 64 queries; heads of less than a vector, and of several and a rest.
 */
static const int64_t lengths[] = {1, 5, 64, 65, 130}, widths[] = {4, 60};

static void test_against_composed(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(lengths) * COUNT(widths); i++) {
        int64_t T = lengths[i / COUNT(widths)], HS = widths[i % COUNT(widths)];
        compare(of_slices, (size){T, T, HS});
        compare(of_slices, (size){T, T + 7, HS});
        compare(of_itself, (size){T, T, HS});
    }
}

enum { B = 6, T = 64 };

/* With q = 0 and v the identity, row t of the result shows the dropped-out probabilities of query
 * t, each 1 / (t + 1) before dropout. */
static ag_var *shown_probabilities(ag_tape *t, real p, ag_var **v) {
    tensor zero = tape_numbers(t, 1, SHAPE(B, T, T)), identity = tape_numbers(t, 1, SHAPE(B, T, T));
    tensor_fill(&zero, 0);
    for (int64_t i = 0; i < B * T * T; i++) identity.data[i] = i % T == i / T % T;
    ag_var *q = ag_input(t, zero);
    *v = ag_leaf(t, identity);
    return ag_attention(t, q, q, *v, 1, p);
}

static void test_dropout_statistics(void **state) {
    (void)state;
    const double p = 0.3;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_tape_set_key(t, rng_from_seed(5));
    ag_var *v, *y = shown_probabilities(t, (real)p, &v);
    double dropped = 0, n = 0, mean = 0;
    for (int64_t i = 0; i < B * T * T; i++) {
        int64_t query = i / T % T, key = i % T;
        real x = y->value.data[i];
        if (key > query) assert_true(x == 0);
        if (key > query) continue;
        if (x != 0) assert_near(x, 1 / ((double)(query + 1) * (1 - p)), 1e-6);
        dropped += x == 0;
        mean += x * (double)(query + 1);
        n++;
    }
    assert_near(dropped / n, p, 4 * sqrt(p * (1 - p) / n));
    assert_near(mean / n, 1, 4 * sqrt(p / (1 - p) / n));
    ag_tape_free(t);
}

/* With ones for dy, dv sums the probabilities that forward used, over the queries. */
static void test_backward_uses_the_same_mask(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *v, *y = shown_probabilities(t, (real)0.3, &v);
    ag_backward(t, ag_sum(t, y), 1);
    for (int64_t b = 0; b < B; b++)
        for (int64_t key = 0; key < T; key++) {
            double sum = 0;
            for (int64_t query = 0; query < T; query++)
                sum += (double)y->value.data[(b * T + query) * T + key];
            for (int64_t c = 0; c < T; c++)
                assert_near(v->grad.data[(b * T + key) * T + c], sum, 1e-5);
        }
    ag_tape_free(t);
}

/* Value and gradient, one behind the other; returns new. */
static real *with_threads(int threads, uint64_t seed, int64_t *n) {
    thread_set_count(threads);
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_tape_set_key(t, rng_from_seed(seed));
    ag_var *x = random_leaf(t, 1, SHAPE(2, 70, 12));
    ag_var *y = ag_attention(t, x, x, x, 3, (real)0.2);
    ag_backward(t, weighted_sum(t, y), 1);
    int64_t half = tensor_numel(&y->value);
    real *numbers = mem_new((size_t)(*n = 2 * half), sizeof *numbers);
    memcpy(numbers, y->value.data, (size_t)half * sizeof *numbers);
    memcpy(numbers + half, x->grad.data, (size_t)half * sizeof *numbers);
    ag_tape_free(t);
    thread_set_count(1);
    return numbers;
}

static void test_same_bits_with_two_threads(void **state) {
    (void)state;
    int64_t n;
    real *one = with_threads(1, 7, &n), *two = with_threads(2, 7, &n),
         *other = with_threads(1, 8, &n);
    assert_memory_equal(one, two, (size_t)n * sizeof *one);
    assert_memory_not_equal(one, other, (size_t)n * sizeof *one);
    free(one);
    free(two);
    free(other);
}

static ag_var *turned(ag_tape *t, uint64_t seed, int64_t position) {
    return ag_rope(t, random_leaf(t, seed, SHAPE(1, 1, 16)), 2, position);
}

static double dot(const ag_var *a, const ag_var *b) {
    double sum = 0;
    for (int64_t i = 0; i < tensor_numel(&a->value); i++)
        sum += (double)a->value.data[i] * b->value.data[i];
    return sum;
}

static void test_rope_at_position_zero_is_the_identity(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = random_leaf(t, 1, SHAPE(1, 1, 16)), *y = turned(t, 1, 0);
    assert_close(&y->value, &x->value, 0);
    ag_tape_free(t);
}

/* The dot product of two turned vectors depends on how far apart they stand, and on nothing else.
 */
static void test_rope_tells_relative_positions(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    double near = dot(turned(t, 1, 5), turned(t, 2, 2));
    assert_near(dot(turned(t, 1, 1005), turned(t, 2, 1002)), near, 16 * EPSILON);
    assert_true(fabs(dot(turned(t, 1, 6), turned(t, 2, 2)) - near) > 1e-3);
    assert_near(dot(turned(t, 1, 77), turned(t, 1, 77)), dot(turned(t, 1, 0), turned(t, 1, 0)),
                16 * EPSILON);
    ag_tape_free(t);
}

/* Pair i of head h is turned by position / 10000^(2 i / HS); the rows of a text continue `first`.
 */
static void test_rope_by_its_formula(void **state) {
    (void)state;
    enum { LENGTH = 3, HEADS = 2, HS = 6, FIRST = 11 };
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = random_leaf(t, 1, SHAPE(1, LENGTH, HEADS * HS)), *y = ag_rope(t, x, HEADS, FIRST);
    for (int i = 0; i < LENGTH * HEADS * (HS / 2); i++) {
        int pair = i % (HS / 2), at = i / (HS / 2) * HS + pair;
        double angle = (FIRST + i / (HEADS * HS / 2)) / pow(10000, 2.0 * pair / HS);
        double x1 = (double)x->value.data[at], x2 = (double)x->value.data[at + HS / 2];
        assert_near(y->value.data[at], x1 * cos(angle) - x2 * sin(angle), 4 * EPSILON);
        assert_near(y->value.data[at + HS / 2], x1 * sin(angle) + x2 * cos(angle), 4 * EPSILON);
    }
    ag_tape_free(t);
}

static void more_queries_than_keys(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *q = random_leaf(t, 1, SHAPE(1, 3, 4)), *k = random_leaf(t, 2, SHAPE(1, 2, 4));
    ag_attention(t, q, k, k, 1, 0);
}

static void test_what_does_not_fit_is_a_bug(void **state) {
    (void)state;
    assert_bug(more_queries_than_keys, "attention: q (1, 3, 4), k (1, 2, 4), 1 heads");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_composed),
        cmocka_unit_test(test_dropout_statistics),
        cmocka_unit_test(test_backward_uses_the_same_mask),
        cmocka_unit_test(test_same_bits_with_two_threads),
        cmocka_unit_test(test_rope_at_position_zero_is_the_identity),
        cmocka_unit_test(test_rope_tells_relative_positions),
        cmocka_unit_test(test_rope_by_its_formula),
        cmocka_unit_test(test_what_does_not_fit_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
