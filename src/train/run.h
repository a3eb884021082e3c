/* A run: a folder with everything that training made. Its parts have fixed names:
 *   config.ini tokenizer.json train.bin val.bin log.csv loss.gp loss.png embedding.png samples.txt
 *   ckpt.safetensors (last, with the optimizer)  ckpt_best.safetensors (lowest validation loss) */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "base/err.h"
#include "nn/gpt.h"
#include "tokenizer/tokenizer.h"
#include "train/checkpoint.h"
#include "train/config.h"

enum { TRAIN_PATH_SIZE = 1024 };

/* A run that is read: to sample, evaluate, look at. */
typedef struct train_run {
    char folder[TRAIN_PATH_SIZE];
    char checkpoint[TRAIN_PATH_SIZE]; /* the file that was loaded */
    config config;
    tokenizer *tok;
    nn_gpt *model;
    train_state state;
} train_run;

/* Loads folder/config.ini, its tokenizer and its best checkpoint (the last one where there is no
 * best, or if `last`). Release with train_run_close. */
bool train_run_open(train_run *run, const char *folder, bool last, err *e);
void train_run_close(train_run *run);

/* Writes "FOLDER/NAME" to out[0..TRAIN_PATH_SIZE). */
bool train_run_path(const char *folder, const char *name, char *out, err *e);

/* The model part of a configuration, for a vocabulary of that size. */
nn_gpt_config train_model_config(const config *c, int64_t vocab_size);

#endif
