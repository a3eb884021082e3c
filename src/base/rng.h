/* Counter-based random numbers: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
 * easy as 1, 2, 3"). A number is a pure function of (key, counter), so it is the same at any thread
 * count and after any resume, and a key splits into as many independent streams as there are
 * names. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include "base/real.h"

#include <stdint.h>

typedef struct rng_key {
    uint32_t k0, k1;
} rng_key;

/* Four random words. */
typedef struct rng_block {
    uint32_t w[4];
} rng_block;

/* A key and how many words were drawn from it: for code that draws one number after another. */
typedef struct rng_stream {
    rng_key key;
    uint64_t n_drawn;
} rng_stream;

/* Block number `counter` of the key: words 4*counter .. 4*counter+3. */
static inline rng_block rng_at(rng_key key, uint64_t counter) {
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32), c2 = 0, c3 = 0;
    uint32_t k0 = key.k0, k1 = key.k1;
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return (rng_block){{c0, c1, c2, c3}};
}

rng_key rng_from_seed(uint64_t seed);

/* An independent key: the child number `index` of `key`. */
rng_key rng_split(rng_key key, uint64_t index);

/* A word as a number in [0, 1) with 24 random bits. */
static inline double rng_unit(uint32_t word) {
    return (word >> 8) * 0x1p-24;
}

uint32_t rng_next(rng_stream *s);
double rng_next_unit(rng_stream *s);
/* A whole number in [0, n), n > 0, without bias. */
uint32_t rng_next_below(rng_stream *s, uint32_t n);

/* Fills out[0..n) with the words of the key from the first on, on the calling thread. */
void rng_fill_words(rng_key key, uint32_t *out, int64_t n);

/* Fills x[0..n) with numbers from N(0, std^2) (Box and Muller 1958). All threads. */
void rng_fill_normal(rng_key key, real *x, int64_t n, double std);
/* Fills x[0..n) with numbers from U[low, high). All threads. */
void rng_fill_uniform(rng_key key, real *x, int64_t n, double low, double high);

/* Puts 0 .. n-1 into order[0..n) in random order (Fisher and Yates). */
void rng_permutation(rng_key key, uint32_t *order, uint32_t n);

#endif
