/* The two objectives of word vectors behind one face: steps through a text, a loss for each. */
#ifndef TRAIN_VECTORS_MODEL_H
#define TRAIN_VECTORS_MODEL_H

#include "train/cooccur.h"
#include "train/glove.h"
#include "train/vectors_data.h"
#include "train/word2vec.h"

typedef struct vectors_model {
    const config *c;   /* borrowed */
    word2vec word2vec; /* objective = word2vec */
    glove *glove;      /* objective = glove, from here on */
    optim *adagrad;
    ag_tape *tape;
    cooccur_file records;
    ag_cooccurrence *block;
    nn_params *params; /* of either */
    ag_var *wte;       /* the vectors; GloVe's are the sums with ... */
    ag_var *context;   /* ... these; NULL for word2vec */
    int64_t width;     /* columns of a row in memory */
} vectors_model;

/* What a step did. */
typedef struct vectors_step {
    double loss;   /* summed over ... */
    int64_t count; /* ... so many words that were to be told, or records */
    int64_t units; /* words of text, or records */
    double alpha;  /* learning rate at its beginning */
} vectors_step;

/* The model part of a configuration of GloVe, for a vocabulary of that size. */
glove_settings vectors_glove_settings(const config *c, int64_t vocab_size);

/* Makes the model; for glove counts co-occurrences into folder/cooccurrence.bin unless the run goes
 * on. Its numbers are drawn, and those of d->init put over them. Release with vectors_model_free in
 * any case. d is borrowed. */
bool vectors_model_make(vectors_model *m, const config *c, const vectors_data *d,
                        const char *folder, rng_key key, bool resume, err *e);
void vectors_model_free(vectors_model *m);

/* v->rows[0..v->n * v->width) = the vectors as train_run_vectors reads them from a checkpoint: one
 * for each name of v. */
void vectors_model_copy(const vectors_model *m, io_vectors *v);

int64_t vectors_model_epoch_steps(const vectors_model *m);
bool vectors_model_step(vectors_model *m, int64_t step, vectors_step *out, err *e);

#endif
