/* copy, accumulate, sums: against loops that visit one element at a time. */
#include "tensor/tensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* Sizes on both sides of where threads begin, and not multiples of a vector. */
static const int64_t sizes[][3] = {{1, 1, 1}, {2, 3, 5}, {3, 67, 65}};

/* Ways for numbers to lie in memory. */
typedef enum layout { CONTIGUOUS, PERMUTED, COLUMNS, EVERY_SECOND_ROW, N_LAYOUTS } layout;

/* A tensor of that shape and layout over new random numbers, kept in *memory (free with free). */
static tensor laid_out(layout how, uint64_t seed, const int64_t n[3], real **memory) {
    tensor all;
    switch (how) {
    case PERMUTED:
        all = random_tensor(seed, SHAPE(n[2], n[0], n[1]));
        *memory = all.data;
        return tensor_permute(&all, (int[]){1, 2, 0});
    case COLUMNS:
        all = random_tensor(seed, SHAPE(n[0], n[1], n[2] + 3));
        *memory = all.data;
        return tensor_slice(&all, 2, 2, n[2]);
    case EVERY_SECOND_ROW:
        all = random_tensor(seed, SHAPE(n[0], n[1], 2 * n[2]));
        *memory = all.data;
        return tensor_slice(&all, 2, 0, n[2]);
    default:
        all = random_tensor(seed, 3, n);
        *memory = all.data;
        return all;
    }
}

/* The shapes that broadcast to n, one for each set of repeated dimensions, and with fewer of them.
 */
enum { N_BROADCASTS = 10 };
static tensor broadcastable(int which, uint64_t seed, const int64_t n[3]) {
    if (which == 8) return random_tensor(seed, SHAPE(n[2]));
    if (which == 9) return random_tensor(seed, SHAPE(n[1], 1));
    return random_tensor(seed,
                         SHAPE(which & 1 ? 1 : n[0], which & 2 ? 1 : n[1], which & 4 ? 1 : n[2]));
}

static void check_copy_and_accumulate(tensor *y, const tensor *x) {
    tensor wide = tensor_broadcast(x, y->n_dim, y->shape);
    tensor_copy(y, x);
    assert_close(y, &wide, 0);
    tensor_accumulate(y, (real)-0.75, x);
    for (int64_t i = 0; i < tensor_numel(y); i++)
        assert_near(*element(y, i), 0.25 * (double)*element(&wide, i), EPSILON);
}

static void test_copy_and_accumulate(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (layout ly = 0; ly < N_LAYOUTS; ly++) {
            real *y_memory, *x_memory;
            tensor y = laid_out(ly, 1, sizes[s], &y_memory);
            for (layout lx = 0; lx < N_LAYOUTS; lx++) {
                tensor x = laid_out(lx, 2, sizes[s], &x_memory);
                check_copy_and_accumulate(&y, &x);
                free(x_memory);
            }
            for (int b = 0; b < N_BROADCASTS; b++) {
                tensor x = broadcastable(b, 3, sizes[s]);
                check_copy_and_accumulate(&y, &x);
                free(x.data);
            }
            free(y_memory);
        }
}

/* What does not belong to the view keeps its numbers. */
static void test_writes_stay_inside_the_view(void **state) {
    (void)state;
    tensor all = random_tensor(1, SHAPE(5, 7)), before = random_tensor(1, SHAPE(5, 7));
    tensor rows = tensor_slice(&all, 0, 1, 3), y = tensor_slice(&rows, 1, 2, 4);
    tensor_fill(&y, 9);
    for (int64_t i = 0; i < 35; i++) {
        bool inside = i / 7 >= 1 && i / 7 < 4 && i % 7 >= 2 && i % 7 < 6;
        assert_true(all.data[i] == (inside ? 9 : before.data[i]));
    }
    free(all.data);
    free(before.data);
}

/* y += x summed, one element after another, in double. */
static void slow_accumulate_sum(const tensor *y, const tensor *x, double *out) {
    tensor index = *y;
    real *numbers = mem_new((size_t)tensor_numel(y), sizeof *numbers);
    for (int64_t i = 0; i < tensor_numel(y); i++) out[i] = y->data[i], numbers[i] = (real)i;
    index.data = numbers;
    tensor to = tensor_broadcast(&index, x->n_dim, x->shape);
    for (int64_t i = 0; i < tensor_numel(x); i++) out[(int64_t)*element(&to, i)] += *element(x, i);
    free(numbers);
}

static void check_accumulate_sum(tensor *y, const tensor *x) {
    double *expected = mem_new((size_t)tensor_numel(y), sizeof *expected);
    slow_accumulate_sum(y, x, expected);
    tensor_accumulate_sum(y, x);
    double summands = (double)tensor_numel(x) / (double)tensor_numel(y);
    for (int64_t i = 0; i < tensor_numel(y); i++)
        assert_near(y->data[i], expected[i], EPSILON * (summands + 1));
    free(expected);
}

