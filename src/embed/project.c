#include "embed/project.h"

#include "base/mem.h"
#include "embed/eigen.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 1 << 17 }; /* numbers, whose centred copies stay in the cache */

static double *mean_of(const real *x, int64_t n, int64_t width) {
    double *mean = mem_new((size_t)width, sizeof *mean);
    for (int64_t r = 0; r < n; r++)
        for (int64_t i = 0; i < width; i++) mean[i] += (double)x[r * width + i];
    for (int64_t i = 0; i < width; i++) mean[i] /= (double)n;
    return mean;
}

/* Adds the products of n centred rows to the upper half of the covariance, n times as large. */
static void add_products(const double *rows, int64_t n, int64_t width, double *covariance) {
    /* In turn, not in pieces: the row of a large i is short. */
#pragma omp parallel for schedule(static, 1)
    for (int64_t i = 0; i < width; i++) {
        double *sums = covariance + i * width;
        for (int64_t r = 0; r < n; r++) {
            const double *row = rows + r * width;
            for (int64_t j = i; j < width; j++) sums[j] += row[i] * row[j];
        }
    }
}

/* The covariance (width, width) of the rows of x, n times as large. */
static double *covariance_of(const real *x, int64_t n, int64_t width, const double *mean) {
    double *covariance = mem_new((size_t)(width * width), sizeof *covariance);
    int64_t chunk = width < CHUNK ? CHUNK / width : 1;
    double *rows = mem_new((size_t)(chunk * width), sizeof *rows);
    for (int64_t start = 0; start < n; start += chunk) {
        int64_t n_rows = start + chunk < n ? chunk : n - start;
        for (int64_t r = 0; r < n_rows; r++)
            for (int64_t i = 0; i < width; i++)
                rows[r * width + i] = (double)x[(start + r) * width + i] - mean[i];
        add_products(rows, n_rows, width, covariance);
    }
    for (int64_t i = 0; i < width; i++)
        for (int64_t j = 0; j < i; j++) covariance[i * width + j] = covariance[j * width + i];
    free(rows);
    return covariance;
}

/* Turns x (width) to the side on which its largest coefficient is positive. */
static void fix_sign(double *x, int64_t width) {
    double largest = 0;
    for (int64_t i = 0; i < width; i++)
        if (fabs(x[i]) > fabs(largest)) largest = x[i];
    for (int64_t i = 0; i < width && largest < 0; i++) x[i] = -x[i];
}

void embed_project_pca(const real *x, int64_t n, int64_t width, double *y, double *variance) {
    double *mean = mean_of(x, n, width), *covariance = covariance_of(x, n, width, mean);
    double *axes = mem_new(2 * (size_t)width, sizeof *axes), values[2], whole = 0;
    embed_top_eigenvectors(covariance, width, values, axes);
    for (int k = 0; k < 2; k++) fix_sign(axes + k * width, width);
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < n; r++)
        for (int k = 0; k < 2; k++) {
            double sum = 0;
            for (int64_t i = 0; i < width; i++)
                sum += ((double)x[r * width + i] - mean[i]) * axes[k * width + i];
            y[2 * r + k] = sum;
        }
    for (int64_t i = 0; i < width; i++) whole += covariance[i * width + i];
    for (int k = 0; k < 2 && variance; k++) variance[k] = whole > 0 ? values[k] / whole : 0;
    free(axes);
    free(covariance);
    free(mean);
}
