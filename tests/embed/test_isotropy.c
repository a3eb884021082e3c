#include "embed/isotropy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"
#include "words.h"

static double isotropy_of(const char *names, const double *rows, int64_t width) {
    io_vectors v = words_of(names, rows, width);
    embed_table table = embed_table_new(&v);
    double isotropy = embed_isotropy(&table);
    embed_table_free(&table);
    words_free(&v);
    return isotropy;
}

static void assert_is(double x, double expected) {
    if (!(fabs(x - expected) < 1e-6)) fail_msg("%g, expected %g", x, expected);
}

static void test_known_directions(void **state) {
    (void)state;
    assert_is(isotropy_of("a b c", (double[]){1, 0, 5, 0, 0.25, 0}, 2), 0);
    assert_is(isotropy_of("a b", (double[]){0, 3, 2, 0}, 2), 1);
    assert_is(isotropy_of("a b", (double[]){1, 1, -2, -2}, 2), 2);
    /* cosines 0, 0 and 1 */
    assert_is(isotropy_of("a b c", (double[]){1, 0, 7, 0, 0, 1}, 2), 2.0 / 3);
}

static void test_rows_of_zeros_do_not_count(void **state) {
    (void)state;
    assert_is(isotropy_of("a b c", (double[]){0, 3, 0, 0, 2, 0}, 2), 1);
    assert_true(isnan(isotropy_of("a b", (double[]){0, 3, 0, 0}, 2)));
}

enum { N = 300, WIDTH = 37 };

/* Against the cosine of each pair, before and after the rows change, with one thread and three. */
static void test_the_mean_of_all_pairs(void **state) {
    (void)state;
    real *rows = mem_new(N * WIDTH, sizeof *rows);
    rng_fill_normal(rng_from_seed(1), rows, N * WIDTH, 1);
    io_vectors v = words_numbered(rows, N, WIDTH);
    embed_table table = embed_table_new(&v);
    for (int shift = 0; shift < 2; shift++) {
        for (int64_t i = 0; i < N * WIDTH; i++) rows[i] += (real)shift;
        embed_table_update(&table);
        double sum = 0;
        for (int64_t a = 0; a < N; a++)
            for (int64_t b = 0; b < a; b++)
                for (int64_t i = 0; i < WIDTH; i++)
                    sum += (double)table.units[a * WIDTH + i] * (double)table.units[b * WIDTH + i];
        double isotropy = embed_isotropy(&table);
        assert_is(isotropy, 1 - sum / (N * (N - 1) / 2));
        assert_true(shift ? isotropy < 0.7 : isotropy > 0.95);
        thread_set_count(3);
        assert_true(embed_isotropy(&table) == isotropy);
        thread_set_count(1);
    }
    embed_table_free(&table);
    words_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_directions),
        cmocka_unit_test(test_rows_of_zeros_do_not_count),
        cmocka_unit_test(test_the_mean_of_all_pairs),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
