#include "base/mem.h"
#include "base/thread.h"
#include "tensor/gemm.h"
#include "tensor/gemm_bf16.h"

#include <stdlib.h>

enum { N = 768 };

/* A measurement and the number of threads that it was made with. */
typedef struct speed {
    double flops;
    int threads;
} speed;

static double measure(tensor_type type) {
    const double least_seconds = 0.1;
    const int64_t shape[] = {N, N};
    real *data = mem_new_aligned(3 * N * N * sizeof(real));
    tensor a = tensor_of(data, 2, shape), b = tensor_of(data + N * N, 2, shape);
    tensor c = tensor_of(data + 2 * N * N, 2, shape);
    a.type = b.type = c.type = type;
    double best = 0, begin = thread_clock();
    while (best == 0 || thread_clock() - begin < least_seconds) {
        double start = thread_clock();
        tensor_multiply(type, &a, &b, 0, &c);
        double rate = 2.0 * N * N * N / (thread_clock() - start);
        if (rate > best) best = rate;
    }
    free(data);
    return best;
}

static double remembered(speed *s, tensor_type type) {
    if (s->threads != thread_count()) *s = (speed){measure(type), thread_count()};
    return s->flops;
}

double tensor_gemm_speed(void) {
    static speed s;
    return remembered(&s, TENSOR_REAL);
}

double tensor_gemm_bf16_speed(void) {
    static speed s;
    return remembered(&s, TENSOR_BF16);
}
