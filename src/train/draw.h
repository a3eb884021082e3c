/* The next token, drawn from the logits of a model. */
#ifndef TRAIN_DRAW_H
#define TRAIN_DRAW_H

#include "base/real.h"
#include "base/rng.h"

#include <stdint.h>

typedef struct train_sampling {
    double temperature; /* 0: the likeliest token, the first of equals */
    int64_t top_k;      /* 0: all */
    double top_p;       /* 1: all */
} train_sampling;

typedef struct train_drawer train_drawer;

/* Returns new (free with train_drawer_free), for a vocabulary of V tokens. */
train_drawer *train_drawer_new(int64_t V);
void train_drawer_free(train_drawer *d);

/* Draws from softmax(logits / temperature) over the top_k likeliest tokens, of those only the first
 * that together hold the probability top_p. Tokens stand in the order of falling logits, equals in
 * that of rising ids; the draw is a point in [0, 1) on the sum of their probabilities. */
int32_t train_draw(train_drawer *d, const real *logits, const train_sampling *s,
                   rng_stream *random);

#endif
