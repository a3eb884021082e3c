/* The training loop of word vectors. */
#ifndef TRAIN_VECTORS_LOOP_H
#define TRAIN_VECTORS_LOOP_H

#include "train/loop.h"

/* As train_loop, for objective = word2vec or glove: checkpoint and plot every half minute and at
 * the end, a log row for each step. */
bool train_vectors_loop(const config *c, const char *folder, train_start start,
                        const train_observer *observer, const volatile sig_atomic_t *stop, err *e);

#endif
