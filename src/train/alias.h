/* Draws from a discrete distribution in constant time (Walker 1977, by Vose's construction). */
#ifndef TRAIN_ALIAS_H
#define TRAIN_ALIAS_H

#include <stdint.h>

typedef struct alias_table {
    int64_t n;
    uint32_t *threshold; /* of place i, in 1 / 2^32: below it i itself, else other[i] */
    int32_t *other;
} alias_table;

/* Makes a table of n >= 1 weights, none negative, not all zero. Release with alias_free. */
alias_table alias_new(const double *weights, int64_t n);
void alias_free(alias_table *t);

/* The draw that belongs to a random word. */
static inline int32_t alias_draw(const alias_table *t, uint32_t random) {
    uint64_t place = (uint64_t)random * (uint64_t)t->n;
    int32_t i = (int32_t)(place >> 32);
    return (uint32_t)place < t->threshold[i] ? i : t->other[i];
}

#endif
