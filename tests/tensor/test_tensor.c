#include "tensor/tensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* x (2, 3, 4) holding 0 .. 23: each number tells its place. */
static real counted[24];
static tensor x;

static int count_up(void **state) {
    (void)state;
    for (int i = 0; i < 24; i++) counted[i] = (real)i;
    x = tensor_of(counted, SHAPE(2, 3, 4));
    return 0;
}

static void assert_shape(const tensor *t, const char *expected) {
    char text[96];
    assert_string_equal(tensor_shape_text(t, text, sizeof text), expected);
}

static void assert_elements(const tensor *t, const real *expected) {
    for (int64_t i = 0; i < tensor_numel(t); i++) assert_true(*element(t, i) == expected[i]);
}

static void test_shape_and_strides(void **state) {
    (void)state;
    assert_shape(&x, "(2, 3, 4)");
    assert_int_equal(tensor_numel(&x), 24);
    assert_int_equal(x.stride[0], 12);
    assert_int_equal(x.stride[2], 1);
    assert_true(tensor_is_contiguous(&x));
    tensor line = tensor_1d(counted, 24), page = tensor_2d(counted, 4, 6),
           none = tensor_2d(NULL, 0, 5);
    assert_shape(&line, "(24)");
    assert_shape(&page, "(4, 6)");
    assert_int_equal(tensor_numel(&none), 0);
    assert_false(tensor_same_shape(&line, &page));
    char cut[6];
    assert_string_equal(tensor_shape_text(&x, cut, sizeof cut), "(2, 3");
}

static void test_reshape(void **state) {
    (void)state;
    tensor y = tensor_reshape(&x, SHAPE(4, 1, 6));
    assert_shape(&y, "(4, 1, 6)");
    assert_elements(&y, counted);
    assert_ptr_equal(y.data, x.data);
}

static void test_permute_in_every_order(void **state) {
    (void)state;
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t o = 0; o < COUNT(orders); o++) {
        const int *order = orders[o];
        tensor y = tensor_permute(&x, order);
        int64_t i[3], at = 0;
        for (i[0] = 0; i[0] < y.shape[0]; i[0]++)
            for (i[1] = 0; i[1] < y.shape[1]; i[1]++)
                for (i[2] = 0; i[2] < y.shape[2]; i[2]++) {
                    int64_t place = 0;
                    for (int d = 0; d < 3; d++) place += i[d] * x.stride[order[d]];
                    assert_true(*element(&y, at++) == counted[place]);
                }
        assert_int_equal(at, 24);
        assert_int_equal(tensor_is_contiguous(&y), o == 0);
    }
}

static void test_transpose(void **state) {
    (void)state;
    tensor part = tensor_slice(&x, 0, 1, 1), y = tensor_transpose(&part);
    assert_shape(&y, "(1, 4, 3)");
    assert_elements(&y, (const real[]){12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23});
}

static void test_slice_in_every_dimension(void **state) {
    (void)state;
    tensor outer = tensor_slice(&x, 0, 1, 1), middle = tensor_slice(&x, 1, 1, 2);
    tensor inner = tensor_slice(&middle, 2, 3, 1), none = tensor_slice(&x, 2, 4, 0);
    assert_elements(&outer, counted + 12);
    assert_true(tensor_is_contiguous(&outer));
    assert_shape(&middle, "(2, 2, 4)");
    assert_elements(&middle,
                    (const real[]){4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23});
    assert_false(tensor_is_contiguous(&middle));
    assert_elements(&inner, (const real[]){7, 11, 19, 23});
    assert_int_equal(tensor_numel(&none), 0);
}

static void test_as_matrix(void **state) {
    (void)state;
    tensor columns = tensor_slice(&x, 2, 1, 2), m = tensor_as_matrix(&columns);
    assert_shape(&m, "(6, 2)");
    assert_elements(&m, (const real[]){1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22});
    tensor line = tensor_1d(counted, 5), row = tensor_as_matrix(&line);
    assert_shape(&row, "(1, 5)");
    /* One position of each sequence: rows 12 apart, whatever the stride of the dimension of 1. */
    tensor last = tensor_slice(&x, 1, 2, 1), rows = tensor_as_matrix(&last);
    assert_shape(&rows, "(2, 4)");
    assert_elements(&rows, (const real[]){8, 9, 10, 11, 20, 21, 22, 23});
}

