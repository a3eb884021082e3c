/* Text from a model, token by token. */
#ifndef TRAIN_GENERATE_H
#define TRAIN_GENERATE_H

#include "base/rng.h"
#include "nn/gpt.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct train_sampling {
    double temperature; /* 0: the likeliest token, the first of equals */
    int64_t top_k;      /* 0: all */
    double top_p;       /* 1: all */
} train_sampling;

/* Told of each new token; returns false to stop. */
typedef bool train_on_token(void *context, int32_t id);

typedef struct train_generator train_generator;

/* Returns new (free with train_generator_free). Borrows the model. Without a cache every token runs
 * the whole window again: slower, the same tokens. */
train_generator *train_generator_new(const nn_gpt *model, bool use_cache);
void train_generator_free(train_generator *g);

/* Continues prompt[0..n_prompt), n_prompt > 0, by n_new tokens drawn with `key`. The model sees at
 * most block_size tokens: when its window is full, the older half is dropped. Returns how many
 * tokens were made. */
int64_t train_generate(train_generator *g, const int32_t *prompt, int64_t n_prompt, int64_t n_new,
                       const train_sampling *sampling, rng_key key, train_on_token *on_token,
                       void *context);

#endif
