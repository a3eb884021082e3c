#include "tensor/row_block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* Rows are picked out of a store at odd distances, so that they lie at any address. */
enum { MOST = 20, WIDEST = 112, STRIDE = WIDEST + 5, STORE = MOST * STRIDE, GUARD = 77 };
static const int64_t widths[] = {16, 48, WIDEST};

/* Row i is row (7 i) % MOST of the store: another one for each i. */
static void pick(real *store, real **rows) {
    for (int64_t i = 0; i < MOST; i++) rows[i] = store + 7 * i % MOST * STRIDE + 1;
}

static const real *const *of(real *const *rows) {
    return (const real *const *)rows;
}

static void assert_products(real *const *x, real *const *y, int64_t n_x, int64_t n_y,
                            int64_t width) {
    real z[MOST * MOST + ROW_BLOCK_SLACK + 1];
    z[n_x * n_y + ROW_BLOCK_SLACK] = GUARD;
    row_block_products(n_x, of(x), n_y, of(y), width, z);
    assert_true(z[n_x * n_y + ROW_BLOCK_SLACK] == GUARD);
    for (int64_t i = 0; i < n_x; i++)
        for (int64_t k = 0; k < n_y; k++) {
            double expected = 0;
            for (int64_t c = 0; c < width; c++) expected += (double)x[i][c] * (double)y[k][c];
            assert_near((double)z[i * n_y + k], expected, EPSILON * (double)width);
        }
}

static void test_products_against_slow_ones(void **state) {
    (void)state;
    real *a = random_numbers(1, STORE), *b = random_numbers(2, STORE), *x[MOST], *y[MOST];
    pick(a, x);
    pick(b, y);
    for (size_t w = 0; w < COUNT(widths); w++)
        for (int64_t n_x = 1; n_x <= MOST; n_x++)
            for (int64_t n_y = 1; n_y <= MOST; n_y++) assert_products(x, y, n_x, n_y, widths[w]);
    free(a);
    free(b);
}

/* Numbers of the two matrices and their gradients; g for as many rows as there can be. */
typedef struct matrices {
    real *a, *b, *da, *db, *g;
    real *x[MOST], *y[MOST], *dx[MOST], *dy[MOST];
} matrices;

static void matrices_init(matrices *m) {
    real **numbers[] = {&m->a, &m->b, &m->da, &m->db};
    for (uint64_t i = 0; i < 4; i++) *numbers[i] = random_numbers(i, STORE);
    m->g = random_numbers(4, MOST * MOST);
    pick(m->a, m->x);
    pick(m->b, m->y);
    pick(m->da, m->dx);
    pick(m->db, m->dy);
}

static void matrices_free(matrices *m) {
    free(m->a);
    free(m->b);
    free(m->da);
    free(m->db);
    free(m->g);
}

/* sum over the other side of g times its rows, in column c: what dx[i] and dy[k] gain. */
static double gain_x(const matrices *m, int64_t i, int64_t n_y, int64_t c) {
    double sum = 0;
    for (int64_t k = 0; k < n_y; k++) sum += (double)m->g[i * n_y + k] * (double)m->y[k][c];
    return sum;
}

static double gain_y(const matrices *m, int64_t k, int64_t n_x, int64_t n_y, int64_t c) {
    double sum = 0;
    for (int64_t i = 0; i < n_x; i++) sum += (double)m->g[i * n_y + k] * (double)m->x[i][c];
    return sum;
}

/* Every number of both stores: those of the rows have gained, all others are as before. */
static void assert_updates(int64_t n_x, int64_t n_y, int64_t width) {
    matrices m, before;
    matrices_init(&m);
    matrices_init(&before);
    row_block_updates(n_x, of(m.x), m.dx, n_y, of(m.y), m.dy, width, m.g);
    assert_memory_equal(m.a, before.a, STORE * sizeof(real));
    assert_memory_equal(m.b, before.b, STORE * sizeof(real));
    for (int64_t r = 0; r < MOST; r++)
        for (int64_t c = -1; c < STRIDE - 1; c++) {
            bool inside = c >= 0 && c < width;
            double x = inside && r < n_x ? gain_x(&m, r, n_y, c) : 0;
            double y = inside && r < n_y ? gain_y(&m, r, n_x, n_y, c) : 0;
            assert_near((double)m.dx[r][c], (double)before.dx[r][c] + x, (x != 0) * 32 * EPSILON);
            assert_near((double)m.dy[r][c], (double)before.dy[r][c] + y, (y != 0) * 32 * EPSILON);
        }
    matrices_free(&m);
    matrices_free(&before);
}

