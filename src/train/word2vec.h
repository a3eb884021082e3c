/* Training word2vec: the text in jobs of WORD2VEC_JOB tokens, each epoch in another order.
 *
 * Learning rate and random numbers of a job follow from its place alone. A step is a few jobs.
 * deterministic: WORD2VEC_LANES jobs go side by side, a mini-batch of each at a time; each descends
 * on private copies of the rows that it needs, which are then merged in order (nn_overlay_merge),
 * so that the bits do not depend on the number of threads. Else threads take jobs as they come and
 * write into the one model without locks (Hogwild). */
#ifndef TRAIN_WORD2VEC_H
#define TRAIN_WORD2VEC_H

#include "nn/overlay.h"
#include "train/config.h"
#include "train/huffman.h"
#include "train/sampler.h"
#include "train/tokens.h"

enum {
    WORD2VEC_JOB = 8000, /* tokens of a job */
    WORD2VEC_LANES = 4,  /* mini-batches that do not see each other: so many threads have work */
    WORD2VEC_STEP = 64   /* jobs of a step, fewer at the end of an epoch */
};

/* What a thread works with. */
typedef struct word2vec_lane {
    sampler_job job;
    nn_overlay wte, syn1neg, syn1; /* deterministic */
    real *scratch;                 /* of n-grams */
    int64_t scratch_numbers;
    int32_t *tokens; /* WORD2VEC_JOB */
    double loss;
    int64_t n_told; /* how often a right word was to be told from wrong ones */
} word2vec_lane;

typedef struct word2vec {
    const config *c; /* borrowed, as are the next two */
    const words *vocabulary;
    const train_tokens *tokens;
    nn_word2vec *model;
    sampler sampler;
    huffman tree; /* hs */
    bool *frozen; /* rows that stay, or NULL */
    rng_key key;
    uint32_t *order;     /* of the jobs in the epoch ... */
    int64_t order_epoch; /* ... of this number; -1 = none yet */
    word2vec_lane *lanes;
    int64_t n_lanes;
} word2vec;

/* The model part of a configuration, for a vocabulary of that size. */
nn_word2vec_config word2vec_model_config(const config *c, int64_t vocab_size);

/* Sets everything up but the numbers of the model (nn_word2vec_init, or a checkpoint). Release with
 * word2vec_free in any case. */
bool word2vec_make(word2vec *w, const config *c, const words *vocabulary,
                   const train_tokens *tokens, rng_key key, err *e);
void word2vec_free(word2vec *w);

/* Steps of one epoch, and of the whole run. */
int64_t word2vec_epoch_steps(const word2vec *w);
int64_t word2vec_steps(const word2vec *w);
/* The learning rate at the beginning of a step. */
double word2vec_alpha(const word2vec *w, int64_t step);

/* Does step number `step`. *loss gets the sum of the losses before their updates, *n_told of how
 * many: a right word is told from wrong ones by each of its neighbours (skip-gram), or by their
 * mean (CBOW). Returns the tokens read. */
int64_t word2vec_step(word2vec *w, int64_t step, double *loss, int64_t *n_told);

#endif
