#include "embed/project.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

static const double tolerance = 100 * EPSILON;

/* Points on the sides of a box around (5, -3, 1): the variances are known. */
static void test_axes_of_a_box(void **state) {
    (void)state;
    static const real x[] = {5, -1, 1, 5, -5, 1, 6, -3, 1, 4, -3, 1, 5, -3, 4, 5, -3, -2};
    double y[12], variance[2];
    embed_project_pca(x, 6, 3, y, variance);
    assert_near(variance[0], 9.0 / 14, 1e-12);
    assert_near(variance[1], 4.0 / 14, 1e-12);
    static const double expected[] = {0, 2, 0, -2, 0, 0, 0, 0, 3, 0, -3, 0};
    for (int i = 0; i < 12; i++) assert_near(y[i], expected[i], 1e-9);
}

/* Points a * (3, -4) + b * (4, 3), the first longer: the first direction is (-3, 4) / 5, since its
 * largest coefficient is positive. */
static void test_turned_axes_and_their_signs(void **state) {
    (void)state;
    real x[16];
    static const double along[8][2] = {{2, 0},  {-2, 0}, {2, 1}, {-2, -1},
                                       {2, -1}, {-2, 1}, {1, 0}, {-1, 0}};
    for (int i = 0; i < 8; i++) {
        x[2 * i] = (real)(100 + 3 * along[i][0] + 4 * along[i][1]);
        x[2 * i + 1] = (real)(-50 - 4 * along[i][0] + 3 * along[i][1]);
    }
    double y[16];
    embed_project_pca(x, 8, 2, y, NULL);
    for (int i = 0; i < 8; i++) {
        assert_near(y[2 * i], -5 * along[i][0], 100 * tolerance);
        assert_near(y[2 * i + 1], 5 * along[i][1], 100 * tolerance);
    }
}

/* Wide rows, of which only two directions vary, with variances that are nearly, then fully, equal.
 */
static void test_many_columns(void **state) {
    (void)state;
    enum { POINTS = 40, WIDTH = 300 };
    static const double seconds[] = {1, 0.999, 0.1};
    real *x = mem_new(POINTS * WIDTH, sizeof *x);
    for (size_t s = 0; s < COUNT(seconds); s++) {
        for (int i = 0; i < POINTS; i++)
            for (int j = 0; j < WIDTH; j++) {
                double angle = 6.283185307179586 * i / POINTS, sign = j % 2 ? 1 : -1;
                x[i * WIDTH + j] = (real)(cos(angle) + seconds[s] * sign * sin(angle));
            }
        double y[2 * POINTS], variance[2], second = seconds[s] * seconds[s];
        embed_project_pca(x, POINTS, WIDTH, y, variance);
        assert_near(variance[0], 1 / (1 + second), tolerance);
        assert_near(variance[1], second / (1 + second), tolerance);
        double norms = 0;
        for (int i = 0; i < 2 * POINTS; i++) norms += y[i] * y[i];
        assert_near(norms / (WIDTH * POINTS / 2.0 * (1 + second)), 1, tolerance);
    }
    free(x);
}

/* A flat spectrum, the hardest: what is found must be eigenvectors, and the largest. */
static void test_random_points(void **state) {
    (void)state;
    enum { POINTS = 300, WIDTH = 200 };
    real *x = random_numbers(1, POINTS * WIDTH);
    double *y = mem_new(2 * POINTS, sizeof *y), variance[2], whole = 0, sums[3] = {0};
    embed_project_pca(x, POINTS, WIDTH, y, variance);
    for (int j = 0; j < WIDTH; j++) {
        double mean = 0;
        for (int i = 0; i < POINTS; i++) mean += (double)x[i * WIDTH + j] / POINTS;
        for (int i = 0; i < POINTS; i++) whole += pow((double)x[i * WIDTH + j] - mean, 2);
    }
    for (int i = 0; i < POINTS; i++) {
        sums[0] += y[2 * i] * y[2 * i];
        sums[1] += y[2 * i + 1] * y[2 * i + 1];
        sums[2] += y[2 * i] * y[2 * i + 1];
    }
    assert_near(sums[0] / whole, variance[0], 1e-9);
    assert_near(sums[1] / whole, variance[1], 1e-9);
    assert_near(sums[2] / whole, 0, 1e-9);
    assert_true(variance[0] > variance[1] && variance[1] > 2.0 / WIDTH);
    free(y);
    free(x);
}

static void test_nothing_to_show(void **state) {
    (void)state;
    static const real same[] = {3, 4, 5, 3, 4, 5}, line[] = {1, 3, 8};
    double y[6], variance[2];
    embed_project_pca(same, 2, 3, y, variance);
    for (int i = 0; i < 4; i++) assert_true(y[i] == 0);
    assert_true(variance[0] == 0 && variance[1] == 0);
    embed_project_pca(line, 3, 1, y, variance);
    static const double expected[] = {-3, 0, -1, 0, 4, 0};
    for (int i = 0; i < 6; i++) assert_near(y[i], expected[i], 1e-12);
    assert_near(variance[0], 1, 1e-12);
    assert_true(variance[1] == 0);
    embed_project_pca(same, 1, 3, y, variance);
    assert_true(y[0] == 0 && y[1] == 0);
}

static void test_same_bits_at_any_thread_count(void **state) {
    (void)state;
    enum { POINTS = 50, WIDTH = 600 };
    real *x = random_numbers(2, POINTS * WIDTH);
    double first[2 * POINTS], y[2 * POINTS];
    for (int threads = 1; threads <= 3; threads++) {
        thread_set_count(threads);
        embed_project_pca(x, POINTS, WIDTH, threads == 1 ? first : y, NULL);
        if (threads > 1) assert_memory_equal(first, y, sizeof y);
    }
    thread_set_count(1);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes_of_a_box),
        cmocka_unit_test(test_turned_axes_and_their_signs),
        cmocka_unit_test(test_many_columns),
        cmocka_unit_test(test_random_points),
        cmocka_unit_test(test_nothing_to_show),
        cmocka_unit_test(test_same_bits_at_any_thread_count),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
