/* The trainers of the models: each fills tok->vocab and the model's own part from counted pieces.
 * tok_train has set up the other parts, and calls tok_finish after it. Private to this folder. */
#ifndef TOKENIZER_TRAINERS_H
#define TOKENIZER_TRAINERS_H

#include "tokenizer/learn/count.h"

/* `size` = how many entries the model may have: how->vocab_size without the special tokens. */
bool train_char(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                err *e);
bool train_word(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                err *e);
bool train_bpe(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
               err *e);
bool train_wordpiece(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                     err *e);
bool train_unigram(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                   err *e);

/* Gives tok all parts but the model's: normalizer, splitter, decoder. */
bool training_parts(tokenizer *tok, const tok_training *how, err *e);

#endif
