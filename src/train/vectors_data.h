/* What word vectors are trained on: the vocabulary of a text and the text as ids, in the folder of
 * the run as vocab.txt and train.bin. */
#ifndef TRAIN_VECTORS_DATA_H
#define TRAIN_VECTORS_DATA_H

#include "io/vectors.h"
#include "tokenizer/words/words.h"
#include "train/config.h"
#include "train/tokens.h"

typedef struct vectors_data {
    words vocabulary;
    train_tokens tokens;
    io_vectors init; /* of init_wte, n = 0 where there is none */
} vectors_data;

/* Counts c->dataset, reads it as ids, and writes both into folder, which is made where it is
 * missing; a checkpoint there, which belongs to another text, is removed once the text is known to
 * have words. Reads the vectors of c->init_wte. Streams: memory is bounded by the vocabulary.
 * Release with vectors_data_close in any case. */
bool vectors_data_prepare(vectors_data *d, const config *c, const char *folder, err *e);
/* Opens what was prepared, for a run that goes on. Reads the vectors of c->init_wte only where they
 * say which rows are frozen, or where the run began, which is watched. */
bool vectors_data_open(vectors_data *d, const config *c, const char *folder, err *e);
void vectors_data_close(vectors_data *d);

#endif
