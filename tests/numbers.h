/* What tests of numbers share: random tensors, comparison element by element, and that a call is
 * reported as a bug. After cmocka.h. */
#ifndef TESTS_NUMBERS_H
#define TESTS_NUMBERS_H

#include "base/mem.h"
#include "base/rng.h"
#include "base/thread.h"
#include "tensor/tensor.h"

#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A shape as the two arguments n_dim, shape. */
#define SHAPE(...)                                                                                 \
    (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]) {                       \
        __VA_ARGS__                                                                                \
    }

/* The distance from 1 to the next number: tolerances are multiples of it in either build. */
#ifdef GRADUS_F64
#define EPSILON DBL_EPSILON
#else
#define EPSILON FLT_EPSILON
#endif

/* A group fixture: on work this small threads would mostly wait for each other. */
static inline int one_thread(void **state) {
    (void)state;
    thread_set_count(1);
    return 0;
}

/* Returns new numbers in U[-1, 1) (free with free). */
static inline real *random_numbers(uint64_t seed, int64_t n) {
    real *x = mem_new_aligned((size_t)n * sizeof *x);
    rng_fill_uniform(rng_from_seed(seed), x, n, -1, 1);
    return x;
}

/* A contiguous tensor over new random numbers (free .data with free). */
static inline tensor random_tensor(uint64_t seed, int n_dim, const int64_t *shape) {
    tensor t = tensor_of(NULL, n_dim, shape);
    t.data = random_numbers(seed, tensor_numel(&t));
    return t;
}

/* Element number i of the view t, counted in row-major order: the slow and certain way. */
static inline real *element(const tensor *t, int64_t i) {
    real *at = t->data;
    for (int d = t->n_dim - 1; d >= 0; d--) {
        at += i % t->shape[d] * t->stride[d];
        i /= t->shape[d];
    }
    return at;
}

/* |a - b| <= tolerance for every element; NaN fails. */
static inline void assert_close(const tensor *a, const tensor *b, double tolerance) {
    assert_true(tensor_same_shape(a, b));
    for (int64_t i = 0; i < tensor_numel(a); i++) {
        double x = *element(a, i), y = *element(b, i);
        if (!(fabs(x - y) <= tolerance))
            fail_msg("element %lld: %.9g and %.9g differ by more than %g", (long long)i, x, y,
                     tolerance);
    }
}

/* The same for two single numbers. */
static inline void assert_near(double x, double y, double tolerance) {
    if (!(fabs(x - y) <= tolerance))
        fail_msg("%.17g and %.17g differ by more than %g", x, y, tolerance);
}

/* The largest |x| of the tensor. */
static inline double largest(const tensor *t) {
    double most = 0;
    for (int64_t i = 0; i < tensor_numel(t); i++) most = fmax(most, fabs((double)*element(t, i)));
    return most;
}

/* Runs f in a child process: it must abort after one line "gradus: bug: ..." with `reason` in it.
 */
static inline void assert_bug(void (*f)(void), const char *reason) {
    char line[512] = "";
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        alarm(20);           /* rather than wait for ever */
        thread_set_count(1); /* a fork has no threads but its own */
        f();
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got = 1; got > 0 && n < sizeof line - 1; n += (size_t)got)
        if ((got = read(ends[0], line + n, sizeof line - 1 - n)) < 0) break;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        fail_msg("no abort; it said: %s", line);
    if (strncmp(line, "gradus: bug: ", 13) != 0 || !strstr(line, reason))
        fail_msg("said: %s\n  expected: %s", line, reason);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

#endif
