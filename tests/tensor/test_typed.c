/* Tensors of type bf16: the same views and element-wise functions as of reals. */
#include "tensor/tensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16.h"

static const tensor_type types[] = {TENSOR_REAL, TENSOR_BF16};

static void test_bytes_and_places(void **state) {
    (void)state;
    bf16 numbers[24] = {0};
    tensor x = tensor_of_bf16(numbers, SHAPE(2, 3, 4));
    assert_int_equal(tensor_bytes(&x), 48);
    assert_ptr_equal(tensor_at(&x, 5), numbers + 5);
    tensor y = tensor_advance(x, 12);
    assert_ptr_equal(y.data16, numbers + 12);
    assert_int_equal(y.type, TENSOR_BF16);
    tensor r = tensor_2d(NULL, 2, 3);
    assert_int_equal(tensor_bytes(&r), 6 * sizeof(real));
}

static void assert_same_numbers(const tensor *a, const tensor *b) {
    assert_true(tensor_same_shape(a, b));
    for (int64_t i = 0; i < tensor_numel(a); i++) assert_true(number(a, i) == number(b, i));
}

/* Each view of a tensor of bf16 shows what it does of one of reals. */
static void test_views(void **state) {
    (void)state;
    tensor x[2], y[2];
    for (int i = 0; i < 2; i++) x[i] = random_typed(1, types[i], SHAPE(2, 3, 4));
#define CHECK_VIEW(view_of_x)                                                                      \
    do {                                                                                           \
        for (int i = 0; i < 2; i++) y[i] = view_of_x;                                              \
        assert_int_equal(y[1].type, TENSOR_BF16);                                                  \
        assert_same_numbers(&y[0], &y[1]);                                                         \
    } while (0)
    CHECK_VIEW(tensor_slice(&x[i], 0, 1, 1));
    CHECK_VIEW(tensor_slice(&x[i], 1, 1, 2));
    CHECK_VIEW(tensor_slice(&x[i], 2, 3, 1));
    CHECK_VIEW(tensor_transpose(&x[i]));
    CHECK_VIEW(tensor_permute(&x[i], ((int[]){2, 0, 1})));
    CHECK_VIEW(tensor_reshape(&x[i], SHAPE(4, 6)));
    CHECK_VIEW(tensor_as_matrix(&x[i]));
    CHECK_VIEW(tensor_broadcast(&x[i], SHAPE(5, 2, 3, 4)));
    tensor columns[2] = {tensor_slice(&x[0], 2, 1, 2), tensor_slice(&x[1], 2, 1, 2)};
    CHECK_VIEW(tensor_as_matrix(&columns[i]));
#undef CHECK_VIEW
    for (int i = 0; i < 2; i++) free(x[i].data);
}

static void test_finite(void **state) {
    (void)state;
    tensor x = random_typed(1, TENSOR_BF16, SHAPE(3, 50));
    assert_true(tensor_is_finite(&x));
    static const real bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < COUNT(bad); i++) {
        bf16 before = x.data16[149];
        x.data16[149] = bf16_of(bad[i]);
        assert_false(tensor_is_finite(&x));
        x.data16[149] = before;
    }
    assert_true(tensor_is_finite(&x));
    free(x.data);
}

/* How y and x lie: as wholes, as parts of wider rows, turned, with x repeated; rows beyond the
 * buffer of numbers on their way from bf16. */
typedef enum lie { WHOLE, PARTS, TURNED, REPEATED, LONG, N_LIES } lie;

typedef struct pair {
    tensor y, x; /* views */
    void *y_all, *x_all;
} pair;

static pair pair_new(lie how, tensor_type ty, tensor_type tx) {
    int64_t cols = how == LONG ? 2500 : 40;
    tensor y = random_typed(1, ty, SHAPE(3, 7, cols));
    tensor x =
        how == REPEATED ? random_typed(2, tx, SHAPE(7, 1)) : random_typed(2, tx, SHAPE(3, 7, cols));
    pair p = {y, x, y.data, x.data};
    if (how == PARTS) p.y = tensor_slice(&y, 2, 5, 20), p.x = tensor_slice(&x, 2, 11, 20);
    if (how == TURNED) {
        p.y = random_typed(1, ty, SHAPE(3, 40, 7));
        free(p.y_all);
        p.y_all = p.y.data;
        p.x = tensor_transpose(&x);
    }
    return p;
}

static void pair_free(pair *p) {
    free(p->y_all);
    free(p->x_all);
}

/* One element-wise function and its formula. */
typedef struct function {
    void (*run)(tensor *y, const tensor *x);
    double (*formula)(double y, double x);
} function;

static void fill(tensor *y, const tensor *x) {
    (void)x;
    tensor_fill(y, (real)0.375);
}
static double filled(double y, double x) {
    (void)y, (void)x;
    return 0.375;
}
static void add_half(tensor *y, const tensor *x) {
    tensor_accumulate(y, (real)0.5, x);
}
static double half_added(double y, double x) {
    return y + 0.5 * x;
}
static double copied(double y, double x) {
    (void)y;
    return x;
}

