#include "tensor/gemm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <blis.h>
#include <cmocka.h>

#include "numbers.h"

/* M, N, K: ones, edges of register and cache blocks, long in each direction, a deep K. */
static const int64_t shapes[][3] = {
    {1, 1, 1},    {1, 200, 33},   {200, 1, 33},  {7, 5, 3},     {6, 64, 17},   {64, 64, 64},
    {65, 31, 33}, {12, 384, 128}, {129, 130, 5}, {96, 97, 600}, {17, 700, 40}, {700, 17, 40},
};

/* Row-major, transposed, columns of a wider matrix, every second column: the operands that views
 * make. */
typedef enum layout { ROWS, TRANSPOSED, PART, SPACED, N_LAYOUTS } layout;

static tensor matrix(layout how, uint64_t seed, int64_t rows, int64_t cols, real **memory) {
    tensor all = random_tensor(seed, SHAPE(rows, 2 * cols)), m = all;
    *memory = all.data;
    if (how == ROWS) m = tensor_2d(all.data, rows, cols);
    if (how == TRANSPOSED) {
        m = tensor_2d(all.data, cols, rows);
        m = tensor_transpose(&m);
    }
    if (how == PART) m = tensor_slice(&all, 1, cols / 2, cols);
    if (how == SPACED) m.shape[1] = cols, m.stride[1] = 2;
    return m;
}

/* The products alpha sum_k a b + beta c, in double. Returns new. */
static double *slow_product(double alpha, const tensor *a, const tensor *b, double beta,
                            const tensor *c) {
    int64_t M = c->shape[0], N = c->shape[1], K = a->shape[1];
    double *y = mem_new((size_t)(M * N), sizeof *y);
    for (int64_t i = 0; i < M; i++)
        for (int64_t j = 0; j < N; j++) {
            double sum = 0;
            for (int64_t k = 0; k < K; k++)
                sum += (double)a->data[i * a->stride[0] + k * a->stride[1]] *
                       b->data[k * b->stride[0] + j * b->stride[1]];
            y[i * N + j] = alpha * sum + (beta == 0 ? 0 : beta * *element(c, i * N + j));
        }
    return y;
}

static void check_product(real alpha, const tensor *a, const tensor *b, real beta, tensor *c) {
    double *expected = slow_product(alpha, a, b, beta, c);
    tensor_gemm(alpha, a, b, beta, c);
    for (int64_t i = 0; i < tensor_numel(c); i++)
        assert_near(*element(c, i), expected[i], EPSILON * (double)(a->shape[1] + 2));
    free(expected);
}

static void test_every_layout(void **state) {
    (void)state;
    static const int64_t few[][3] = {{7, 5, 3}, {65, 31, 33}, {40, 50, 60}};
    for (size_t s = 0; s < COUNT(few); s++)
        for (int which = 0; which < N_LAYOUTS * N_LAYOUTS * N_LAYOUTS; which++) {
            int64_t M = few[s][0], N = few[s][1], K = few[s][2];
            real *memory[3];
            tensor a = matrix(which % N_LAYOUTS, 1, M, K, &memory[0]);
            tensor b = matrix(which / N_LAYOUTS % N_LAYOUTS, 2, K, N, &memory[1]);
            tensor c = matrix(which / N_LAYOUTS / N_LAYOUTS, 3, M, N, &memory[2]);
            check_product(1, &a, &b, 1, &c);
            tensor_fill(&c, NAN);
            check_product((real)-0.5, &a, &b, 0, &c);
            for (int i = 0; i < 3; i++) free(memory[i]);
        }
}

static void test_every_shape(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(shapes); s++) {
        int64_t M = shapes[s][0], N = shapes[s][1], K = shapes[s][2];
        tensor a = random_tensor(1, SHAPE(M, K)), b = random_tensor(2, SHAPE(K, N));
        tensor c = random_tensor(3, SHAPE(M, N));
        check_product(1, &a, &b, 1, &c);
        free(a.data);
        free(b.data);
        free(c.data);
    }
}

static void test_empty_operands(void **state) {
    (void)state;
    real numbers[6] = {1, 2, 3, 4, 5, 6}, result[6] = {NAN, NAN, NAN, NAN, NAN, NAN};
    tensor a = tensor_2d(numbers, 2, 0), b = tensor_2d(numbers, 0, 3), c = tensor_2d(result, 2, 3);
    tensor_gemm(1, &a, &b, 0, &c);
    for (int i = 0; i < 6; i++) assert_true(result[i] == 0);
    a = tensor_2d(numbers, 0, 2), b = tensor_2d(numbers, 2, 3), c = tensor_2d(result, 0, 3);
    tensor_gemm(1, &a, &b, 0, &c);
}

