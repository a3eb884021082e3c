#define _GNU_SOURCE
#include "tensor/gemm.h"

#include "base/check.h"
#include "base/thread.h"
#include "tensor/gemm_bf16.h"
#include "tensor/grid.h"
#include "tensor/thin_gemm.h"

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
    bli_init();
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

/* BLIS knows only reals. */
static void check_types(const tensor *a, const tensor *b, const tensor *c) {
    CHECK(a->type == TENSOR_REAL && b->type == TENSOR_REAL && c->type == TENSOR_REAL,
          "gemm of types %d and %d into type %d", a->type, b->type, c->type);
}

static void blis_serial(real alpha, const tensor *a, const tensor *b, real beta, tensor *c) {
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

/* Waking the other threads costs about as much as this much arithmetic. */
static int threads_for(const tensor *a, const tensor *c) {
    const int64_t serial_multiplications = 1 << 17;
    int64_t multiplications = c->shape[0] * c->shape[1] * a->shape[1];
    return multiplications < serial_multiplications ? 1 : thread_count();
}

/* Each thread computes a piece of C by itself. BLIS's own threads meet at spinning barriers within
 * each product: slower even on a quiet machine, and several times slower when another program has
 * one of the cores for a moment. */
static void blis_parallel(real alpha, const tensor *a, const tensor *b, real beta, tensor *c,
                          int threads) {
    int64_t M = c->shape[0], N = c->shape[1];
    grid g = grid_for(threads, M, N);
#pragma omp parallel for schedule(static, 1)
    for (int piece = 0; piece < g.rows * g.cols; piece++) {
        int i = piece / g.cols, j = piece % g.cols;
        int64_t row = grid_cut(M, g.rows, i), n_rows = grid_cut(M, g.rows, i + 1) - row;
        int64_t col = grid_cut(N, g.cols, j), n_cols = grid_cut(N, g.cols, j + 1) - col;
        if (n_rows == 0 || n_cols == 0) continue;
        tensor ap = tensor_slice(a, 0, row, n_rows), bp = tensor_slice(b, 1, col, n_cols);
        tensor cp = tensor_slice(c, 0, row, n_rows);
        cp = tensor_slice(&cp, 1, col, n_cols);
        blis_serial(alpha, &ap, &bp, beta, &cp);
    }
}

static bool is_thin(real alpha, const tensor *a, const tensor *b, real beta, const tensor *c) {
    enum { LEAST_COLUMNS = 64 };
    return c->shape[0] <= THIN_GEMM_ROWS && c->shape[1] >= LEAST_COLUMNS && alpha == 1 &&
           (beta == 0 || beta == 1) && tensor_thin_gemm_takes(a, b, c);
}

static void gemm(real alpha, const tensor *a, const tensor *b, real beta, tensor *c, int threads) {
    if (is_thin(alpha, a, b, beta, c)) {
        tensor_thin_gemm(a, b, beta, c, threads);
        return;
    }
    check_types(a, b, c);
    if (threads == 1)
        blis_serial(alpha, a, b, beta, c);
    else
        blis_parallel(alpha, a, b, beta, c, threads);
}

void tensor_gemm_serial(real alpha, const tensor *a, const tensor *b, real beta, tensor *c) {
    check_shapes(a, b, c);
    CHECK(b->type == TENSOR_REAL, "serial gemm of %s", "bf16");
    gemm(alpha, a, b, beta, c, 1);
}

void tensor_gemm(real alpha, const tensor *a, const tensor *b, real beta, tensor *c) {
    check_shapes(a, b, c);
    if (b->type == TENSOR_BF16 && !is_thin(alpha, a, b, beta, c)) {
        CHECK(alpha == 1, "bf16 gemm with alpha %g", (double)alpha);
        tensor_gemm_bf16(a, b, beta, c);
    } else {
        gemm(alpha, a, b, beta, c, threads_for(a, c));
    }
}

void tensor_multiply(tensor_type in, const tensor *a, const tensor *b, real beta, tensor *c) {
    if (in == TENSOR_BF16)
        tensor_gemm_bf16(a, b, beta, c);
    else
        tensor_gemm(1, a, b, beta, c);
}
