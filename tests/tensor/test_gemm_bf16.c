/* Products of bf16 against the same sums in double over the same rounded numbers. */
#include "tensor/gemm_bf16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16.h"

/* Row-major, transposed, columns of a wider matrix. */
typedef enum layout { ROWS, TRANSPOSED, PART, N_LAYOUTS } layout;

typedef struct operand {
    layout how;
    tensor_type type;
} operand;

typedef struct size {
    int64_t M, N, K;
} size;

/* The columns to either side of a part hold what must neither be read nor written. */
enum { BESIDE = 5, UNTOUCHED = 77 };

/* A matrix over new memory. Numbers of type real are rounded only by the product itself. */
static tensor matrix(operand o, uint64_t seed, int64_t rows, int64_t cols, void **memory) {
    int64_t width = cols + (o.how == PART ? 2 * BESIDE : 0);
    tensor m = o.how == TRANSPOSED ? random_tensor(seed, SHAPE(cols, rows))
                                   : random_tensor(seed, SHAPE(rows, width));
    for (int64_t i = 0; o.how == PART && i < rows * width; i++)
        if (i % width < BESIDE || i % width >= BESIDE + cols) m.data[i] = UNTOUCHED;
    if (o.type == TENSOR_BF16) {
        bf16 *numbers = mem_new_aligned((size_t)tensor_numel(&m) * sizeof *numbers);
        bf16_row_of(tensor_numel(&m), numbers, m.data);
        free(m.data);
        m = tensor_of_bf16(numbers, m.n_dim, m.shape);
    }
    *memory = m.data;
    if (o.how == TRANSPOSED) return tensor_transpose(&m);
    return o.how == PART ? tensor_slice(&m, 1, BESIDE, cols) : m;
}

static double rounded(const tensor *x, int64_t i) {
    return (double)bf16_to_real(bf16_of((real)number(x, i)));
}

/* Sums of A's and B's rounded numbers. Returns new. */
static double *slow_product(const tensor *a, const tensor *b) {
    int64_t M = a->shape[0], N = b->shape[1], K = a->shape[1];
    double *y = mem_new((size_t)(M * N), sizeof *y), *column = mem_new((size_t)K, sizeof *column);
    double *left = mem_new((size_t)(M * K), sizeof *left);
    for (int64_t i = 0; i < M * K; i++) left[i] = rounded(a, i);
    for (int64_t j = 0; j < N; j++) {
        for (int64_t k = 0; k < K; k++) column[k] = rounded(b, k * N + j);
        for (int64_t i = 0; i < M; i++)
            for (int64_t k = 0; k < K; k++) y[i * N + j] += left[i * K + k] * column[k];
    }
    free(left);
    free(column);
    return y;
}

/* Float sums over K products below 1; a C of bf16 is rounded once more. */
static double tolerance(int64_t K, tensor_type c, double expected) {
    double sums = FLT_EPSILON * ((double)K + 4);
    return sums + (c == TENSOR_BF16 ? BF16_EPSILON * (fabs(expected) + sums) : 0);
}

/* Only a part of C's memory is C. */
static void assert_untouched(operand c, const void *memory, int64_t rows, int64_t cols) {
    int64_t width = cols + 2 * BESIDE;
    for (int64_t i = 0; c.how == PART && i < rows * width; i++)
        if (i % width < BESIDE || i % width >= BESIDE + cols)
            assert_true(tensor_get(memory, c.type, i) == UNTOUCHED);
}

static void check(size s, operand oa, operand ob, operand oc, real beta) {
    void *memory[4];
    tensor a = matrix(oa, 1, s.M, s.K, &memory[0]), b = matrix(ob, 2, s.K, s.N, &memory[1]);
    tensor c = matrix(oc, 3, s.M, s.N, &memory[2]), before = matrix(oc, 3, s.M, s.N, &memory[3]);
    double *expected = slow_product(&a, &b);
    if (beta == 0) tensor_fill(&c, NAN);
    tensor_gemm_bf16(&a, &b, beta, &c);
    for (int64_t i = 0; i < s.M * s.N; i++) {
        double y = expected[i] + (beta == 0 ? 0 : (double)beta * number(&before, i));
        if (!(fabs(number(&c, i) - y) <= tolerance(s.K, oc.type, y)))
            fail_msg("(%lld, %lld, %lld), a %s %d, b %s %d, c %s: element %lld is %g, not %g",
                     (long long)s.M, (long long)s.N, (long long)s.K, type_name(oa.type), oa.how,
                     type_name(ob.type), ob.how, type_name(oc.type), (long long)i, number(&c, i),
                     y);
    }
    assert_untouched(oc, memory[2], s.M, s.N);
    free(expected);
    for (int i = 0; i < 4; i++) free(memory[i]);
}