static void test_updates_against_slow_ones(void **state) {
    (void)state;
    for (int64_t n_x = 1; n_x <= MOST; n_x += n_x < 4 ? 1 : 4)
        for (int64_t n_y = 1; n_y <= MOST; n_y++) assert_updates(n_x, n_y, widths[n_y % 3]);
}

/* Into the rows themselves: the same bits as into copies of them. */
static void test_updates_in_place(void **state) {
    (void)state;
    for (int64_t n_x = 1; n_x <= MOST; n_x++)
        for (int64_t n_y = 1; n_y <= MOST; n_y++) {
            matrices m, in_place;
            matrices_init(&m);
            matrices_init(&in_place);
            memcpy(m.da, m.a, STORE * sizeof(real));
            memcpy(m.db, m.b, STORE * sizeof(real));
            row_block_updates(n_x, of(m.x), m.dx, n_y, of(m.y), m.dy, 48, m.g);
            row_block_updates(n_x, of(in_place.x), in_place.x, n_y, of(in_place.y), in_place.y, 48,
                              m.g);
            assert_memory_equal(in_place.a, m.da, STORE * sizeof(real));
            assert_memory_equal(in_place.b, m.db, STORE * sizeof(real));
            matrices_free(&m);
            matrices_free(&in_place);
        }
}

/* The first and the last row are one, on both sides. */
static void test_a_row_that_stands_twice(void **state) {
    (void)state;
    for (int64_t n = 2; n <= MOST; n++) {
        matrices m, before;
        matrices_init(&m);
        matrices_init(&before);
        m.x[n - 1] = m.x[0], m.dx[n - 1] = m.dx[0];
        m.y[n - 1] = m.y[0], m.dy[n - 1] = m.dy[0];
        row_block_updates(n, of(m.x), m.dx, n, of(m.y), m.dy, 16, m.g);
        for (int64_t c = 0; c < 16; c++) {
            double x = gain_x(&m, 0, n, c) + gain_x(&m, n - 1, n, c);
            double y = gain_y(&m, 0, n, n, c) + gain_y(&m, n - 1, n, n, c);
            assert_near((double)m.dx[0][c], (double)before.dx[0][c] + x, 64 * EPSILON);
            assert_near((double)m.dy[0][c], (double)before.dy[0][c] + y, 64 * EPSILON);
        }
        matrices_free(&m);
        matrices_free(&before);
    }
}

/* Whole numbers, so that sums are exact; all rows of x are one. */
static void test_the_most_rows(void **state) {
    (void)state;
    enum { N_Y = 9, WIDTH = 16 };
    static const real *x[ROW_BLOCK_MAX_X];
    static real *dx[ROW_BLOCK_MAX_X], g[ROW_BLOCK_MAX_X * N_Y];
    real row[WIDTH], sum[WIDTH] = {0}, sums[N_Y * WIDTH] = {0}, *dy[N_Y];
    const real *y[N_Y];
    for (int c = 0; c < WIDTH; c++) row[c] = (real)(c - 5);
    for (int i = 0; i < ROW_BLOCK_MAX_X; i++) x[i] = row, dx[i] = sum;
    for (int k = 0; k < N_Y; k++) y[k] = row, dy[k] = sums + WIDTH * k;
    for (size_t i = 0; i < COUNT(g); i++) g[i] = 1;
    row_block_updates(ROW_BLOCK_MAX_X, x, dx, N_Y, y, dy, WIDTH, g);
    for (int c = 0; c < WIDTH; c++) {
        assert_true(sum[c] == ROW_BLOCK_MAX_X * N_Y * row[c]);
        for (int k = 0; k < N_Y; k++) assert_true(dy[k][c] == ROW_BLOCK_MAX_X * row[c]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_against_slow_ones),
        cmocka_unit_test(test_updates_against_slow_ones),
        cmocka_unit_test(test_updates_in_place),
        cmocka_unit_test(test_a_row_that_stands_twice),
        cmocka_unit_test(test_the_most_rows),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
