#include "cli/products.h"

#include "base/mem.h"
#include "base/thread.h"
#include "tensor/gemm.h"
#include "tensor/gemm_bf16.h"
#include "tensor/onednn.h"

#include <stdlib.h>
#include <string.h>

const char *product_name(product_kind kind) {
    static const char *const names[N_PRODUCTS] = {
        [PRODUCT_REAL] = sizeof(real) == 8 ? "BLIS float64" : "BLIS float32",
        [PRODUCT_BF16] = "gradus bf16",
        [PRODUCT_ONEDNN] = "oneDNN bf16"};
    return names[kind];
}

static tensor operand(product_kind kind, real *data, int64_t rows, int64_t cols, bool transposed) {
    const int64_t shape[] = {transposed ? cols : rows, transposed ? rows : cols};
    tensor t =
        kind == PRODUCT_BF16 ? tensor_of_bf16((void *)data, 2, shape) : tensor_of(data, 2, shape);
    return transposed ? tensor_transpose(&t) : t;
}

/* After a first run that is not counted. */
static double shortest_run(product_kind kind, const tensor *a, const tensor *b, tensor *c) {
    const double least_seconds = 0.05;
    double best = 0, begin = 0;
    for (int i = 0; i < 2 || thread_clock() - begin < least_seconds; i++) {
        double start = thread_clock();
        if (kind == PRODUCT_REAL)
            tensor_gemm(1, a, b, 0, c);
        else
            tensor_gemm_bf16(a, b, 0, c);
        double seconds = thread_clock() - start;
        if (i == 0) begin = thread_clock();
        if (i == 1 || seconds < best) best = seconds;
    }
    return best;
}

double product_speed(product_kind kind, const product *p) {
    if (kind == PRODUCT_ONEDNN) return tensor_onednn_bf16_speed(p->M, p->K, p->N);
    int64_t n_a = p->M * p->K, n_b = p->K * p->N, n_c = p->M * p->N;
    real *data = mem_new_aligned((size_t)(n_a + n_b + n_c) * sizeof *data);
    /* In each type a small positive number. */
    memset(data, 0x3f, (size_t)(n_a + n_b) * sizeof *data);
    tensor a = operand(kind, data, p->M, p->K, p->a_transposed);
    tensor b = operand(kind, data + n_a, p->K, p->N, p->b_transposed);
    tensor c = tensor_2d(data + n_a + n_b, p->M, p->N);
    double seconds = shortest_run(kind, &a, &b, &c);
    free(data);
    return 2.0 * (double)p->M * (double)p->N * (double)p->K / seconds;
}
