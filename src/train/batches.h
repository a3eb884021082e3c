/* Batches of tokens. Training: each epoch cuts the text at a fresh random shift into blocks and
 * takes them in a fresh random order, so every token is seen about once; which blocks belong to
 * batch number i is a pure function of (seed, i), so training resumes at any step. Evaluation: the
 * same evenly spaced blocks every time. */
#ifndef TRAIN_BATCHES_H
#define TRAIN_BATCHES_H

#include "base/rng.h"
#include "train/resample.h"
#include "train/token_set.h"

typedef struct train_batches {
    const train_set *set; /* borrowed */
    int64_t batch_size, block_size;
    int64_t n_blocks; /* of one epoch, of whatever tokens it is made */
    rng_key key;
    const train_resample *resample; /* NULL: every epoch has the tokens of `set` */
    tok_ids ids, mask;              /* else those of this epoch, a ring */
    int64_t epoch;                  /* that shift and order belong to; -1 at first */
    int64_t shift;
    uint32_t *order; /* n_blocks */
} train_batches;

/* The text must have at least block_size + 1 tokens; `name` stands in the message. With resample,
 * borrowed, each epoch has tokens of its own. Release with train_batches_free. */
bool train_batches_init(train_batches *b, const train_set *set, int64_t batch_size,
                        int64_t block_size, rng_key key, const train_resample *resample,
                        const char *name, err *e);
void train_batches_free(train_batches *b);

/* Training batch number `index`: ids and targets (batch_size, block_size), targets one token on, -1
 * (ignored) for those that do not count. */
void train_batches_get(train_batches *b, int64_t index, int32_t *ids, int32_t *targets);

/* Lets the system fetch batch number `index` from the token file while the caller trains on the one
 * that it has; changes no batch. A batch of another epoch than that of the last train_batches_get
 * is not fetched, its order being unknown. */
void train_batches_read_ahead(const train_batches *b, int64_t index);

/* Blocks of the text side by side from its beginning, the last one shorter than the others perhaps:
 * together every token but the first is a target once. */
int64_t train_blocks_count(const train_set *set, int64_t block_size);
/* Reads block number `block` of those; returns how many of its targets count, the others being -1
 * (ignored). Positions behind the end of the text get id 0. */
int64_t train_blocks_get(const train_set *set, int64_t block_size, int64_t block, int32_t *ids,
                         int32_t *targets);

#endif
