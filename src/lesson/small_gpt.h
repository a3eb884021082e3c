/* A small GPT trained in memory, in seconds. */
#ifndef LESSON_SMALL_GPT_H
#define LESSON_SMALL_GPT_H

#include "lesson/progress.h"
#include "nn/gpt.h"
#include "train/token_set.h"

typedef struct small_gpt_plan {
    nn_gpt_config model;
    int64_t steps, batch_size;
    double learning_rate; /* highest: AdamW, a tenth of the steps of warmup, cosine to a tenth */
    uint64_t seed;
    double *losses;    /* steps: before each step; may be NULL */
    lesson_work *work; /* counts each step; may be NULL */
} small_gpt_plan;

/* Trains on the tokens of the set, at least model.block_size + 1 of them. Returns new (free with
 * nn_gpt_free). The same plan gives the same bits at any number of threads. */
nn_gpt *small_gpt_train(const small_gpt_plan *plan, const train_set *set);

/* The mean loss over the whole set. */
double small_gpt_loss(const nn_gpt *model, const train_set *set);

#endif
