/* Whole training runs that take a fraction of a second, in the folder of tree.h. */
#ifndef TESTS_TRAIN_TINY_RUN_H
#define TESTS_TRAIN_TINY_RUN_H

#include "base/thread.h"
#include "train/kingdom.h"
#include "train/loop.h"
#include "tree.h"

#include <math.h>
#include <string.h>

/* Dropout, accumulation and clipping are on: what a resumed run must do again exactly. Logging,
 * evaluation and stops fall on different steps. */
static config tiny_config(void) {
    config c;
    cfg_defaults(&c);
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("text.txt"));
    c.n_layer = c.n_head = 2;
    c.n_embd = c.block_size = 16;
    c.dropout = 0.1;
    c.batch_size = 4;
    c.gradient_accumulation_steps = 2;
    c.max_iters = 30;
    c.learning_rate = 1e-2;
    c.min_lr = 1e-3;
    c.warmup_iters = 4;
    c.eval_interval = 10;
    c.eval_iters = 2;
    c.log_interval = 3;
    c.precision = TRAIN_FP32; /* on every machine */
    return c;
}

/* Writes the text; one thread is fastest for so little work; and without gnuplot on the PATH no
 * time goes into pictures. */
static int tiny_set_up(void **state) {
    if (folder_make(state) != 0) return -1;
    FILE *text = fopen(folder_path("text.txt"), "w");
    if (!text) return -1;
    train_kingdom_write(text, 300, 1);
    fclose(text);
    thread_set_count(1);
    return setenv("PATH", folder, 1);
}

/* What an observer saw, and what it shall do. */
typedef struct witness {
    int64_t stop_at;                                     /* asks for the end at this step */
    void (*at_step)(int64_t step, const config *config); /* called at each step, or NULL */
    const config *config;
    volatile sig_atomic_t stop;
    int64_t first_step, last_step, n_evaluations, n_warnings;
    int64_t n_preparations; /* stages of the tokenizer's training that came to their end */
    int64_t train_tokens, train_targets, vocab_size;
    double losses[64]; /* of each step, where there is room */
    double last_val_loss;
    int64_t n_epochs; /* of word vectors */
    double epoch_losses[64];
    bool saw_nonfinite; /* among what it was told */
    char warning[256];
} witness;

static void witness_preparation(void *context, const char *what, double done) {
    witness *w = context;
    w->n_preparations += strncmp(what, "tokenizer: ", 11) == 0 && done == 1;
}

static void witness_begin(void *context, const train_begin_info *info) {
    witness *w = context;
    w->first_step = info->first_step;
    w->train_tokens = info->train_tokens;
    w->train_targets = info->train_targets;
    w->vocab_size = info->vocab_size;
}

static void witness_step(void *context, const train_step_info *info) {
    witness *w = context;
    w->last_step = info->step;
    if (info->step < 64) w->losses[info->step] = info->loss;
    if (!isfinite(info->loss) || !isfinite(info->grad_norm)) w->saw_nonfinite = true;
    if (info->step == w->stop_at) w->stop = 1;
    if (w->at_step) w->at_step(info->step, w->config);
}

static void witness_evaluation(void *context, const train_eval_info *info) {
    witness *w = context;
    w->n_evaluations++;
    w->last_val_loss = info->val_loss;
    if (!isfinite(info->val_loss)) w->saw_nonfinite = true;
}

static void witness_epoch(void *context, const train_epoch_info *info) {
    witness *w = context;
    w->n_epochs++;
    if (info->epoch <= 64) w->epoch_losses[info->epoch - 1] = info->loss;
}

static void witness_warning(void *context, const char *message) {
    witness *w = context;
    w->n_warnings++;
    snprintf(w->warning, sizeof w->warning, "%s", message);
}

/* Trains the run of that name. */
static bool tiny_train(const config *c, const char *run, train_start start, witness *w, err *e) {
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path(run));
    w->config = c;
    const train_observer observer = {w,
                                     witness_preparation,
                                     witness_begin,
                                     witness_step,
                                     witness_evaluation,
                                     witness_epoch,
                                     witness_warning,
                                     NULL};
    return train_loop(c, path, start, &observer, &w->stop, e);
}

/* The path of a file of a run, until the next call. */
static const char *tiny_path(const char *run, const char *name) {
    char both[256];
    snprintf(both, sizeof both, "%s/%s", run, name);
    return folder_path(both);
}

#endif
