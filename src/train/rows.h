/* The rows of an embedding matrix in training or in a checkpoint as vectors with names. Private to
 * src/train. */
#ifndef TRAIN_ROWS_H
#define TRAIN_ROWS_H

#include "io/vectors.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/words/words.h"
#include "train/config.h"

/* Names the rows by their tokens as they are printed, or by their words; io_vectors_free frees the
 * names. */
void rows_name_tokens(io_vectors *v, const tokenizer *tok);
void rows_name_words(io_vectors *v, const words *w);

/* Puts the mean of a word's row and those of its n-grams in the place of each row, as min_n, max_n
 * and bucket of c say; the n-grams' rows are `stride` numbers apart. */
void rows_compose(io_vectors *v, const config *c, const real *ngrams, int64_t stride);

#endif
