/* The Rayleigh-Ritz method (Saad, "Numerical Methods for Large Eigenvalue Problems", chapter 6): in
 * the space of x, y, ax, ay, aax, aay, ... the eigenvectors of the small matrix q a q' come close
 * to those of a, the outer ones first. From two vectors rather than one, so that an eigenvalue that
 * occurs twice is found twice. A space that is full starts again from the best two in it. */
#include "embed/eigen.h"

#include "base/mem.h"
#include "base/rng.h"
#include "embed/jacobi.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SIZE = 128, MAX_STARTS = 100 };

typedef struct space {
    const double *a; /* (n, n) */
    int64_t n, size;
    double *q; /* orthonormal basis, (MAX_SIZE, n) */
    double *h; /* q a q', (MAX_SIZE, MAX_SIZE) */
    rng_stream random;
} space;

static double dot(const double *x, const double *y, int64_t n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* y += s x */
static void add_scaled(double *y, double s, const double *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += s * x[i];
}

/* y = a x */
static void multiply(const space *s, const double *x, double *y) {
    const int64_t serial_width = 512; /* below it, waking the other threads costs more */
#pragma omp parallel for schedule(static) if (s->n > serial_width)
    for (int64_t i = 0; i < s->n; i++) y[i] = dot(s->a + i * s->n, x, s->n);
}

/* Takes away from x its part in the space, twice against rounding, and makes a unit of the rest.
 * Returns false where nothing is left. */
static bool orthonormalise(const space *s, double *x) {
    double before = dot(x, x, s->n);
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < s->size; i++) {
            const double *q = s->q + i * s->n;
            add_scaled(x, -dot(q, x, s->n), q, s->n);
        }
    double after = dot(x, x, s->n);
    for (int64_t i = 0; i < s->n; i++) x[i] /= sqrt(after);
    return after > 1e-20 * before;
}

/* Grows the space by x, or by a random direction where it holds x; then x = a times the new one. */
static void grow(space *s, double *x) {
    int64_t n = s->n;
    while (!orthonormalise(s, x))
        for (int64_t i = 0; i < n; i++) x[i] = rng_next_unit(&s->random) - 0.5;
    memcpy(s->q + s->size++ * n, x, (size_t)n * sizeof *x);
    multiply(s, s->q + (s->size - 1) * n, x);
    for (int64_t i = 0; i < s->size; i++)
        s->h[i * MAX_SIZE + s->size - 1] = s->h[(s->size - 1) * MAX_SIZE + i] =
            dot(s->q + i * n, x, n);
}

/* The two best approximations in the space. */
static void approximate(const space *s, double values[2], double *vectors) {
    int64_t size = s->size, n = s->n, first = -1;
    double *h = mem_new((size_t)(size * size), sizeof *h);
    double *v = mem_new((size_t)(size * size), sizeof *v);
    for (int64_t i = 0; i < size; i++)
        memcpy(h + i * size, s->h + i * MAX_SIZE, (size_t)size * sizeof *h);
    embed_jacobi(h, size, v);
    memset(vectors, 0, 2 * (size_t)n * sizeof *vectors);
    values[1] = 0;
    for (int k = 0; k < 2 && k < size; k++) {
        int64_t best = first == 0;
        for (int64_t i = 0; i < size; i++)
            if (i != first && h[i * size + i] > h[best * size + best]) best = i;
        values[k] = h[best * size + best];
        for (int64_t i = 0; i < size; i++)
            add_scaled(vectors + k * n, v[i * size + best], s->q + i * n, n);
        first = best;
    }
    free(h);
    free(v);
}

/* Whether |a x - value x| is small for both; work has room for n numbers. */
static bool is_converged(const space *s, const double values[2], const double *vectors,
                         double *work) {
    for (int k = 0; k < 2; k++) {
        multiply(s, vectors + k * s->n, work);
        add_scaled(work, -values[k], vectors + k * s->n, s->n);
        if (sqrt(dot(work, work, s->n)) > 1e-10 * fabs(values[0])) return false;
    }
    return true;
}

void embed_top_eigenvectors(const double *a, int64_t n, double values[2], double *vectors) {
    enum { CHECK_EVERY = 16 };
    int64_t limit = n < MAX_SIZE ? n : MAX_SIZE;
    space s = {.a = a, .n = n, .random = {rng_from_seed(0), 0}};
    s.q = mem_new((size_t)(limit * n), sizeof *s.q);
    s.h = mem_new(MAX_SIZE * MAX_SIZE, sizeof *s.h);
    double *next = mem_new(2 * (size_t)n, sizeof *next); /* zeros: grow begins at random */
    double *work = mem_new((size_t)n, sizeof *work);
    for (int n_starts = 0; n_starts < MAX_STARTS;) {
        for (int k = 0; k < 2 && s.size < limit; k++) grow(&s, next + k * n);
        if (s.size < limit && s.size % CHECK_EVERY) continue;
        approximate(&s, values, vectors);
        if (s.size == n || is_converged(&s, values, vectors, work)) break;
        if (s.size < limit) continue;
        memcpy(next, vectors, 2 * (size_t)n * sizeof *next);
        s.size = 0;
        n_starts++;
    }
    free(work);
    free(next);
    free(s.h);
    free(s.q);
}
