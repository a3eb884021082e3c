#include "tensor/gemm_bf16.h"

#include "base/check.h"
#include "base/thread.h"
#include "tensor/bf16_kernel.h"
#include "tensor/bf16_part.h"
#include "tensor/grid.h"

#include <omp.h>

static void run_parts(const bf16_part *all, grid g) {
    CHECK(!omp_in_parallel(), "bf16 gemm in a %s", "parallel region");
    bf16_part_workspaces(g.rows * g.cols);
#pragma omp parallel for schedule(static, 1) if (g.rows * g.cols > 1)
    for (int index = 0; index < g.rows * g.cols; index++) {
        int i = index / g.cols, j = index % g.cols;
        bf16_part p = *all;
        p.row = grid_cut(all->rows, g.rows, i);
        p.rows = grid_cut(all->rows, g.rows, i + 1) - p.row;
        p.col = grid_cut(all->cols, g.cols, j);
        p.cols = grid_cut(all->cols, g.cols, j + 1) - p.col;
        if (p.rows > 0 && p.cols > 0) bf16_part_run(&p, index);
    }
}

/* All of A B as one part. */
static bf16_part whole(const tensor *a, const tensor *b, gemm_bf16_finish *finish,
                       const void *context) {
    CHECK(a->n_dim == 2 && b->n_dim == 2 && a->shape[1] == b->shape[0],
          "bf16 gemm of (%lld, %lld) and (%lld, %lld)", (long long)a->shape[0],
          (long long)a->shape[1], (long long)b->shape[0], (long long)b->shape[1]);
    return (bf16_part){a, b, 0, a->shape[0], 0, b->shape[1], finish, context, NULL};
}

/* Threads that the product is worth waking. */
static int threads_for(const tensor *a, const tensor *b) {
    const int64_t serial_multiplications = 1 << 18;
    bool is_small = a->shape[0] * a->shape[1] * b->shape[1] < serial_multiplications;
    return is_small ? 1 : thread_count();
}

void tensor_gemm_bf16_to(const tensor *a, const tensor *b, gemm_bf16_finish *finish,
                         const void *context) {
    const bf16_part all = whole(a, b, finish, context);
    run_parts(&all, grid_for(threads_for(a, b), all.rows, all.cols));
}

void tensor_gemm_bf16_rows_to(const tensor *a, const tensor *b, gemm_bf16_finish *finish,
                              const void *context) {
    const bf16_part all = whole(a, b, finish, context);
    run_parts(&all, (grid){threads_for(a, b), 1});
}

/* C = A B + beta C. */
typedef struct update {
    const tensor *c;
    real beta;
} update;

static void store(const void *context, int64_t row, int64_t col, int64_t n, real *sums) {
    const update *u = context;
    tensor_update_row(tensor_at(u->c, row * u->c->stride[0] + col), u->c->type, n, sums, u->beta);
}

void tensor_gemm_bf16_summing(const tensor *a, const tensor *b, real beta, tensor *c,
                              real *column_sums) {
    CHECK(c->n_dim == 2 && c->shape[0] == a->shape[0] && c->shape[1] == b->shape[1] &&
              (c->stride[0] == 1 || c->stride[1] == 1),
          "bf16 gemm into (%lld, %lld)", (long long)c->shape[0], (long long)c->shape[1]);
    CHECK(c->stride[1] == 1 || !column_sums, "bf16 gemm with sums into a transposed %s", "matrix");
    if (c->stride[1] != 1) {
        tensor at = tensor_transpose(a), bt = tensor_transpose(b), ct = tensor_transpose(c);
        tensor_gemm_bf16(&bt, &at, beta, &ct);
        return;
    }
    const update u = {c, beta};
    bf16_part all = whole(a, b, store, &u);
    all.column_sums = column_sums;
    run_parts(&all, grid_for(threads_for(a, b), all.rows, all.cols));
}

void tensor_gemm_bf16(const tensor *a, const tensor *b, real beta, tensor *c) {
    tensor_gemm_bf16_summing(a, b, beta, c, NULL);
}

bool tensor_gemm_bf16_is_fast(const char **why_not) {
    *why_not = NULL;
    if (sizeof(real) != sizeof(float))
        *why_not = "this is a build in double";
    else if (bf16_kernel_best() == bf16_kernel_named("plain"))
        *why_not = "the processor has neither AMX nor AVX512-BF16";
    return !*why_not;
}

const char *tensor_gemm_bf16_kernel(void) {
    return bf16_kernel_best()->name;
}