static void test_broadcast(void **state) {
    (void)state;
    tensor column = tensor_of(counted, SHAPE(3, 1)), y = tensor_broadcast(&column, SHAPE(2, 3, 4));
    assert_shape(&y, "(2, 3, 4)");
    for (int64_t i = 0; i < 24; i++) assert_true(*element(&y, i) == (real)(i / 4 % 3));
}

static void test_broadcast_shape(void **state) {
    (void)state;
    static const struct {
        int a_dims, b_dims;
        int64_t a[4], b[4];
        const char *expected; /* NULL where they do not fit */
    } cases[] = {
        {2, 2, {3, 4}, {3, 4}, "(3, 4)"},       {3, 1, {2, 3, 4}, {4}, "(2, 3, 4)"},
        {1, 3, {4}, {2, 3, 4}, "(2, 3, 4)"},    {2, 2, {3, 1}, {1, 4}, "(3, 4)"},
        {2, 3, {3, 1}, {2, 1, 4}, "(2, 3, 4)"}, {1, 1, {1}, {1}, "(1)"},
        {2, 1, {1, 0}, {1}, "(1, 0)"},          {2, 2, {3, 4}, {4, 3}, NULL},
        {3, 1, {2, 3, 4}, {3}, NULL},           {1, 1, {0}, {2}, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        tensor a = tensor_of(NULL, cases[i].a_dims, cases[i].a);
        tensor b = tensor_of(NULL, cases[i].b_dims, cases[i].b), y = {0};
        assert_int_equal(tensor_broadcast_shape(&a, &b, &y.n_dim, y.shape),
                         cases[i].expected != NULL);
        if (cases[i].expected) assert_shape(&y, cases[i].expected);
    }
}

static void bad_reshape(void) {
    tensor_reshape(&x, SHAPE(5, 5));
}
static void reshape_of_gaps(void) {
    tensor y = tensor_transpose(&x);
    tensor_reshape(&y, SHAPE(24));
}
static void slice_beyond_the_end(void) {
    tensor_slice(&x, 1, 2, 2);
}
static void slice_before_the_start(void) {
    tensor_slice(&x, 1, -1, 1);
}
static void slice_of_no_dimension(void) {
    tensor_slice(&x, 3, 0, 1);
}
static void permute_twice_the_same(void) {
    tensor_permute(&x, (int[]){0, 1, 1});
}
static void matrix_of_uneven_rows(void) {
    tensor y = tensor_slice(&x, 1, 0, 2);
    tensor_as_matrix(&y);
}
static void bad_broadcast(void) {
    tensor_broadcast(&x, SHAPE(2, 3, 5));
}
static void five_dimensions(void) {
    tensor_of(counted, SHAPE(1, 1, 1, 1, 1));
}

static void test_what_does_not_fit_is_a_bug(void **state) {
    (void)state;
    assert_bug(bad_reshape, "reshape of (2, 3, 4) to 25 elements");
    assert_bug(reshape_of_gaps, "not contiguous");
    assert_bug(slice_beyond_the_end, "slice: [2, 4) of a dimension of size 3");
    assert_bug(slice_before_the_start, "slice: [-1, 0)");
    assert_bug(slice_of_no_dimension, "slice: dimension 3 of 3");
    assert_bug(permute_twice_the_same, "not a permutation of 3 dimensions");
    assert_bug(matrix_of_uneven_rows, "not evenly spaced");
    assert_bug(bad_broadcast, "broadcast");
    assert_bug(five_dimensions, "5 dimensions");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_and_strides),
        cmocka_unit_test(test_reshape),
        cmocka_unit_test(test_permute_in_every_order),
        cmocka_unit_test(test_transpose),
        cmocka_unit_test(test_slice_in_every_dimension),
        cmocka_unit_test(test_as_matrix),
        cmocka_unit_test(test_broadcast),
        cmocka_unit_test(test_broadcast_shape),
        cmocka_unit_test(test_what_does_not_fit_is_a_bug),
    };
    return cmocka_run_group_tests(tests, count_up, NULL);
}
