#include "base/rng.h"

#include <math.h>

rng_key rng_from_seed(uint64_t seed) {
    return rng_split((rng_key){(uint32_t)seed, (uint32_t)(seed >> 32)}, 0);
}

rng_key rng_split(rng_key key, uint64_t index) {
    /* Child keys come from the far half of the counter space, which number streams never reach. */
    rng_block b = rng_at(key, index ^ 0x8000000000000000u);
    return (rng_key){b.w[0], b.w[1]};
}

uint32_t rng_next(rng_stream *s) {
    uint32_t word = rng_at(s->key, s->n_drawn / 4).w[s->n_drawn % 4];
    s->n_drawn++;
    return word;
}

double rng_next_unit(rng_stream *s) {
    return rng_unit(rng_next(s));
}

uint32_t rng_next_below(rng_stream *s, uint32_t n) {
    uint32_t limit = UINT32_MAX - UINT32_MAX % n;
    uint32_t word;
    do word = rng_next(s);
    while (word >= limit);
    return word % n;
}

void rng_fill_words(rng_key key, uint32_t *out, int64_t n) {
    int64_t whole = n / 4;
#pragma omp simd
    for (int64_t i = 0; i < whole; i++) {
        rng_block b = rng_at(key, (uint64_t)i);
        for (int k = 0; k < 4; k++) out[4 * i + k] = b.w[k];
    }
    for (int64_t i = 4 * whole; i < n; i++) out[i] = rng_at(key, (uint64_t)whole).w[i % 4];
}

void rng_fill_normal(rng_key key, real *x, int64_t n, double std) {
#pragma omp parallel for schedule(static)
    for (int64_t block = 0; block < (n + 3) / 4; block++) {
        rng_block b = rng_at(key, (uint64_t)block);
        for (int pair = 0; pair < 4; pair += 2) {
            double radius = std * sqrt(-2.0 * log1p(-rng_unit(b.w[pair])));
            double angle = 6.283185307179586 * rng_unit(b.w[pair + 1]);
            int64_t i = block * 4 + pair;
            if (i < n) x[i] = (real)(radius * cos(angle));
            if (i + 1 < n) x[i + 1] = (real)(radius * sin(angle));
        }
    }
}

void rng_fill_uniform(rng_key key, real *x, int64_t n, double low, double high) {
#pragma omp parallel for schedule(static)
    for (int64_t block = 0; block < (n + 3) / 4; block++) {
        rng_block b = rng_at(key, (uint64_t)block);
        for (int j = 0; j < 4 && block * 4 + j < n; j++) {
            real value = (real)(low + (high - low) * rng_unit(b.w[j]));
            /* What rounds up to the end that the range does not have goes to its beginning. */
            x[block * 4 + j] = value < (real)high ? value : (real)low;
        }
    }
}

void rng_permutation(rng_key key, uint32_t *order, uint32_t n) {
    rng_stream s = {.key = key};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = rng_next_below(&s, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}
