#include "embed/eigen.h"

#include "embed/jacobi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* The matrix with 2 on the diagonal and -1 beside it; free with free. */
static double *chain(int64_t n) {
    double *a = mem_new((size_t)(n * n), sizeof *a);
    for (int64_t i = 0; i < n; i++) {
        a[i * n + i] = 2;
        if (i) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
    }
    return a;
}

/* Its eigenvalues, k = 1 the largest. */
static double chain_value(int64_t n, int64_t k) {
    return 2 + 2 * cos(3.14159265358979324 * (double)k / (double)(n + 1));
}

/* |a x - value x|, x being numbers `stride` apart. */
static double residual(const double *a, int64_t n, const double *x, int64_t stride, double value) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double y = -value * x[i * stride];
        for (int64_t j = 0; j < n; j++) y += a[i * n + j] * x[j * stride];
        sum += y * y;
    }
    return sqrt(sum);
}

static void test_jacobi(void **state) {
    (void)state;
    enum { N = 30 };
    double *a = chain(N), *d = chain(N), v[N * N];
    embed_jacobi(d, N, v);
    for (int64_t k = 1; k <= N; k++) {
        double nearest = INFINITY;
        for (int64_t i = 0; i < N; i++)
            nearest = fmin(nearest, fabs(d[i * N + i] - chain_value(N, k)));
        assert_near(nearest, 0, 1e-13);
    }
    for (int64_t i = 0; i < N; i++) assert_near(residual(a, N, v + i, N, d[i * N + i]), 0, 1e-13);
    free(d);
    free(a);
}

/* The largest eigenvalues of a long chain are close together, far above the basis' size. */
static void test_close_eigenvalues(void **state) {
    (void)state;
    static const int64_t sizes[] = {2, 3, 16, 17, 128, 129, 160};
    for (size_t s = 0; s < COUNT(sizes); s++) {
        int64_t n = sizes[s];
        double *a = chain(n), *x = mem_new(2 * (size_t)n, sizeof *x), values[2];
        embed_top_eigenvectors(a, n, values, x);
        for (int k = 0; k < 2; k++) {
            assert_near(values[k], chain_value(n, k + 1), 1e-12);
            assert_near(residual(a, n, x + k * n, 1, values[k]), 0, 4e-10);
        }
        free(x);
        free(a);
    }
}

/* A value that occurs twice is found twice, with directions at right angles. */
static void test_equal_eigenvalues(void **state) {
    (void)state;
    enum { N = 200 };
    double *a = mem_new(N * N, sizeof *a), x[2 * N], values[2], dot = 0;
    for (int64_t i = 0; i < N; i++) a[i * N + i] = i == 7 || i == 70 ? 3 : 1 + (double)i / N;
    embed_top_eigenvectors(a, N, values, x);
    for (int64_t i = 0; i < N; i++) dot += x[i] * x[N + i];
    assert_near(values[0], 3, 1e-12);
    assert_near(values[1], 3, 1e-12);
    assert_near(dot, 0, 1e-12);
    free(a);
}

/* What is not a number ends, too. */
static void test_no_numbers(void **state) {
    (void)state;
    enum { N = 5 };
    double a[N * N], values[2], x[2 * N];
    for (int i = 0; i < N * N; i++) a[i] = NAN;
    embed_top_eigenvectors(a, N, values, x);
    assert_true(isnan(values[0]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jacobi),
        cmocka_unit_test(test_close_eigenvalues),
        cmocka_unit_test(test_equal_eigenvalues),
        cmocka_unit_test(test_no_numbers),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
