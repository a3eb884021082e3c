/* The training loop: from a configuration to a run. */
#ifndef TRAIN_LOOP_H
#define TRAIN_LOOP_H

#include "autograd/profile.h"
#include "base/err.h"
#include "train/config.h"

#include <signal.h>
#include <stdbool.h>

/* What is known before the first step. */
typedef struct train_begin_info {
    const char *folder;
    train_objective objective;
    int64_t n_params, vocab_size, train_tokens, val_tokens;
    int64_t train_targets;         /* tokens that the loss counts; fewer in conversations */
    int64_t first_step, max_iters; /* first_step > 0 when a run goes on */
    int64_t tokens_per_step;
    const char *precision;    /* the one chosen, and why; good while it runs */
    tensor_type activations;  /* as it stores them */
    const char *gemm_kernels; /* of the machine's matrix product in it, */
    double gemm_speed;        /* and its FLOP/s */
    double flops_per_step;    /* of the model: nn_gpt_flops_per_token */
    const char *embedding;    /* what keeps it from learning, or NULL */
    /* Of word vectors only; records are those of GloVe. */
    int64_t vector_size, epochs, records;
    bool deterministic;
} train_begin_info;

typedef struct train_step_info {
    int64_t step; /* done, this one included */
    double loss, smoothed_loss, lr, grad_norm, seconds, tokens_per_s;
    double gemm_share; /* model FLOP/s over the machine's matrix speed */
    bool logged;       /* a multiple of log_interval */
} train_step_info;

typedef struct train_eval_info {
    int64_t step;
    double train_loss, val_loss, best_val_loss;
    bool is_best;
    const char *watched; /* a line about what is watched, or NULL; borrowed */
} train_eval_info;

/* The end of an epoch of word vectors. */
typedef struct train_epoch_info {
    int64_t epoch, epochs;
    double loss;         /* mean over the epoch */
    const char *watched; /* as above */
} train_epoch_info;

/* Told what happens; all functions are set. */
typedef struct train_observer {
    void *context;
    /* Before it: long work, with the share of it that is done from 0 to 1, or NAN where nobody
     * knows. */
    void (*preparing)(void *context, const char *what, double done);
    void (*began)(void *context, const train_begin_info *info);
    void (*stepped)(void *context, const train_step_info *info);
    void (*evaluated)(void *context, const train_eval_info *info);
    void (*epoch_done)(void *context, const train_epoch_info *info);
    void (*warned)(void *context, const char *message);
    ag_profile *profile; /* of a GPT's run, filled where it is not NULL */
} train_observer;

/* Ignores everything: to be copied, and the functions set that are of interest. */
extern const train_observer train_silent;

typedef enum train_start { TRAIN_NEW, TRAIN_RESUME, TRAIN_OVERWRITE } train_start;

/* Trains in `folder` as c says. TRAIN_NEW refuses a folder that has a checkpoint already;
 * TRAIN_RESUME goes on from it, bit for bit as if it had never stopped. When *stop becomes nonzero
 * the step is finished, a checkpoint saved, and the error is ERR_INTERRUPTED. A loss that is not
 * finite is ERR_DIVERGED and leaves the last good checkpoint in place. */
bool train_loop(const config *c, const char *folder, train_start start,
                const train_observer *observer, const volatile sig_atomic_t *stop, err *e);

#endif
