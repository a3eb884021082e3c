/* Loss of a model over text: deterministic, in blocks side by side. */
#ifndef TRAIN_EVALUATE_H
#define TRAIN_EVALUATE_H

#include "nn/gpt.h"
#include "train/token_set.h"

typedef struct train_evaluation {
    double loss;           /* mean over all targets, nats per token */
    double standard_error; /* of that mean, from the spread of the blocks' means */
    int64_t n_tokens;      /* targets that count */
} train_evaluation;

/* Over at most max_blocks blocks, evenly spaced through the text (the same every time); 0 = all,
 * and all where none of those has a target. batch_size blocks run at once. t is in mode AG_NO_GRAD
 * and is reset. */
train_evaluation train_evaluate(const nn_gpt *model, ag_tape *t, const train_set *set,
                                int64_t batch_size, int64_t max_blocks);

#endif