static const function functions[] = {{fill, filled}, {tensor_copy, copied}, {add_half, half_added}};

/* Sums of two numbers below 1 are rounded once, where y is of bf16. */
static void check(const function *f, lie how, tensor_type ty, tensor_type tx) {
    pair p = pair_new(how, ty, tx), before = pair_new(how, ty, tx);
    tensor x = tensor_broadcast(&p.x, p.y.n_dim, p.y.shape);
    f->run(&p.y, &p.x);
    double tolerance = ty == TENSOR_BF16 ? BF16_EPSILON : 2 * EPSILON;
    for (int64_t i = 0; i < tensor_numel(&p.y); i++) {
        double expected = f->formula(number(&before.y, i), number(&x, i));
        assert_near(number(&p.y, i), expected, tolerance * fabs(expected));
        assert_true(number(&p.x, i % tensor_numel(&p.x)) ==
                    number(&before.x, i % tensor_numel(&p.x)));
    }
    pair_free(&p);
    pair_free(&before);
}

static void test_elements_of_either_type(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(functions); f++)
        for (int i = 0; i < 4 * N_LIES; i++)
            check(&functions[f], (lie)(i / 4), types[i % 2], types[i / 2 % 2]);
}

/* A part of y is written, nothing beside it. */
static void test_what_lies_beside_stays(void **state) {
    (void)state;
    tensor y = random_typed(1, TENSOR_BF16, SHAPE(6, 40)),
           before = random_typed(1, TENSOR_BF16, SHAPE(6, 40));
    tensor part = tensor_slice(&y, 1, 7, 20), x = random_typed(2, TENSOR_REAL, SHAPE(6, 20));
    tensor_accumulate(&part, 1, &x);
    for (int64_t i = 0; i < 240; i++) {
        bool is_part = i % 40 >= 7 && i % 40 < 27;
        assert_int_equal(y.data16[i] != before.data16[i], is_part);
    }
    free(y.data);
    free(before.data);
    free(x.data);
}

/* Whole numbers of which bf16 holds every sum: the result is exact whatever the order. */
static tensor whole_numbers(uint64_t seed, tensor_type type, int n_dim, const int64_t *shape) {
    tensor x = random_tensor(seed, n_dim, shape);
    for (int64_t i = 0; i < tensor_numel(&x); i++) x.data[i] = (real)round((double)x.data[i]);
    tensor y = random_typed(seed, type, n_dim, shape);
    tensor_copy(&y, &x);
    free(x.data);
    return y;
}

/* y of a shape that is broadcast to x's (30, 5, 60), or (30, 60, 5) where x is turned. */
static void check_sums(int n_dim, const int64_t *shape, tensor_type type, bool turned) {
    tensor all = whole_numbers(1, type, SHAPE(30, 5, 60)), x = all;
    tensor y = whole_numbers(2, TENSOR_REAL, n_dim, shape);
    tensor before = whole_numbers(2, TENSOR_REAL, n_dim, shape);
    if (turned) x = tensor_transpose(&all);
    tensor repeated = tensor_broadcast(&before, 3, x.shape);
    double *sums = mem_new((size_t)tensor_numel(&y), sizeof *sums);
    for (int64_t i = 0; i < tensor_numel(&x); i++) sums[place_of(&repeated, i)] += number(&x, i);
    tensor_accumulate_sum(&y, &x);
    for (int64_t i = 0; i < tensor_numel(&y); i++)
        assert_true(number(&y, i) == number(&before, i) + sums[i]);
    free(sums);
    free(all.data);
    free(y.data);
    free(before.data);
}

static void test_sums_of_either_type(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        check_sums(SHAPE(60), types[i], false); /* columns, as a bias has */
        check_sums(SHAPE(1), types[i], false);
        check_sums(SHAPE(5, 60), types[i], false);
        check_sums(SHAPE(5, 1), types[i], false);
        check_sums(SHAPE(30, 5, 60), types[i], false);
        check_sums(SHAPE(30, 1, 60), types[i], false);
        check_sums(SHAPE(5), types[i], true);
        check_sums(SHAPE(60, 1), types[i], true);
    }
}

/* The bits of y after a sum by that many threads; returns new. */
static tensor sum_with(int threads) {
    tensor x = random_typed(1, TENSOR_BF16, SHAPE(200, 300));
    tensor y = random_typed(2, TENSOR_REAL, SHAPE(300));
    thread_set_count(threads);
    tensor_accumulate_sum(&y, &x);
    thread_set_count(1);
    free(x.data);
    return y;
}

static void test_sums_are_the_same_with_two_threads(void **state) {
    (void)state;
    tensor one = sum_with(1), two = sum_with(2);
    assert_memory_equal(one.data, two.data, tensor_bytes(&one));
    free(one.data);
    free(two.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_and_places),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_finite),
        cmocka_unit_test(test_elements_of_either_type),
        cmocka_unit_test(test_what_lies_beside_stays),
        cmocka_unit_test(test_sums_of_either_type),
        cmocka_unit_test(test_sums_are_the_same_with_two_threads),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
