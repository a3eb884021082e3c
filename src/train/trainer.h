/* Everything that a run in training holds, from the folder to the tape: set up, saved, torn down.
 * Private to the loop. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "train/batches.h"
#include "train/loop.h"
#include "train/precision.h"
#include "train/run.h"
#include "train/run_folder.h"
#include "train/watch.h"

/* Streams of random numbers of one run. */
typedef enum train_stream {
    STREAM_INIT = 1,
    STREAM_DATA,
    STREAM_DROPOUT,
    STREAM_SUBWORD
} train_stream;

typedef struct trainer {
    config c;
    const char *folder;
    const train_observer *observer;
    const volatile sig_atomic_t *stop;
    tokenizer *tok;
    train_set train, val;
    train_resample resample; /* used where the config asks for subword sampling */
    train_batches batches;
    nn_gpt *model;
    optim *optim;
    ag_tape *tape;          /* of steps and, between them, of evaluations */
    int32_t *ids, *targets; /* of the micro-batches of one step */
    io_csv log;
    io_vectors matrix; /* the embedding with the names of its rows, where it is watched */
    watcher watcher;
    train_state state;
    train_precision_choice precision;
    double smoothed_loss, gemm_speed;
    bool can_plot;
} trainer;

/* Prepares or, for TRAIN_RESUME, continues the run in tr->folder as tr->c says. In any case release
 * with trainer_tear_down. */
bool trainer_set_up(trainer *tr, train_start start, err *e);
void trainer_tear_down(trainer *tr);

/* ckpt.safetensors, from which the run goes on; ckpt_best.safetensors, without the optimizer. */
bool trainer_save(const trainer *tr, err *e);
bool trainer_save_best(const trainer *tr, err *e);

/* loss.png and embedding.png. Pictures are a help, not the work: what goes wrong with them is a
 * warning, for the plot once. */
void trainer_draw_plot(trainer *tr);
void trainer_draw_embedding(trainer *tr);

rng_key trainer_key(const config *c, train_stream stream);

#endif
