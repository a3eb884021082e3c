/* What a training run of a GPT takes of memory, from its shapes alone: nothing is allocated. */
#ifndef TRAIN_MEMORY_H
#define TRAIN_MEMORY_H

#include "nn/gpt.h"
#include "train/optim.h"

/* Bytes that are resident at the peak. */
typedef struct train_memory {
    size_t parameters, gradients, optimizer;
    size_t
        activations;   /* values kept for backward, and the gradients that backward holds at once */
    size_t scratch;    /* what ops need while they run */
    size_t workspaces; /* of matrix products */
    size_t program;    /* the program with its libraries, and the batch */
    size_t watch;      /* of a run that is watched: train_memory_of_watch; else 0 */
} train_memory;

/* Of steps of AdamW or another optimizer over micro-batches (B, T). numel: numbers in the model. */
train_memory train_memory_predict(const nn_gpt_config *model, int64_t numel,
                                  const optim_settings *settings, tensor_type activations,
                                  int64_t B, int64_t T);
/* Copies of the parameters before an update, of the embedding at the start, and of its directions.
 */
size_t train_memory_of_watch(const nn_gpt_config *model, int64_t numel);
size_t train_memory_total(const train_memory *m);

#endif
