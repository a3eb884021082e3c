#define _GNU_SOURCE
#include "tensor/gemm.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/thread.h"

#include <blis.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef GRADUS_F64
#define blis_gemm bli_dgemm_ex
#else
#define blis_gemm bli_sgemm_ex
#endif

/* BLIS knows an AVX-512 server only by its marketing name and falls back to half as wide kernels
 * on the virtual machines that hide it; so ask the processor, before the first BLIS call. */
__attribute__((constructor)) static void choose_kernels(void) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
        char id[16];
        snprintf(id, sizeof id, "%d", BLIS_ARCH_SKX);
        setenv("BLIS_ARCH_TYPE", id, 0);
    }
#endif
}

const char *tensor_gemm_kernels(void) {
    return bli_arch_string(bli_arch_query_id());
}

static void check_shapes(const tensor *a, const tensor *b, const tensor *c) {
    CHECK(a->n_dim == 2 && b->n_dim == 2 && c->n_dim == 2, "gemm of %d, %d and %d dimensions",
          a->n_dim, b->n_dim, c->n_dim);
    CHECK(a->shape[1] == b->shape[0] && c->shape[0] == a->shape[0] && c->shape[1] == b->shape[1],
          "gemm of (%lld, %lld) and (%lld, %lld) into (%lld, %lld)", (long long)a->shape[0],
          (long long)a->shape[1], (long long)b->shape[0], (long long)b->shape[1],
          (long long)c->shape[0], (long long)c->shape[1]);
}

void tensor_gemm_serial(real alpha, const tensor *a, const tensor *b, real beta, tensor *c) {
    check_shapes(a, b, c);
    rntm_t rntm;
    bli_rntm_init(&rntm);
    bli_rntm_set_num_threads(1, &rntm);
    /* BLIS has other kernels for small and thin matrices, which sum in another order: a piece of a
     * product must not get other bits than the whole. */
    bli_rntm_disable_l3_sup(&rntm);
    blis_gemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, c->shape[0], c->shape[1], a->shape[1], &alpha,
              a->data, a->stride[0], a->stride[1], b->data, b->stride[0], b->stride[1], &beta,
              c->data, c->stride[0], c->stride[1], NULL, &rntm);
}

/* C cut into rows x cols pieces. */
typedef struct grid {
    int rows, cols;
} grid;

/* As many pieces as threads, with the least to copy: each thread packs its rows of A and its
 * columns of B. */
static grid grid_for(int threads, int64_t M, int64_t N) {
    grid best = {threads, 1};
    for (int rows = 1; rows <= threads; rows++) {
        int cols = threads / rows;
        bool is_better = M / rows + N / cols < M / best.rows + N / best.cols;
        if (rows * cols == threads && is_better) best = (grid){rows, cols};
    }
    return best;
}

/* Piece `index` of n along a dimension of length `length`: where it begins; whole kernel tiles. */
static int64_t cut(int64_t length, int n, int index) {
    enum { TILE = 32 };
    int64_t width = ((length + n - 1) / n + TILE - 1) / TILE * TILE;
    return index * width < length ? index * width : length;
}

/* Each thread computes a piece of C by itself. BLIS's own threads meet at spinning barriers within
 * each product: slower even on a quiet machine, and several times slower when another program has
 * one of the cores for a moment. */
void tensor_gemm(real alpha, const tensor *a, const tensor *b, real beta, tensor *c) {
    /* Waking the other threads costs about as much as this much arithmetic. */
    const int64_t serial_multiplications = 1 << 17;
    check_shapes(a, b, c);
    int64_t M = c->shape[0], N = c->shape[1];
    if (M * N * a->shape[1] < serial_multiplications || thread_count() == 1) {
        tensor_gemm_serial(alpha, a, b, beta, c);
        return;
    }
    grid g = grid_for(thread_count(), M, N);
#pragma omp parallel for schedule(static, 1)
    for (int piece = 0; piece < g.rows * g.cols; piece++) {
        int i = piece / g.cols, j = piece % g.cols;
        int64_t row = cut(M, g.rows, i), n_rows = cut(M, g.rows, i + 1) - row;
        int64_t col = cut(N, g.cols, j), n_cols = cut(N, g.cols, j + 1) - col;
        if (n_rows == 0 || n_cols == 0) continue;
        tensor ap = tensor_slice(a, 0, row, n_rows), bp = tensor_slice(b, 1, col, n_cols);
        tensor cp = tensor_slice(c, 0, row, n_rows);
        cp = tensor_slice(&cp, 1, col, n_cols);
        tensor_gemm_serial(alpha, &ap, &bp, beta, &cp);
    }
}

double tensor_gemm_speed(void) {
    static double speed;
    static int measured_threads;
    if (measured_threads == thread_count()) return speed;
    enum { N = 768 };
    const double least_seconds = 0.1;
    real *data = mem_new_aligned(3 * N * N * sizeof(real));
    tensor a = tensor_2d(data, N, N), b = tensor_2d(data + N * N, N, N);
    tensor c = tensor_2d(data + 2 * N * N, N, N);
    double best = 0, begin = thread_clock();
    while (best == 0 || thread_clock() - begin < least_seconds) {
        double start = thread_clock();
        tensor_gemm(1, &a, &b, 0, &c);
        double rate = 2.0 * N * N * N / (thread_clock() - start);
        if (rate > best) best = rate;
    }
    free(data);
    measured_threads = thread_count();
    return speed = best;
}
