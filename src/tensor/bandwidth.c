#include "tensor/bandwidth.h"

#include "base/mem.h"
#include "base/thread.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A processor reads fastest in a few places at once and told what comes next. */
enum { LINE = 8, STREAMS = 4, AHEAD = 32 * LINE };

static uint64_t sum_of(const uint64_t *x, int64_t n) {
    uint64_t sum[LINE] = {0}, total = 0;
    int64_t length = n / STREAMS;
    for (int64_t i = 0; i + LINE <= length; i += LINE)
        for (int s = 0; s < STREAMS; s++) {
            const uint64_t *line = x + s * length + i;
            __builtin_prefetch(line + AHEAD);
            for (int j = 0; j < LINE; j++) sum[j] += line[j];
        }
    for (int j = 0; j < LINE; j++) total += sum[j];
    return total;
}

static uint64_t read_all(const uint64_t *x, int64_t n, int parts) {
    uint64_t sum = 0;
#pragma omp parallel for schedule(static, 1) reduction(+ : sum)
    for (int part = 0; part < parts; part++) {
        int64_t begin = n * part / parts, end = n * (part + 1) / parts;
        sum += sum_of(x + begin, end - begin);
    }
    return sum;
}

static void read_buffer(uint64_t *x, int64_t n) {
    volatile uint64_t sum = read_all(x, n, thread_count());
    (void)sum;
}

static void copy_buffer(uint64_t *x, int64_t n) {
    int64_t half = n / 2;
    int parts = thread_count();
#pragma omp parallel for schedule(static, 1)
    for (int part = 0; part < parts; part++) {
        int64_t begin = half * part / parts, end = half * (part + 1) / parts;
        memcpy(x + half + begin, x + begin, (size_t)(end - begin) * sizeof *x);
    }
}

/* Each thread writes its part, so that the system gives it memory, near to it. */
static void touch_buffer(uint64_t *x, int64_t n) {
    int parts = thread_count();
#pragma omp parallel for schedule(static, 1)
    for (int part = 0; part < parts; part++) {
        int64_t begin = n * part / parts, end = n * (part + 1) / parts;
        memset(x + begin, 0, (size_t)(end - begin) * sizeof *x);
    }
}

/* A measured speed and the number of threads it holds for. */
typedef struct measured {
    double speed;
    int threads;
} measured;

static double bandwidth(void (*pass)(uint64_t *x, int64_t n), measured *m) {
    if (m->threads == thread_count()) return m->speed;
    enum { N = 1 << 26 };
    const double least_seconds = 0.2;
    uint64_t *data = mem_new_untouched(N * sizeof *data);
    touch_buffer(data, N);
    double best = 0, begin = thread_clock();
    while (best == 0 || thread_clock() - begin < least_seconds) {
        double start = thread_clock();
        pass(data, N);
        double rate = N * sizeof *data / (thread_clock() - start);
        if (rate > best) best = rate;
    }
    free(data);
    *m = (measured){best, thread_count()};
    return best;
}

double tensor_read_bandwidth(void) {
    static measured read;
    return bandwidth(read_buffer, &read);
}

double tensor_copy_bandwidth(void) {
    static measured copy;
    return bandwidth(copy_buffer, &copy);
}
