#include "autograd/logistic.h"

#include "tensor/vector.h"
#include "tensor/vmath.h"

/* A product of so many factors between 1 and 2 is finite in float: one logarithm for all. */
enum { FACTORS = 96, LANES = VECTOR_LANES };

/* log of the product of all factors, and the sum of all terms; n is a multiple of LANES. */
static double join(real *factors, real *terms, int64_t n) {
    vector sum = {0}, product = sum + 1;
    for (int64_t i = 0; i < n; i += LANES) {
        product *= vector_load(factors + i);
        sum += vector_load(terms + i);
    }
    vector_store(factors, product);
    vector_store(terms, sum);
    for (int h = LANES / 2; h > 0; h /= 2)
#pragma omp simd
        for (int i = 0; i < h; i++) {
            factors[i] *= factors[i + h];
            terms[i] += terms[i + h];
        }
    return (double)terms[0] + log((double)factors[0]);
}

/* z becomes scale * sigma(z); the sum of log(1 + e^z). n is a multiple of LANES. */
static double sigmoids(real *restrict z, int64_t n, real scale) {
    real factors[FACTORS], terms[FACTORS];
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        real x = z[i], e = vm_exp(x > 0 ? -x : x), inverse = scale / (1 + e);
        terms[i] = x > 0 ? x : 0;
        factors[i] = 1 + e;
        z[i] = x > 0 ? inverse : e * inverse;
    }
    return join(factors, terms, n);
}

double logistic_slopes(real *z, int64_t n_x, int64_t n_y, const uint8_t *right, real scale) {
    /* What fills the last lanes adds nothing: log(1 + e^-80) is 0. */
    int64_t n = n_x * n_y, padded = (n + LANES - 1) / LANES * LANES;
    double loss = 0;
    for (int64_t i = n; i < padded; i++) z[i] = -80;
    for (int64_t k = 0; k < n_y; k++)
        for (int64_t i = 0; right[k] && i < n_x; i++) loss -= (double)z[i * n_y + k];
    for (int64_t i = 0; i < padded; i += FACTORS)
        loss += sigmoids(z + i, padded - i < FACTORS ? padded - i : FACTORS, scale);
    for (int64_t k = 0; k < n_y; k++)
        for (int64_t i = 0; right[k] && i < n_x; i++) z[i * n_y + k] -= scale;
    return loss;
}
