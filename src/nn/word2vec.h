/* word2vec (Mikolov et al. 2013): skip-gram and CBOW with negative sampling or hierarchical
 * softmax, with fastText's n-grams (Bojanowski et al. 2017) where there are any. The vectors are
 * the rows of an Embedding. */
#ifndef NN_WORD2VEC_H
#define NN_WORD2VEC_H

#include "autograd/windows.h"
#include "nn/param.h"

#include <stdbool.h>

typedef struct nn_word2vec_config {
    int64_t vocab_size, vector_size;
    int64_t bucket; /* rows of n-grams behind those of the words; 0 = none */
    bool sg;        /* skip-gram, else CBOW */
    bool ns, hs;    /* at least one of the losses; both are added */
} nn_word2vec_config;

typedef struct nn_word2vec {
    nn_word2vec_config config;
    nn_params params;
    int64_t width;   /* vector_size and zeros up to a multiple of 64 bytes: the columns of all */
    ag_var *wte;     /* (vocab_size + bucket, width), "wte.weight": the vectors */
    ag_var *syn1neg; /* (vocab_size, width): outputs of negative sampling, or NULL */
    ag_var *syn1;    /* (vocab_size - 1, width): inner nodes of hierarchical softmax, or NULL */
} nn_word2vec;

/* A stretch of text: the word at each position and, for n-grams, the rows whose mean is its vector
 * (first the word's own). */
typedef struct nn_stretch {
    int64_t n;
    const int32_t *ids;       /* n */
    const int32_t *bag_begin; /* n + 1, or NULL where there are no n-grams */
    const int32_t *bag;
    ag_windows windows;
} nn_stretch;

/* Returns new (free with nn_word2vec_free), all zeros. Without gradients only nn_word2vec_descend
 * trains it. */
nn_word2vec *nn_word2vec_new(const nn_word2vec_config *config, bool with_grad);
void nn_word2vec_free(nn_word2vec *m);
/* word2vec.c's initialisation: vectors U[-0.5, 0.5) / vector_size, outputs 0. */
void nn_word2vec_init(nn_word2vec *m, rng_key key);

/* The loss of all windows of the stretch, summed: (1). paths only for hierarchical softmax. The
 * stretch is borrowed until reset. *sum, in double, is the same. */
ag_var *nn_word2vec_loss(const nn_word2vec *m, ag_tape *t, const nn_stretch *stretch,
                         const ag_paths *paths, double *sum);

/* The matrices of a model as descent writes them: in place, or private copies of some rows. */
typedef struct nn_word2vec_rows {
    real *wte, *syn1neg, *syn1;
    const int32_t *wte_slot, *syn1neg_slot, *syn1_slot; /* where each row is; NULL = in its place */
} nn_word2vec_rows;

nn_word2vec_rows nn_word2vec_rows_of(const nn_word2vec *m);

/* Descends by alpha times the same gradient at once, window after window, in place, on the calling
 * thread. Several threads may do so on one model without a lock (Recht et al. 2011, "Hogwild!").
 * Rows of the vectors that are frozen (vocab_size + bucket flags, or NULL) stay. scratch (2 n width
 * numbers) is for n-grams only, else NULL. Returns the sum of the losses. */
double nn_word2vec_descend(const nn_word2vec *m, const nn_word2vec_rows *rows,
                           const nn_stretch *stretch, const ag_paths *paths, real alpha,
                           const bool *frozen, real *scratch);

#endif
