#include "embed/jacobi.h"

#include <math.h>

/* (x, y) = (c x - s y, s x + c y) for n numbers each, which stand `stride` apart. */
static void rotate(double *x, double *y, double c, double s, int64_t n, int64_t stride) {
    for (int64_t i = 0; i < n * stride; i += stride) {
        double old = x[i];
        x[i] = c * old - s * y[i];
        y[i] = s * old + c * y[i];
    }
}

/* The rotation that makes a[p][q] zero. */
static void annihilate(double *a, int64_t n, double *v, int64_t p, int64_t q) {
    double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    double t = copysign(1, theta) / (fabs(theta) + hypot(theta, 1));
    double c = 1 / hypot(t, 1), s = t * c;
    rotate(a + p, a + q, c, s, n, n);
    rotate(a + p * n, a + q * n, c, s, n, 1);
    rotate(v + p, v + q, c, s, n, n);
}

void embed_jacobi(double *a, int64_t n, double *v) {
    enum { MAX_SWEEPS = 30 }; /* about 8 are enough for numbers that are finite */
    double largest = 0;
    for (int64_t i = 0; i < n * n; i++) {
        v[i] = i % (n + 1) == 0;
        largest = fmax(largest, fabs(a[i]));
    }
    int64_t n_rotations = 1;
    for (int sweep = 0; sweep < MAX_SWEEPS && n_rotations > 0; sweep++) {
        n_rotations = 0;
        for (int64_t p = 0; p < n; p++)
            for (int64_t q = p + 1; q < n; q++) {
                if (!(fabs(a[p * n + q]) > 1e-17 * largest)) continue;
                annihilate(a, n, v, p, q);
                n_rotations++;
            }
    }
}
