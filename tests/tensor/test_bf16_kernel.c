/* The kernels that multiply bf16: plain C against its definition in double, the others against
 * plain C, whichever run on this processor. */
#include "tensor/bf16_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16.h"

enum { TILE = BF16_TILE, UNTOUCHED = 77 };

/* A product: K, and how far rows of A and of C lie apart. */
typedef struct size {
    int64_t K, a_row, c_row;
} size;

static const size sizes[] = {{32, 32, 32},     {64, 64, 33},     {96, 128, 48},   {512, 544, 32},
                             {1024, 1100, 64}, {2080, 2080, 32}, {4096, 4128, 40}};

/* Random panels of a size, and a C that is full before. */
typedef struct trial {
    bf16 *a, *b;
    real *c;
} trial;

static bf16 *random_panel(uint64_t seed, int64_t n) {
    real *x = random_numbers(seed, n);
    bf16 *y = mem_new_aligned((size_t)n * sizeof *y);
    bf16_row_of(n, y, x);
    free(x);
    return y;
}

static trial trial_new(size s) {
    trial t = {random_panel(1, TILE * s.a_row), random_panel(2, TILE * s.K),
               random_numbers(3, TILE * s.c_row)};
    for (int64_t r = 0; r < TILE; r++)
        for (int64_t j = TILE; j < s.c_row; j++) t.c[r * s.c_row + j] = UNTOUCHED;
    return t;
}

static void trial_free(trial *t) {
    free(t->a);
    free(t->b);
    free(t->c);
}

static void run(const bf16_kernel *kernel, size s, bool add, trial *t) {
    kernel->begin();
    kernel->product(s.K, t->a, s.a_row, t->b, t->c, s.c_row, add);
    kernel->end();
}

/* Number (k, column) of a column panel, by the words of bf16_kernel.h. */
static double in_panel(const bf16 *b, int64_t k, int64_t column) {
    return (double)bf16_to_real(
        b[(((k / 32 * 2 + column / 16) * 16 + k % 32 / 2) * 16 + column % 16) * 2 + k % 2]);
}

/* Float sums over K products below 1, in some order. */
static double tolerance(size s) {
    return FLT_EPSILON * ((double)s.K + 4);
}

static void check_plain(size s, bool add) {
    trial t = trial_new(s), before = trial_new(s);
    run(bf16_kernel_named("plain"), s, add, &t);
    for (int64_t r = 0; r < TILE; r++)
        for (int64_t j = 0; j < TILE; j++) {
            double sum = add ? (double)before.c[r * s.c_row + j] : 0;
            for (int64_t k = 0; k < s.K; k++)
                sum += (double)bf16_to_real(t.a[r * s.a_row + k]) * in_panel(t.b, k, j);
            assert_near(t.c[r * s.c_row + j], sum, tolerance(s));
        }
    trial_free(&t);
    trial_free(&before);
}

static void test_plain_by_its_definition(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++)
        for (int add = 0; add < 2; add++) check_plain(sizes[i], add);
}

/* What lies between the rows of C stays; the same bits each time. */
static void compare_with_plain(const bf16_kernel *kernel, size s, bool add) {
    trial t = trial_new(s), again = trial_new(s), expected = trial_new(s);
    run(kernel, s, add, &t);
    run(kernel, s, add, &again);
    run(bf16_kernel_named("plain"), s, add, &expected);
    for (int64_t i = 0; i < TILE * s.c_row; i++) {
        if (i % s.c_row < TILE)
            assert_near(t.c[i], expected.c[i], 2 * tolerance(s));
        else
            assert_true(t.c[i] == UNTOUCHED);
    }
    assert_memory_equal(t.c, again.c, (size_t)(TILE * s.c_row) * sizeof *t.c);
    trial_free(&t);
    trial_free(&again);
    trial_free(&expected);
}

/* A sum that goes on is the whole sum, to the bit: K may be taken in pieces. */
static void check_pieces(const bf16_kernel *kernel) {
    const size whole = {512, 512, 32}, piece = {256, 512, 32};
    trial t = trial_new(whole), pieces = trial_new(whole), rest = pieces;
    run(kernel, whole, false, &t);
    run(kernel, piece, false, &pieces);
    rest.a += piece.K;
    rest.b += piece.K * TILE;
    run(kernel, piece, true, &rest);
    assert_memory_equal(t.c, pieces.c, TILE * TILE * sizeof *t.c);
    trial_free(&t);
    trial_free(&pieces);
}

static void check_kernel(const char *name) {
    const bf16_kernel *kernel = bf16_kernel_named(name);
    if (!kernel) {
        printf("skipped: the bf16 kernel %s: %s\n", name,
               sizeof(real) == sizeof(float) ? "this processor has none" : "a build in double");
        skip();
    }
    assert_string_equal(kernel->name, name);
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int add = 0; add < 2; add++) compare_with_plain(kernel, sizes[i], add);
    check_pieces(kernel);
}

static void test_amx(void **state) {
    (void)state;
    check_kernel("amx");
}
static void test_avx512_bf16(void **state) {
    (void)state;
    check_kernel("avx512_bf16");
}

static void test_pieces_of_plain(void **state) {
    (void)state;
    check_pieces(bf16_kernel_named("plain"));
}

static void test_the_best_is_the_first_that_runs(void **state) {
    (void)state;
    static const char *const names[] = {"amx", "avx512_bf16", "plain"};
    int first = 0;
    while (!bf16_kernel_named(names[first])) first++;
    assert_ptr_equal(bf16_kernel_best(), bf16_kernel_named(names[first]));
    assert_null(bf16_kernel_named("mmx"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_by_its_definition),
        cmocka_unit_test(test_pieces_of_plain),
        cmocka_unit_test(test_amx),
        cmocka_unit_test(test_avx512_bf16),
        cmocka_unit_test(test_the_best_is_the_first_that_runs),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