static void test_accumulate_sum(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (layout lx = 0; lx < N_LAYOUTS; lx++)
            for (int b = 0; b < N_BROADCASTS; b++) {
                real *memory;
                tensor x = laid_out(lx, 4, sizes[s], &memory), y = broadcastable(b, 5, sizes[s]);
                check_accumulate_sum(&y, &x);
                free(memory);
                free(y.data);
            }
}

static void test_sum_of_views(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (layout lx = 0; lx < N_LAYOUTS; lx++) {
            real *memory;
            tensor x = laid_out(lx, 6, sizes[s], &memory);
            double expected = 0;
            for (int64_t i = 0; i < tensor_numel(&x); i++) expected += *element(&x, i);
            assert_near(tensor_sum(&x), expected, 1e-10);
            free(memory);
        }
    tensor one = tensor_1d((real[]){3}, 1), many = tensor_broadcast(&one, SHAPE(5, 7));
    assert_true(tensor_sum(&many) == 105);
}

static void test_sum_squares(void **state) {
    (void)state;
    static const int64_t lengths[] = {0, 1, 2, 31, 16383, 16384, 16385, 100003};
    real *x = random_numbers(7, 100003);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        double expected = 0;
        for (int64_t k = 0; k < lengths[i]; k++) expected += (double)x[k] * x[k];
        assert_near(tensor_sum_squares(x, lengths[i]), expected, 1e-12 * expected);
    }
    free(x);
}

static void test_sum_squared_difference(void **state) {
    (void)state;
    enum { N = 40000 };
    real *x = random_numbers(7, N), *y = random_numbers(8, N);
    double expected = 0;
    for (int64_t i = 0; i < N; i++) expected += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
    double sum = tensor_sum_squared_difference(x, y, N);
    assert_near(sum, expected, 1e-12 * expected);
    assert_true(tensor_sum_squared_difference(x, x, N) == 0);
    thread_set_count(3);
    assert_true(tensor_sum_squared_difference(x, y, N) == sum);
    thread_set_count(1);
    free(x);
    free(y);
}

/* More pieces than there is room for partial sums: they become longer. */
static void test_sums_of_a_large_tensor(void **state) {
    (void)state;
    enum { N = (1 << 24) + 12345 };
    tensor y = tensor_1d(mem_new_aligned(N * sizeof(real)), N);
    tensor_fill(&y, 1);
    assert_true(tensor_sum_squares(y.data, N) == N);
    assert_true(tensor_sum(&y) == N);
    free(y.data);
}

typedef struct results {
    double sum, squares;
    real columns[65], middle[67];
} results;

static results all_sums(const tensor *x) {
    results r = {.sum = tensor_sum(x), .squares = tensor_sum_squares(x->data, tensor_numel(x))};
    tensor columns = tensor_1d(r.columns, 65), middle = tensor_of(r.middle, SHAPE(67, 1));
    tensor_accumulate_sum(&columns, x);
    tensor_accumulate_sum(&middle, x);
    return r;
}

static void test_same_bits_with_any_number_of_threads(void **state) {
    (void)state;
    tensor x = random_tensor(8, SHAPE(20, 67, 65));
    /* Numbers of every size: their sum is not exact in double either. */
    for (int64_t i = 0; i < tensor_numel(&x); i++) x.data[i] *= (real)pow(10, -(double)(i % 13));
    thread_set_count(1);
    results one = all_sums(&x);
    for (int threads = 2; threads <= 3; threads++) {
        thread_set_count(threads);
        results more = all_sums(&x);
        assert_memory_equal(&one.sum, &more.sum, sizeof one.sum);
        assert_memory_equal(&one.squares, &more.squares, sizeof one.squares);
        assert_memory_equal(one.columns, more.columns, sizeof one.columns);
        assert_memory_equal(one.middle, more.middle, sizeof one.middle);
    }
    thread_set_count(1);
    free(x.data);
}

static void test_first_nonfinite(void **state) {
    (void)state;
    real *x = random_numbers(9, 1000);
    assert_int_equal(tensor_first_nonfinite(x, 0), -1);
    assert_int_equal(tensor_first_nonfinite(x, 1000), -1);
    x[999] = INFINITY;
    assert_int_equal(tensor_first_nonfinite(x, 999), -1);
    assert_int_equal(tensor_first_nonfinite(x, 1000), 999);
    x[500] = -INFINITY;
    assert_int_equal(tensor_first_nonfinite(x, 1000), 500);
    x[7] = NAN;
    assert_int_equal(tensor_first_nonfinite(x, 1000), 7);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy_and_accumulate),
        cmocka_unit_test(test_writes_stay_inside_the_view),
        cmocka_unit_test(test_accumulate_sum),
        cmocka_unit_test(test_sum_of_views),
        cmocka_unit_test(test_sum_squares),
        cmocka_unit_test(test_sum_squared_difference),
        cmocka_unit_test(test_sums_of_a_large_tensor),
        cmocka_unit_test(test_same_bits_with_any_number_of_threads),
        cmocka_unit_test(test_first_nonfinite),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
