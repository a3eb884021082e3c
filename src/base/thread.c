#include "base/thread.h"

#include <omp.h>
#include <time.h>

int thread_set_count(int n) {
    omp_set_num_threads(n > 0 ? n : omp_get_num_procs());
    return thread_count();
}

int thread_count(void) {
    return omp_get_max_threads();
}

double thread_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