/* The product of the shape by the threads; 0 threads: tensor_gemm_serial. Returns new. */
static real *product(const int64_t *shape, layout how, int threads) {
    real *memory[2];
    tensor a = matrix(how, 4, shape[0], shape[2], &memory[0]);
    tensor b = matrix(how, 5, shape[2], shape[1], &memory[1]);
    tensor c = random_tensor(6, SHAPE(shape[0], shape[1]));
    if (threads == 0) {
        tensor_gemm_serial(1, &a, &b, 1, &c);
    } else {
        thread_set_count(threads);
        tensor_gemm(1, &a, &b, 1, &c);
        thread_set_count(1);
    }
    free(memory[0]);
    free(memory[1]);
    return c.data;
}

static void check_same_bits(const int64_t *shape, layout how) {
    size_t bytes = (size_t)(shape[0] * shape[1]) * sizeof(real);
    real *serial = product(shape, how, 0);
    for (int threads = 1; threads <= 4; threads++) {
        real *c = product(shape, how, threads);
        if (memcmp(serial, c, bytes) != 0)
            fail_msg("(%lld, %lld, %lld): %d threads change the bits", (long long)shape[0],
                     (long long)shape[1], (long long)shape[2], threads);
        free(c);
    }
    free(serial);
}

static void test_same_bits_with_any_number_of_threads(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(shapes); s++) check_same_bits(shapes[s], s % N_LAYOUTS);
    /* BLIS has another way for large products than for the pieces that threads take of them. */
    check_same_bits((int64_t[]){600, 300, 500}, ROWS);
    check_same_bits((int64_t[]){300, 600, 500}, TRANSPOSED);
}

static real room[6];

static void shapes_that_do_not_fit(void) {
    tensor a = tensor_2d(room, 2, 3), c = tensor_2d(room, 2, 2);
    tensor_gemm(1, &a, &a, 0, &c);
}
static void three_dimensions(void) {
    tensor a = tensor_of(room, SHAPE(1, 2, 3)), c = tensor_2d(room, 2, 2);
    tensor_gemm(1, &a, &c, 0, &c);
}

static void test_what_does_not_fit_is_a_bug(void **state) {
    (void)state;
    assert_bug(shapes_that_do_not_fit, "gemm of (2, 3) and (2, 3) into (2, 2)");
    assert_bug(three_dimensions, "gemm of 3, 2 and 2 dimensions");
}

static bool has_avx512(void) {
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

/* The library sets the variable itself where nobody did, to the AVX-512 kernels. */
static bool user_chose_kernels(void) {
    const char *id = getenv("BLIS_ARCH_TYPE");
    return id && atoi(id) != BLIS_ARCH_SKX;
}

static void test_widest_kernels(void **state) {
    (void)state;
    if (!has_avx512() || user_chose_kernels()) {
        printf("skipped: the choice of BLIS kernels: %s\n",
               has_avx512() ? "BLIS_ARCH_TYPE asks for others" : "no AVX-512 on this processor");
        skip();
    }
    assert_string_equal(tensor_gemm_kernels(), "skx");
}

static void test_speed_is_measured_once(void **state) {
    (void)state;
    double speed = tensor_gemm_speed();
    assert_true(speed > 1e8);
    assert_true(tensor_gemm_speed() == speed);
}

static void multiply_bf16_by_reals(void) {
    bf16 a16[4] = {0};
    real numbers[8] = {0};
    tensor a = tensor_of_bf16(a16, 2, (int64_t[]){2, 2}), b = tensor_2d(numbers, 2, 2);
    tensor c = tensor_2d(numbers + 4, 2, 2);
    tensor_gemm(1, &a, &b, 0, &c);
}

static void test_only_b_may_be_bf16(void **state) {
    (void)state;
    assert_bug(multiply_bf16_by_reals, "gemm of types");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_b_may_be_bf16),
        cmocka_unit_test(test_every_layout),
        cmocka_unit_test(test_every_shape),
        cmocka_unit_test(test_empty_operands),
        cmocka_unit_test(test_same_bits_with_any_number_of_threads),
        cmocka_unit_test(test_what_does_not_fit_is_a_bug),
        cmocka_unit_test(test_widest_kernels),
        cmocka_unit_test(test_speed_is_measured_once),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
