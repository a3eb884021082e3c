#include "tensor/small_gemm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* C = A B + beta C against double, for A as it is or as a transposed view, in the middle of wider
 * rows whose other numbers must stay. */
static void check(int64_t M, int64_t N, int64_t K, bool transposed, real beta) {
    enum { LEFT = 3 };
    tensor a = random_tensor(1, SHAPE(transposed ? K : M, transposed ? M : K));
    tensor b = random_tensor(2, SHAPE(K, N)), wide = random_tensor(3, SHAPE(M, N + 2 * LEFT));
    tensor before = random_tensor(3, SHAPE(M, N + 2 * LEFT));
    tensor c = tensor_slice(&wide, 1, LEFT, N), av = transposed ? tensor_transpose(&a) : a;
    if (beta == 0) tensor_fill(&c, NAN);
    tensor_small_gemm(&av, &b, beta, &c);
    for (int64_t i = 0; i < M; i++)
        for (int64_t j = 0; j < N + 2 * LEFT; j++) {
            real *got = wide.data + i * wide.stride[0] + j;
            double expected = (double)before.data[got - wide.data];
            if (j < LEFT || j >= LEFT + N) {
                assert_true(*got == (real)expected);
                continue;
            }
            if (beta == 0) expected = 0;
            for (int64_t k = 0; k < K; k++)
                expected += (double)*element(&av, i * K + k) * b.data[k * N + j - LEFT];
            assert_near((double)*got, expected, EPSILON * (double)(K + 2));
        }
    free(a.data);
    free(b.data);
    free(wide.data);
    free(before.data);
}

/* Less than a vector, one, two, and what is left over; rows in groups and single. */
static void test_against_a_slow_product(void **state) {
    (void)state;
    static const int64_t rows[] = {1, 3, 8, 21}, columns[] = {1, 7, 8, 16, 33, 60},
                         depths[] = {1, 40};
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < COUNT(columns); j++)
            for (size_t k = 0; k < COUNT(depths); k++)
                for (int how = 0; how < 4; how++)
                    check(rows[i], columns[j], depths[k], how & 1, how / 2);
}

static real room[6];

static void shapes_that_do_not_fit(void) {
    tensor a = tensor_2d(room, 2, 3), c = tensor_2d(room, 2, 2);
    tensor_small_gemm(&a, &a, 0, &c);
}
static void rows_with_gaps(void) {
    tensor a = tensor_2d(room, 2, 2), b = tensor_transpose(&a), c = tensor_2d(room, 2, 2);
    tensor_small_gemm(&a, &b, 0, &c);
}

static void test_what_does_not_fit_is_a_bug(void **state) {
    (void)state;
    assert_bug(shapes_that_do_not_fit, "small gemm of (2, 3) and (2, 3) into (2, 2)");
    assert_bug(rows_with_gaps, "gaps");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_a_slow_product),
        cmocka_unit_test(test_what_does_not_fit_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