static operand operand_number(int i) {
    return (operand){(layout)(i % N_LAYOUTS), i / N_LAYOUTS % 2 ? TENSOR_BF16 : TENSOR_REAL};
}

/* C has its columns side by side: it is never a transposed one. */
static operand result_number(int i) {
    return (operand){i % 2 ? PART : ROWS, i / 2 % 2 ? TENSOR_BF16 : TENSOR_REAL};
}

enum { N_OPERANDS = 2 * N_LAYOUTS, N_RESULTS = 4 };

static void test_every_layout_and_type(void **state) {
    (void)state;
    static const size sizes[] = {{33, 35, 41}, {64, 32, 64}};
    for (int i = 0; i < N_OPERANDS * N_OPERANDS * N_RESULTS; i++)
        for (size_t s = 0; s < COUNT(sizes); s++)
            check(sizes[s], operand_number(i), operand_number(i / N_OPERANDS),
                  result_number(i / N_OPERANDS / N_OPERANDS), i % 5 ? 1 : 0);
}

static void test_every_edge(void **state) {
    (void)state;
    static const int64_t edges[] = {1, 2, 31, 32, 33, 65};
    int n = (int)COUNT(edges);
    for (int i = 0; i < n * n * n; i++) {
        const size s = {edges[i % n], edges[i / n % n], edges[i / n / n]};
        check(s, operand_number(i), operand_number(i / 2), result_number(i / 3), i % 2);
    }
}

/* More of K than is packed at a time, of A by panels and of A as it lies there; rows and columns of
 * more than one block; blocks that are not the last. */
static void test_pieces(void **state) {
    (void)state;
    static const operand real_rows = {ROWS, TENSOR_REAL}, packed = {ROWS, TENSOR_BF16},
                         turned = {TRANSPOSED, TENSOR_REAL}, part = {PART, TENSOR_BF16};
    check((size){5, 40, 600}, real_rows, packed, real_rows, 1);
    check((size){70, 33, 1100}, turned, turned, packed, 0);
    check((size){33, 20, 4100}, packed, packed, real_rows, 0);
    check((size){64, 20, 4160}, packed, turned, part, 1);
    check((size){420, 20, 544}, turned, packed, real_rows, 0);
    check((size){20, 420, 544}, turned, packed, real_rows, 1);
    check((size){32, 290, 4160}, packed, real_rows, real_rows, 0);
    check((size){20, 1100, 512}, real_rows, packed, part, 0);
}

static void test_some_betas(void **state) {
    (void)state;
    for (int i = 0; i < N_RESULTS; i++)
        check((size){34, 34, 10}, operand_number(i), operand_number(1), result_number(i),
              (real)-0.75);
}

static void test_no_rows_or_columns(void **state) {
    (void)state;
    real numbers[6] = {1, 2, 3, 4, 5, 6};
    tensor none = tensor_2d(numbers, 0, 2), b = tensor_2d(numbers, 2, 3);
    tensor c = tensor_2d(numbers, 0, 3);
    tensor_gemm_bf16(&none, &b, 0, &c);
    tensor at = tensor_2d(numbers, 3, 2), no_columns = tensor_2d(numbers, 2, 0);
    tensor empty = tensor_2d(numbers, 3, 0);
    tensor_gemm_bf16(&at, &no_columns, 0, &empty);
    for (int i = 0; i < 6; i++) assert_true(numbers[i] == i + 1);
}

static void test_nothing_to_sum(void **state) {
    (void)state;
    real numbers[6] = {1, 2, 3, 4, 5, 6};
    tensor a = tensor_2d(numbers, 2, 0), b = tensor_2d(numbers, 0, 3);
    tensor c = tensor_2d(numbers, 2, 3);
    tensor_gemm_bf16(&a, &b, 2, &c);
    for (int i = 0; i < 6; i++) assert_true(numbers[i] == 2 * (i + 1));
    tensor_gemm_bf16(&a, &b, 0, &c);
    for (int i = 0; i < 6; i++) assert_true(numbers[i] == 0);
}

