#include "tensor/thin_gemm.h"

#include "base/check.h"
#include "tensor/vector.h"

enum {
    LANES = VECTOR_LANES,
    ROWS = VECTOR_BYTES == 64 ? 8 : 4, /* of C, two vectors wide, in registers */
    DEPTH = 32,                        /* rows of B that meet all of A before the next ones */
    DOTS = 4,                          /* columns of C that meet all of A before the next ones */
    AHEAD = 4                          /* columns of B that are fetched in advance */
};

/* The operands; B (K, N) has its rows, or where it is transposed its columns, b_step apart. */
typedef struct product {
    int64_t M, N, K;
    const real *a;
    int64_t a_row, a_col;
    const void *b;
    int64_t b_step;
    real *c;
    int64_t c_row;
    real beta;
} product;

/* Number i of B and those behind it; the type is a constant where these are inlined. */
TENSOR_INLINE const void *at(tensor_type type, const void *b, int64_t i) {
    return type == TENSOR_BF16 ? (const void *)((const bf16 *)b + i)
                               : (const void *)((const real *)b + i);
}
TENSOR_INLINE vector numbers(tensor_type type, const void *b, int64_t i) {
    return type == TENSOR_BF16 ? vector_load_bf16((const bf16 *)b + i)
                               : vector_load((const real *)b + i);
}

/* `rows` rows and `vectors` vectors of C += A B over `depth` rows of B; fetches the next ones. */
TENSOR_INLINE void tile(tensor_type type, int rows, int vectors, int64_t depth, const product *p,
                        const real *a, const void *b, real *c) {
    vector sum[ROWS][2];
    int64_t a_row = p->a_row, a_col = p->a_col, b_step = p->b_step, c_row = p->c_row;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) sum[r][v] = vector_load(c + r * c_row + v * LANES);
    for (int64_t k = 0; k < depth; k++) {
        vector x[2];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            x[v] = numbers(type, b, k * b_step + v * LANES);
            __builtin_prefetch(at(type, b, (k + DEPTH) * b_step + v * LANES), 0, 2);
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) sum[r][v] += a[r * a_row + k * a_col] * x[v];
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) vector_store(c + r * c_row + v * LANES, sum[r][v]);
}

/* `rows` rows of C, columns [first, last), a multiple of LANES, over `depth` rows of B from k. */
TENSOR_INLINE void panel(tensor_type type, int rows, int64_t row, int64_t first, int64_t last,
                         int64_t k, int64_t depth, const product *p) {
    const real *a = p->a + row * p->a_row + k * p->a_col;
    const void *b = at(type, p->b, k * p->b_step);
    real *c = p->c + row * p->c_row;
    int64_t j = first;
    for (; j + 2 * LANES <= last; j += 2 * LANES)
        tile(type, rows, 2, depth, p, a, at(type, b, j), c + j);
    if (j < last) tile(type, rows, 1, depth, p, a, at(type, b, j), c + j);
}

/* The columns that do not fill a vector. */
TENSOR_INLINE void narrow(tensor_type type, int64_t first, const product *p) {
    for (int64_t r = 0; r < p->M; r++)
        for (int64_t j = first; j < p->N; j++) {
            real sum = p->c[r * p->c_row + j];
            for (int64_t k = 0; k < p->K; k++)
                sum +=
                    p->a[r * p->a_row + k * p->a_col] * tensor_get(p->b, type, k * p->b_step + j);
            p->c[r * p->c_row + j] = sum;
        }
}

/* Columns [first, last) of C, over `depth` rows of B from k. */
TENSOR_INLINE void step(tensor_type type, int64_t first, int64_t last, int64_t k, int64_t depth,
                        const product *p) {
    int64_t r = 0;
    for (; r + ROWS <= p->M; r += ROWS) panel(type, ROWS, r, first, last, k, depth, p);
    for (; r + ROWS / 2 <= p->M; r += ROWS / 2) panel(type, ROWS / 2, r, first, last, k, depth, p);
    for (; r < p->M; r++) panel(type, 1, r, first, last, k, depth, p);
}

/* Columns [first, last) of C. */
TENSOR_INLINE void columns(tensor_type type, int64_t first, int64_t last, const product *p) {
    int64_t whole = last == p->N ? first + (last - first) / LANES * LANES : last;
    for (int64_t r = 0; r < p->M && p->beta == 0; r++)
        for (int64_t j = first; j < last; j++) p->c[r * p->c_row + j] = 0;
    for (int64_t k = 0; k < p->K; k += DEPTH)
        step(type, first, whole, k, p->K - k < DEPTH ? p->K - k : DEPTH, p);
    if (last == p->N) narrow(type, whole, p);
}

