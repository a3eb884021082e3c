#include "tensor/small_gemm.h"

#include "base/check.h"
#include "tensor/vector.h"

/* How many rows of C, two vectors wide, stay in registers while k runs. */
enum { ROWS = VECTOR_BYTES == 64 ? 8 : 4, LANES = VECTOR_LANES };

/* Rows [0, rows) and columns [0, vectors * LANES) of C, both constants where this is inlined. */
TENSOR_INLINE void block(int rows, int vectors, int64_t K, const real *a, int64_t a_row,
                         int64_t a_col, const real *b, int64_t b_row, real beta, real *c,
                         int64_t c_row) {
    vector sum[ROWS][2] = {{{0}}};
    if (beta != 0) {
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) sum[r][v] = vector_load(c + r * c_row + v * LANES);
    }
    for (int64_t k = 0; k < K; k++, a += a_col, b += b_row) {
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++)
                sum[r][v] += a[r * a_row] * vector_load(b + v * LANES);
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) vector_store(c + r * c_row + v * LANES, sum[r][v]);
}

/* The columns that do not fill a vector. */
static void narrow(int64_t rows, int64_t n, int64_t K, const real *a, int64_t a_row, int64_t a_col,
                   const real *b, int64_t b_row, real beta, real *c, int64_t c_row) {
    for (int64_t r = 0; r < rows; r++) {
        real sum[LANES] = {0};
        for (int64_t k = 0; k < K; k++)
            for (int64_t i = 0; i < n; i++) sum[i] += a[r * a_row + k * a_col] * b[k * b_row + i];
        for (int64_t i = 0; i < n; i++)
            c[r * c_row + i] = sum[i] + (beta == 0 ? 0 : c[r * c_row + i]);
    }
}

/* `rows` rows of C over all its columns. */
TENSOR_INLINE void row_panel(int rows, int64_t N, int64_t K, const real *a, int64_t a_row,
                             int64_t a_col, const real *b, int64_t b_row, real beta, real *c,
                             int64_t c_row) {
    int64_t j = 0;
    for (; j + 2 * LANES <= N; j += 2 * LANES)
        block(rows, 2, K, a, a_row, a_col, b + j, b_row, beta, c + j, c_row);
    if (j + LANES <= N) {
        block(rows, 1, K, a, a_row, a_col, b + j, b_row, beta, c + j, c_row);
        j += LANES;
    }
    if (j < N) narrow(rows, N - j, K, a, a_row, a_col, b + j, b_row, beta, c + j, c_row);
}

void tensor_small_gemm(const tensor *a, const tensor *b, real beta, tensor *c) {
    int64_t M = c->shape[0], N = c->shape[1], K = a->shape[1], i = 0;
    CHECK(a->shape[0] == M && b->shape[0] == K && b->shape[1] == N,
          "small gemm of (%lld, %lld) and (%lld, %lld) into (%lld, %lld)", (long long)a->shape[0],
          (long long)K, (long long)b->shape[0], (long long)b->shape[1], (long long)M, (long long)N);
    CHECK(b->stride[1] == 1 && c->stride[1] == 1, "small gemm of rows with gaps");
    const real *ad = a->data;
    real *cd = c->data;
    int64_t a_row = a->stride[0], a_col = a->stride[1], b_row = b->stride[0], c_row = c->stride[0];
    for (; i + ROWS <= M; i += ROWS)
        row_panel(ROWS, N, K, ad + i * a_row, a_row, a_col, b->data, b_row, beta, cd + i * c_row,
                  c_row);
    for (; i < M; i++)
        row_panel(1, N, K, ad + i * a_row, a_row, a_col, b->data, b_row, beta, cd + i * c_row,
                  c_row);
}
