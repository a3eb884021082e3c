/* A run: a folder with everything that training made. Its parts have fixed names:
 *   config.ini tokenizer.json train.bin val.bin log.csv loss.gp loss.png embedding.png samples.txt
 *   train_mask.bin val_mask.bin (of conversations)
 *   watch.csv neighbours.csv watch.gp watch.png (where the run is watched)
 *   ckpt.safetensors (last, with the optimizer)  ckpt_best.safetensors (lowest validation loss)
 * Of word vectors: config.ini vocab.txt train.bin log.csv loss.gp loss.png embedding.png
 *   ckpt.safetensors, of GloVe cooccurrence.bin, and what is watched */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "base/err.h"
#include "io/vectors.h"
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

/* Reads folder/config.ini; a folder without one is no run. */
bool train_run_config(config *c, const char *folder, err *e);

/* Loads folder/config.ini, its tokenizer and its best checkpoint (the last one where there is no
 * best, or if `last`). A run of word vectors is an error. Release with train_run_close. */
bool train_run_open(train_run *run, const char *folder, bool last, err *e);
void train_run_close(train_run *run);

/* Reads the embedding matrix of a run, of either kind: the rows of wte.weight, named by their
 * tokens as they are printed, or by their words; GloVe's with those of context.weight added; those
 * of n-grams as subwords, and added to their words' in the mean. Release with io_vectors_free in
 * any case. */
bool train_run_vectors(io_vectors *v, const char *folder, err *e);
/* The vectors of a run, of imported ones (a folder with vectors.safetensors or vectors.tsv in it)
 * or of a file of any layout that io_vectors_read knows; the first `limit` words, 0 = all. Release
 * with io_vectors_free in any case. */
bool train_read_vectors(io_vectors *v, const char *run_or_file, int64_t limit, err *e);

/* Writes "FOLDER/NAME" to out[0..TRAIN_PATH_SIZE). */
bool train_run_path(const char *folder, const char *name, char *out, err *e);

/* The model part of a configuration, for a vocabulary of that size. */
nn_gpt_config train_model_config(const config *c, int64_t vocab_size);

#endif