/* Adds neighbours until each of n vectors is one number: x[i] of vector i. */
TENSOR_INLINE void sum_lanes(int n, real *x) {
#pragma GCC unroll 4
    for (int width = n * LANES / 2; width >= n; width /= 2)
#pragma omp simd
        for (int i = 0; i < width; i++) x[i] = x[2 * i] + x[2 * i + 1];
}

/* `rows` x `dots` numbers of C, each the product of a row of A by a column of B. */
TENSOR_INLINE void dot_tile(tensor_type type, int rows, int dots, int64_t row, int64_t col,
                            const product *p) {
    vector sum[ROWS][DOTS] = {{{0}}};
    int64_t a_row = p->a_row, b_step = p->b_step, K = p->K, k = 0;
    const real *a = p->a + row * a_row;
    const void *b = at(type, p->b, col * b_step);
    for (; k + LANES <= K; k += LANES) {
        vector x[DOTS];
#pragma GCC unroll 4
        for (int d = 0; d < dots; d++) {
            x[d] = numbers(type, b, d * b_step + k);
            __builtin_prefetch(at(type, b, (d + AHEAD) * b_step + k), 0, 2);
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (int d = 0; d < dots; d++) sum[r][d] += vector_load(a + r * a_row + k) * x[d];
    }
    _Alignas(64) real total[ROWS * DOTS * LANES];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int d = 0; d < dots; d++) vector_store(total + (r * dots + d) * LANES, sum[r][d]);
    sum_lanes(rows * dots, total);
    for (int r = 0; r < rows; r++)
        for (int d = 0; d < dots; d++) {
            real y = total[r * dots + d], *c = p->c + (row + r) * p->c_row + col + d;
            for (int64_t i = k; i < K; i++)
                y += a[r * a_row + i] * tensor_get(b, type, d * b_step + i);
            *c = y + (p->beta == 0 ? 0 : *c);
        }
}

/* `dots` columns of C: they meet all rows of A. */
TENSOR_INLINE void dot_step(tensor_type type, int dots, int64_t col, const product *p) {
    int64_t r = 0;
    if (dots == DOTS) {
        for (; r + ROWS <= p->M; r += ROWS)
            for (int d = 0; d < DOTS; d += 2) dot_tile(type, ROWS, 2, r, col + d, p);
        for (; r + ROWS / 2 <= p->M; r += ROWS / 2) dot_tile(type, ROWS / 2, DOTS, r, col, p);
    }
    for (; r < p->M; r++) dot_tile(type, 1, dots, r, col, p);
}

/* Columns [first, last) of C where B is transposed. */
TENSOR_INLINE void dot_columns(tensor_type type, int64_t first, int64_t last, const product *p) {
    int64_t j = first;
    for (; j + DOTS <= last; j += DOTS) dot_step(type, DOTS, j, p);
    for (; j < last; j++) dot_step(type, 1, j, p);
}

/* One function for each kind of B. */
typedef void part(int64_t first, int64_t last, const product *p);
static void rows_of_real(int64_t first, int64_t last, const product *p) {
    columns(TENSOR_REAL, first, last, p);
}
static void rows_of_bf16(int64_t first, int64_t last, const product *p) {
    columns(TENSOR_BF16, first, last, p);
}
static void columns_of_real(int64_t first, int64_t last, const product *p) {
    dot_columns(TENSOR_REAL, first, last, p);
}
static void columns_of_bf16(int64_t first, int64_t last, const product *p) {
    dot_columns(TENSOR_BF16, first, last, p);
}

bool tensor_thin_gemm_takes(const tensor *a, const tensor *b, const tensor *c) {
    bool fits = a->type == TENSOR_REAL && c->type == TENSOR_REAL && c->stride[1] == 1;
    return fits && (b->stride[1] == 1 || (b->stride[0] == 1 && a->stride[1] == 1));
}

void tensor_thin_gemm(const tensor *a, const tensor *b, real beta, tensor *c, int threads) {
    static part *const parts[2][2] = {{columns_of_real, columns_of_bf16},
                                      {rows_of_real, rows_of_bf16}};
    CHECK(tensor_thin_gemm_takes(a, b, c), "thin gemm of rows with %s", "gaps");
    bool by_rows = b->stride[1] == 1;
    product p = {c->shape[0],  c->shape[1],  a->shape[1], a->data,
                 a->stride[0], a->stride[1], b->data,     b->stride[by_rows ? 0 : 1],
                 c->data,      c->stride[0], beta};
    part *compute = parts[by_rows][b->type == TENSOR_BF16];
    if (threads == 1) { /* even a team of one takes longer to make than a small product */
        compute(0, p.N, &p);
        return;
    }
    int64_t blocks = (p.N + LANES - 1) / LANES;
#pragma omp parallel for schedule(static, 1)
    for (int t = 0; t < threads; t++) {
        int64_t first = blocks * t / threads * LANES, last = blocks * (t + 1) / threads * LANES;
        compute(first, last < p.N ? last : p.N, &p);
    }
}
