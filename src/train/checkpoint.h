/* Checkpoints: a safetensors file with the parameters under GPT-2's names, the optimizer's arrays,
 * those that it has, as "optimizer.exp_avg.NAME" and "optimizer.exp_avg_sq.NAME", and the rest of
 * the state of a run as metadata. What is loaded must fit the model exactly. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "base/err.h"
#include "nn/param.h"
#include "train/optim.h"

/* Everything about a run but the numbers of its model. */
typedef struct train_state {
    int64_t step;                        /* updates done; data order and dropout follow from it */
    int64_t last_eval_step;              /* -1 before the first evaluation */
    double last_val_loss, best_val_loss; /* INFINITY before the first evaluation */
    int64_t best_step, bad_evals;        /* evaluations since the best */
    double loss_sum;                     /* of the steps since the last log row */
    int64_t loss_count;
    uint64_t tokenizer, data; /* fingerprints */
} train_state;

/* Writes parameters, state and, unless o is NULL, the optimizer. All or nothing. */
bool train_checkpoint_save(const char *path, const nn_params *params, const optim *o,
                           const train_state *s, err *e);

/* Loads into a model of the same architecture; into the optimizer too unless o is NULL. On failure
 * nothing has changed. */
bool train_checkpoint_load(const char *path, nn_params *params, optim *o, train_state *s, err *e);

#endif
