#include "tensor/thin_gemm.h"

#include "tensor/gemm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* M, N, K: one of each, all numbers of rows, edges of vectors, of panels and of their neighbours.
 */
static const int64_t shapes[][3] = {{1, 1, 1},    {2, 15, 31},   {3, 16, 32},  {4, 33, 33},
                                    {5, 64, 65},  {7, 100, 16},  {8, 67, 100}, {11, 130, 47},
                                    {13, 37, 15}, {16, 257, 70}, {23, 80, 64}};

/* B (K, N) by its rows or by its columns, of either type, as part of a wider matrix. */
typedef struct kind {
    bool transposed;
    tensor_type type;
} kind;
static const kind kinds[] = {
    {false, TENSOR_REAL}, {true, TENSOR_REAL}, {false, TENSOR_BF16}, {true, TENSOR_BF16}};

/* Returns B over new memory, begun by *memory. */
static tensor right(kind how, int64_t K, int64_t N, void **memory) {
    enum { GAP = 3 };
    int64_t rows = how.transposed ? N : K, cols = how.transposed ? K : N;
    tensor all = random_tensor(2, SHAPE(rows, cols + GAP));
    *memory = all.data;
    if (how.type == TENSOR_BF16) {
        bf16 *halves = mem_new((size_t)tensor_numel(&all), sizeof *halves);
        bf16_row_of(tensor_numel(&all), halves, all.data);
        free(all.data);
        *memory = all.data16 = halves;
        all.type = TENSOR_BF16;
    }
    tensor b = tensor_slice(&all, 1, 1, cols);
    return how.transposed ? tensor_transpose(&b) : b;
}

static double number(const tensor *x, int64_t i, int64_t j) {
    int64_t at = i * x->stride[0] + j * x->stride[1];
    return (double)(x->type == TENSOR_BF16 ? bf16_to_real(x->data16[at]) : x->data[at]);
}

static void check_product(const int64_t *shape, kind how, real beta) {
    int64_t M = shape[0], N = shape[1], K = shape[2];
    void *memory;
    tensor a = random_tensor(1, SHAPE(M, K)), b = right(how, K, N, &memory);
    tensor wide = random_tensor(3, SHAPE(M, N + 5)), before = random_tensor(3, SHAPE(M, N + 5));
    tensor c = tensor_slice(&wide, 1, 2, N);
    if (beta == 0) tensor_fill(&c, NAN);
    assert_true(tensor_thin_gemm_takes(&a, &b, &c));
    tensor_thin_gemm(&a, &b, beta, &c, 1);
    for (int64_t i = 0; i < M; i++)
        for (int64_t j = 0; j < N + 5; j++) {
            double y = number(&before, i, j);
            if (j >= 2 && j < N + 2) {
                y = beta == 0 ? 0 : y;
                for (int64_t k = 0; k < K; k++) y += number(&a, i, k) * number(&b, k, j - 2);
            }
            assert_near(number(&wide, i, j), y, EPSILON * (double)(K + 2));
        }
    free(a.data);
    free(memory);
    free(wide.data);
    free(before.data);
}

static void test_every_shape_and_kind(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT(shapes); s++)
        for (size_t k = 0; k < COUNT(kinds); k++)
            for (int beta = 0; beta < 2; beta++) check_product(shapes[s], kinds[k], (real)beta);
}

/* A sample must not depend on the others that are drawn with it, nor on the threads. */
static void test_a_row_has_the_same_bits_alone(void **state) {
    (void)state;
    enum { M = 16, N = 203, K = 77 };
    for (size_t k = 0; k < COUNT(kinds); k++) {
        void *memory;
        tensor a = random_tensor(1, SHAPE(M, K)), b = right(kinds[k], K, N, &memory);
        tensor alone = random_tensor(3, SHAPE(1, N)), c = random_tensor(3, SHAPE(M, N));
        for (int rows = 1; rows <= M; rows++)
            for (int threads = 1; threads <= 4; threads++) {
                tensor ap = tensor_slice(&a, 0, 0, rows), cp = tensor_slice(&c, 0, 0, rows);
                tensor last = tensor_slice(&a, 0, rows - 1, 1);
                tensor_thin_gemm(&ap, &b, 0, &cp, threads);
                tensor_thin_gemm(&last, &b, 0, &alone, 1);
                assert_memory_equal(alone.data, c.data + (rows - 1) * N, N * sizeof(real));
            }
        free(a.data);
        free(memory);
        free(alone.data);
        free(c.data);
    }
}

/* tensor_gemm takes bf16 matrices for any number of rows. */
static void test_gemm_of_bf16(void **state) {
    (void)state;
    enum { N = 96, K = 64 };
    for (int64_t M = 1; M < 80; M += 13) {
        void *memory;
        tensor a = random_tensor(1, SHAPE(M, K)), b = right(kinds[2], K, N, &memory);
        tensor c = random_tensor(3, SHAPE(M, N));
        tensor_gemm(1, &a, &b, 0, &c);
        for (int64_t i = 0; i < M * N; i++) {
            double y = 0, size = 0;
            for (int64_t k = 0; k < K; k++) {
                double term = number(&a, i / N, k) * number(&b, k, i % N);
                y += term;
                size += fabs(term);
            }
            assert_true(fabs((double)c.data[i] - y) < 0.005 * size);
        }
        free(a.data);
        free(memory);
        free(c.data);
    }
}

static void test_what_it_does_not_take(void **state) {
    (void)state;
    real room[64] = {0};
    tensor a = tensor_2d(room, 4, 4), c = tensor_2d(room, 4, 4);
    tensor gaps = {{room}, 2, {4, 4}, {8, 2}, TENSOR_REAL}, t = tensor_transpose(&a);
    assert_true(tensor_thin_gemm_takes(&t, &a, &c));
    assert_false(tensor_thin_gemm_takes(&t, &t, &c));
    assert_false(tensor_thin_gemm_takes(&a, &gaps, &c));
    assert_false(tensor_thin_gemm_takes(&a, &a, &gaps));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape_and_kind),
        cmocka_unit_test(test_a_row_has_the_same_bits_alone),
        cmocka_unit_test(test_gemm_of_bf16),
        cmocka_unit_test(test_what_it_does_not_take),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
