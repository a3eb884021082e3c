/* A model small enough to be run hundreds of times in a test, with weights large enough that its
 * logits differ clearly. */
#ifndef TESTS_TRAIN_TINY_MODEL_H
#define TESTS_TRAIN_TINY_MODEL_H

#include "nn/gpt.h"

static const nn_gpt_config tiny = {.vocab_size = 11,
                                   .block_size = 8,
                                   .n_layer = 2,
                                   .n_head = 2,
                                   .n_embd = 16,
                                   .bias = true,
                                   .tie_weights = true};

/* Returns new (free with nn_gpt_free). */
static nn_gpt *tiny_model(const nn_gpt_config *c, bool with_grad, uint64_t seed) {
    nn_gpt *m = nn_gpt_new(c, with_grad);
    nn_params_init(&m->params, rng_from_seed(seed));
    for (int64_t i = 0; i < m->params.numel; i++) m->params.value[i] *= 10;
    return m;
}

#endif
