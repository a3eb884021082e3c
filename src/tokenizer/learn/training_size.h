/* How large a vocabulary becomes. Private to this folder. */
#ifndef TOKENIZER_TRAINING_SIZE_H
#define TOKENIZER_TRAINING_SIZE_H

#include "tokenizer/training.h"

/* How many entries there may be in all: how->vocab_size or the default of the type. */
int64_t training_vocab_size(const tok_training *how);
/* How many of them the model may have: all but the special tokens. False, with e, where these have
 * a name that none may have or leave the model too few. */
bool training_model_size(const tok_training *how, int64_t *size, err *e);
/* False, with e set, when a model of `size` entries cannot hold the `needed` ones that `what`
 * names: "byte-level bpe needs 256 bytes". */
bool training_fits(const tok_training *how, int64_t size, int64_t needed, const char *what, err *e);

#endif
