/* GloVe (Pennington et al. 2014): two vectors and two biases for each word, fitted by AdaGrad so
 * that w_i . w'_j + b_i + b'_j comes near log x_ij. The vector of a word, for a user, is the sum of
 * its two rows. */
#ifndef TRAIN_GLOVE_H
#define TRAIN_GLOVE_H

#include "autograd/ops.h"
#include "nn/param.h"
#include "train/optim.h"

typedef struct glove_settings {
    int64_t n_words, dim;
    int64_t width;        /* of a row: dim, or more, for rows that begin at multiples of 64 bytes */
    double x_max, alpha;  /* glove.c: 100 (its demo on text8: 10) and 0.75 */
    double learning_rate; /* glove.c: 0.05 */
} glove_settings;

typedef struct glove {
    glove_settings settings;
    nn_params params;
    ag_var *w, *w_context; /* (n_words, width): "wte.weight", "context.weight" */
    ag_var *b, *b_context; /* (n_words, 1): "wte.bias", "context.bias" */
} glove;

/* Returns new (free with glove_free), its numbers not yet drawn. Without gradients it can only run
 * and be trained by glove_hogwild. */
glove *glove_new(const glove_settings *settings, bool with_grad);
void glove_free(glove *m);

/* Draws everything from U[-0.5, 0.5) / (dim + 1), as glove.c does; columns from dim on are 0, and
 * stay so in training. */
void glove_init(glove *m, rng_key key);

/* The optimizer for it: AdaGrad. Returns new (free with optim_free). */
optim *glove_optim(glove *m);

/* One update with the gradient of the sum over n records, all threads, the same bits at any number
 * of them. Resets the tape. Returns the loss of the records before the update, summed. */
double glove_step(glove *m, ag_tape *t, optim *o, const ag_cooccurrence *records, int64_t n);

/* One update for each of n records in turn, in place, on the calling thread (Hogwild, Recht et al.
 * 2011): threads that do this at the same time overwrite each other's numbers now and then, and
 * that is meant. With one record it is the same update as glove_step's. Returns the summed loss. */
double glove_hogwild(glove *m, optim *o, const ag_cooccurrence *records, int64_t n);

#endif