/* The sums of B's columns are those of the numbers that were multiplied, whatever the threads. */
static void test_sums_of_columns(void **state) {
    (void)state;
    enum { M = 70, N = 45, K = 1100 };
    tensor a = random_tensor(1, SHAPE(M, K)), b = random_tensor(2, SHAPE(K, N));
    tensor c = random_tensor(3, SHAPE(M, N));
    real sums[2][N];
    for (int threads = 1; threads <= 2; threads++) {
        real *sum = sums[threads - 1];
        for (int j = 0; j < N; j++) sum[j] = 1;
        thread_set_count(threads);
        tensor_gemm_bf16_summing(&a, &b, 0, &c, sum);
    }
    for (int j = 0; j < N; j++) {
        double expected = 1;
        for (int k = 0; k < K; k++) expected += bf16_to_real(bf16_of(b.data[k * N + j]));
        assert_near(sums[0][j], expected, 1e-4);
    }
    assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
    free(a.data);
    free(b.data);
    free(c.data);
}

/* Into a transposed matrix: the same product. */
static void test_columns_side_by_side(void **state) {
    (void)state;
    enum { M = 37, N = 45, K = 50 };
    tensor a = random_tensor(1, SHAPE(M, K)), b = random_tensor(2, SHAPE(K, N));
    tensor c = random_tensor(3, SHAPE(M, N)), other = random_tensor(4, SHAPE(N, M));
    tensor ct = tensor_transpose(&other);
    tensor_gemm_bf16(&a, &b, 0, &c);
    tensor_gemm_bf16(&a, &b, 0, &ct);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) assert_near(other.data[j * M + i], c.data[i * N + j], 1e-5);
    free(a.data);
    free(b.data);
    free(c.data);
    free(other.data);
}

/* What is infinite stays in its row, though tiles are filled up with zeros. */
static void test_one_infinite_number(void **state) {
    (void)state;
    enum { M = 40, N = 35, K = 33, ROW = 38 };
    tensor a = random_tensor(1, SHAPE(M, K)), b = random_tensor(2, SHAPE(K, N));
    tensor c = random_tensor(3, SHAPE(M, N));
    a.data[ROW * K + K - 1] = INFINITY;
    tensor_gemm_bf16(&a, &b, 0, &c);
    for (int i = 0; i < M * N; i++) assert_int_equal(isinf(c.data[i]) != 0, i / N == ROW);
    free(a.data);
    free(b.data);
    free(c.data);
}

/* The product as it comes, how often each element came, and, unless NULL, whether each row came in
 * order. */
typedef struct tally {
    real *product;
    int *times;
    int64_t N;
    bool *in_order;
} tally;

static void count_row(const void *context, int64_t row, int64_t col, int64_t n, real *sums) {
    const tally *t = context;
    int64_t first = row * t->N + col;
    if (t->in_order) t->in_order[row] &= col == 0 || t->times[first - 1] == 1;
    for (int64_t j = 0; j < n; j++) {
        t->times[first + j]++;
        t->product[first + j] = sums[j];
        sums[j] = NAN; /* it is the callee's now */
    }
}

static void check_rows(size s, int threads, bool by_rows) {
    void *memory[2];
    tensor a = matrix((operand){ROWS, TENSOR_REAL}, 1, s.M, s.K, &memory[0]);
    tensor b = matrix((operand){TRANSPOSED, TENSOR_BF16}, 2, s.K, s.N, &memory[1]);
    tensor y = random_tensor(4, SHAPE(s.M, s.N)), expected = random_tensor(4, SHAPE(s.M, s.N));
    tally t = {y.data, mem_new((size_t)(s.M * s.N), sizeof(int)), s.N, NULL};
    if (by_rows) t.in_order = memset(mem_new((size_t)s.M, sizeof(bool)), true, (size_t)s.M);
    thread_set_count(threads);
    (by_rows ? tensor_gemm_bf16_rows_to : tensor_gemm_bf16_to)(&a, &b, count_row, &t);
    thread_set_count(1);
    tensor_gemm_bf16(&a, &b, 0, &expected);
    for (int64_t i = 0; i < s.M * s.N; i++) assert_int_equal(t.times[i], 1);
    for (int64_t r = 0; by_rows && r < s.M; r++) assert_true(t.in_order[r]);
    assert_memory_equal(y.data, expected.data, tensor_bytes(&y));
    free(memory[0]);
    free(memory[1]);
    free(y.data);
    free(expected.data);
    free(t.times);
    free(t.in_order);
}

static void test_every_element_is_finished_once(void **state) {
    (void)state;
    static const size sizes[] = {{1, 1, 1}, {33, 65, 31}, {100, 70, 600}, {7, 1100, 520}};
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int threads = 1; threads <= 3; threads++)
            for (int by_rows = 0; by_rows < 2; by_rows++) check_rows(sizes[i], threads, by_rows);
}

