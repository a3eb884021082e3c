/* The tokenizer that a config asks for: learned from the data set, and kept beside it for the next
 * time, or opened. */
#ifndef TRAIN_TEXT_TOKENIZER_H
#define TRAIN_TEXT_TOKENIZER_H

#include "train/corpus.h"

/* Returns new (free with tok_free), or NULL and e. One that took work to learn is written to
 * DATASET.TYPE-SIZE-HASH.tokenizer.json, where the folder can be written, and read from there when
 * text and settings, which the hash is of, are the same again. For conversations it has their
 * special tokens. */
tokenizer *train_text_tokenizer(const config *c, const train_corpus *corpus,
                                const train_watch *watch, err *e);
/* Whether that tokenizer depends on the data set; else `corpus` may be empty. */
bool train_tokenizer_needs_text(const config *c);

#endif
