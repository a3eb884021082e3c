#include "tensor/row_block.h"

#include "tensor/vector.h"

#include <string.h>

/* How many rows y stay in registers at once. */
enum { PRODUCTS_TILE = 8, UPDATES_TILE = 6 };

#define INLINE static inline __attribute__((always_inline))

/* Products whose lanes wait to be summed: VECTOR_LANES of them at a time, one after another. */
typedef struct pending {
    _Alignas(64) real lanes[VECTOR_LANES * VECTOR_LANES];
    int64_t n;
    real *z;
} pending;

/* Neighbours are added until each product is one number: the sums of all lanes, in order. */
INLINE void sum_lanes(pending *p) {
    real *t = p->lanes;
#pragma GCC unroll 4
    for (int n = VECTOR_LANES * VECTOR_LANES / 2; n >= VECTOR_LANES; n /= 2) {
#pragma omp simd
        for (int i = 0; i < n; i++) t[i] = t[2 * i] + t[2 * i + 1];
    }
    vector_store(p->z, vector_load(t));
    p->z += VECTOR_LANES;
    p->n = 0;
}

INLINE void push(pending *p, vector sum) {
    vector_store(p->lanes + p->n++ * VECTOR_LANES, sum);
    if (p->n == VECTOR_LANES) sum_lanes(p);
}

/* n_x rows by n_y rows, a constant where this is inlined. */
INLINE void products(int64_t n_x, const real *const *x, int n_y, const real *const *y,
                     int64_t width, pending *p) {
    for (int64_t i = 0; i < n_x; i++) {
        const real *xi = x[i];
        vector sum[PRODUCTS_TILE];
#pragma GCC unroll 8
        for (int k = 0; k < n_y; k++) sum[k] = (vector){0};
        for (int64_t c = 0; c < width; c += VECTOR_LANES) {
            vector xc = vector_load(xi + c);
#pragma GCC unroll 8
            for (int k = 0; k < n_y; k++) sum[k] += xc * vector_load(y[k] + c);
        }
#pragma GCC unroll 8
        for (int k = 0; k < n_y; k++) push(p, sum[k]);
    }
}

/* One function for each n_y: in a single one the pointers would not stay in registers. */
#define TILE(n)                                                                                    \
    static __attribute__((noinline)) void products_##n(                                            \
        int64_t n_x, const real *const *x, const real *const *y, int64_t width, pending *p) {      \
        products(n_x, x, n, y, width, p);                                                          \
    }
TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
TILE(7)
TILE(8)
#undef TILE

static void few_products(int64_t n_x, const real *const *x, int64_t n_y, const real *const *y,
                         int64_t width, pending *p) {
    typedef void tile(int64_t, const real *const *, const real *const *, int64_t, pending *);
    static tile *const tiles[] = {products_1, products_2, products_3, products_4,
                                  products_5, products_6, products_7, products_8};
    tiles[n_y - 1](n_x, x, y, width, p);
}

void row_block_products(int64_t n_x, const real *const *x, int64_t n_y, const real *const *y,
                        int64_t width, real *z) {
    pending p;
    p.n = 0;
    p.z = z;
    if (n_y <= PRODUCTS_TILE) {
        few_products(n_x, x, n_y, y, width, &p);
    } else {
        for (int64_t i = 0; i < n_x; i++)
            for (int64_t k = 0; k < n_y; k += PRODUCTS_TILE)
                few_products(1, x + i, n_y - k < PRODUCTS_TILE ? n_y - k : PRODUCTS_TILE, y + k,
                             width, &p);
    }
    while (p.n) push(&p, (vector){0});
}

/* Columns [first, last) of the updates of n_x rows by n_y rows, n_y a constant where this is
 * inlined. The numbers of x are read at column c - x_first. */
INLINE void updates(int64_t n_x, const real *const *x, int64_t x_first, real *const *dx, int n_y,
                    const real *const *y, real *const *dy, int64_t first, int64_t last,
                    const real *g, int64_t g_row) {
    for (int64_t c = first; c < last; c += VECTOR_LANES) {
        vector yc[UPDATES_TILE], sum[UPDATES_TILE];
#pragma GCC unroll 6
        for (int k = 0; k < n_y; k++) {
            yc[k] = vector_load(y[k] + c);
            sum[k] = (vector){0};
        }
        for (int64_t i = 0; i < n_x; i++) {
            vector xc = vector_load(x[i] + (c - x_first)), dxc = vector_load(dx[i] + c);
#pragma GCC unroll 6
            for (int k = 0; k < n_y; k++) {
                dxc += g[i * g_row + k] * yc[k];
                sum[k] += g[i * g_row + k] * xc;
            }
            vector_store(dx[i] + c, dxc);
        }
#pragma GCC unroll 6
        for (int k = 0; k < n_y; k++) vector_store(dy[k] + c, vector_load(dy[k] + c) + sum[k]);
    }
}

static void few_updates(int64_t n_x, const real *const *x, int64_t x_first, real *const *dx,
                        int64_t n_y, const real *const *y, real *const *dy, int64_t first,
                        int64_t last, const real *g, int64_t g_row) {
    switch (n_y) {
#define TILE(n)                                                                                    \
    case n:                                                                                        \
        updates(n_x, x, x_first, dx, n, y, dy, first, last, g, g_row);                             \
        break;
        TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#undef TILE
    }
}

/* More rows y than one tile takes: every tile must see the x of before. */
static void many_updates(int64_t n_x, const real *const *x, real *const *dx, int64_t n_y,
                         const real *const *y, real *const *dy, int64_t width, const real *g) {
    real old[ROW_BLOCK_MAX_X * VECTOR_LANES];
    const real *old_rows[ROW_BLOCK_MAX_X];
    for (int64_t i = 0; i < n_x; i++) old_rows[i] = old + i * VECTOR_LANES;
    for (int64_t c = 0; c < width; c += VECTOR_LANES) {
        for (int64_t i = 0; i < n_x; i++)
            vector_store(old + i * VECTOR_LANES, vector_load(x[i] + c));
        for (int64_t k = 0; k < n_y; k += UPDATES_TILE) {
            int64_t n = n_y - k < UPDATES_TILE ? n_y - k : UPDATES_TILE;
            few_updates(n_x, old_rows, c, dx, n, y + k, dy + k, c, c + VECTOR_LANES, g + k, n_y);
        }
    }
}

void row_block_updates(int64_t n_x, const real *const *x, real *const *dx, int64_t n_y,
                       const real *const *y, real *const *dy, int64_t width, const real *g) {
    if (n_y <= UPDATES_TILE)
        few_updates(n_x, x, 0, dx, n_y, y, dy, 0, width, g, n_y);
    else
        many_updates(n_x, x, dx, n_y, y, dy, width, g);
}

void row_block_mean(int64_t n_x, const real *const *x, int64_t width, real *mean) {
    real share = 1 / (real)n_x;
    memset(mean, 0, (size_t)width * sizeof *mean);
    for (int64_t i = 0; i < n_x; i++)
        for (int64_t c = 0; c < width; c++) mean[c] += share * x[i][c];
}
