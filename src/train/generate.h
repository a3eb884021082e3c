/* Text from a model, token by token. */
#ifndef TRAIN_GENERATE_H
#define TRAIN_GENERATE_H

#include "nn/gpt.h"
#include "train/draw.h"

#include <stdbool.h>
#include <stdint.h>

enum { TRAIN_MOST_SAMPLES = 16 }; /* at a time */

/* Told of each new token of a sample; returns false to end that sample. Samples are told in any
 * order. */
typedef bool train_on_token(void *context, int64_t sample, int32_t id);

typedef struct train_generator train_generator;

/* Returns new (free with train_generator_free), for n_most samples at a time, up to
 * TRAIN_MOST_SAMPLES. Borrows the model. Without a cache every token runs the whole window again:
 * slower, the same tokens. */
train_generator *train_generator_new(const nn_gpt *model, int64_t n_most, bool use_cache);
void train_generator_free(train_generator *g);

/* Continues prompt[0..n_prompt), n_prompt > 0, n_samples times by n_new tokens each, those of
 * sample i drawn with keys[i]: the same tokens as if it were drawn alone. The model sees at most
 * block_size tokens: when its window is full, the older half is dropped. Returns how many tokens
 * were made. */
int64_t train_generate(train_generator *g, const int32_t *prompt, int64_t n_prompt, int64_t n_new,
                       const train_sampling *sampling, const rng_key *keys, int64_t n_samples,
                       train_on_token *on_token, void *context);

#endif