/* The bits of C by that many threads; returns new. */
static char *bits(size s, operand oa, operand ob, tensor_type type, int threads, size_t *bytes) {
    void *memory[3];
    tensor a = matrix(oa, 1, s.M, s.K, &memory[0]), b = matrix(ob, 2, s.K, s.N, &memory[1]);
    tensor c = matrix((operand){ROWS, type}, 3, s.M, s.N, &memory[2]);
    thread_set_count(threads);
    tensor_gemm_bf16(&a, &b, 1, &c);
    thread_set_count(1);
    free(memory[0]);
    free(memory[1]);
    *bytes = tensor_bytes(&c);
    return memory[2];
}

/* Threads cut C otherwise, and so whether a part of A must be packed; no sum changes by that. */
static void test_same_bits_with_any_number_of_threads(void **state) {
    (void)state;
    static const size sizes[] = {{40, 33, 1056}, {97, 130, 60}, {33, 20, 4160}, {64, 500, 96}};
    for (size_t i = 0; i < COUNT(sizes) * N_OPERANDS; i++) {
        const size s = sizes[i % COUNT(sizes)];
        operand a = operand_number((int)(i / COUNT(sizes))), b = operand_number((int)i);
        size_t bytes;
        char *one = bits(s, a, b, a.type, 1, &bytes);
        for (int threads = 2; threads <= 4; threads++) {
            char *many = bits(s, a, b, a.type, threads, &bytes);
            if (memcmp(one, many, bytes) != 0)
                fail_msg("(%lld, %lld, %lld): %d threads change the bits", (long long)s.M,
                         (long long)s.N, (long long)s.K, threads);
            free(many);
        }
        free(one);
    }
}

static real room[6];

static void shapes_that_do_not_fit(void) {
    tensor a = tensor_2d(room, 2, 3), c = tensor_2d(room, 2, 3);
    tensor_gemm_bf16(&a, &a, 0, &c);
}
static void a_result_of_another_shape(void) {
    tensor a = tensor_2d(room, 2, 2), c = tensor_2d(room, 2, 3);
    tensor_gemm_bf16(&a, &a, 0, &c);
}
static void a_result_with_gaps(void) {
    tensor a = tensor_2d(room, 1, 1), c = tensor_2d(room, 1, 1);
    c.stride[0] = c.stride[1] = 2;
    tensor_gemm_bf16(&a, &a, 0, &c);
}

static void test_what_does_not_fit_is_a_bug(void **state) {
    (void)state;
    assert_bug(shapes_that_do_not_fit, "bf16 gemm of (2, 3) and (2, 3)");
    assert_bug(a_result_of_another_shape, "bf16 gemm into (2, 3)");
    assert_bug(a_result_with_gaps, "bf16 gemm into (1, 1)");
}

static void test_whether_it_is_fast(void **state) {
    (void)state;
    const char *why_not, *kernel = tensor_gemm_bf16_kernel();
    bool is_fast = tensor_gemm_bf16_is_fast(&why_not);
    assert_int_equal(is_fast, why_not == NULL);
    assert_int_equal(is_fast, strcmp(kernel, "plain") != 0 && sizeof(real) == sizeof(float));
    if (!is_fast) return; /* to measure takes long then */
    double speed = tensor_gemm_bf16_speed();
    assert_true(speed > 1e8);
    assert_true(tensor_gemm_bf16_speed() == speed);
}

static void multiply_in_a_region(void) {
    real numbers[3] = {0};
    tensor a = tensor_2d(numbers, 1, 1), b = tensor_2d(numbers + 1, 1, 1);
    tensor c = tensor_2d(numbers + 2, 1, 1);
#pragma omp parallel num_threads(2)
    tensor_gemm_bf16(&a, &b, 0, &c);
}

/* Its threads would share the memory that one product works in. First of all: a fork of a program
 * with threads cannot make any. */
static void test_not_in_a_parallel_region(void **state) {
    (void)state;
    assert_bug(multiply_in_a_region, "parallel region");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_in_a_parallel_region),
        cmocka_unit_test(test_every_layout_and_type),
        cmocka_unit_test(test_every_edge),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_some_betas),
        cmocka_unit_test(test_no_rows_or_columns),
        cmocka_unit_test(test_nothing_to_sum),
        cmocka_unit_test(test_columns_side_by_side),
        cmocka_unit_test(test_sums_of_columns),
        cmocka_unit_test(test_one_infinite_number),
        cmocka_unit_test(test_every_element_is_finished_once),
        cmocka_unit_test(test_same_bits_with_any_number_of_threads),
        cmocka_unit_test(test_what_does_not_fit_is_a_bug),
        cmocka_unit_test(test_whether_it_is_fast),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
