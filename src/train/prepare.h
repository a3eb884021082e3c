/* From a data set to what training reads: a tokenizer and token files in the folder of the run. */
#ifndef TRAIN_PREPARE_H
#define TRAIN_PREPARE_H

#include "train/corpus.h"

/* Makes the tokenizer that c asks for, and writes tokenizer.json, the tokens train.bin and val.bin
 * of c->dataset, and of conversations their masks, into folder, which is made where it is missing.
 * Checkpoints there, which belong to other tokens, are removed, once the data set is known to be
 * long enough. Returns new (free with tok_free), or NULL and e. */
tokenizer *train_prepare(const config *c, const char *folder, const train_watch *watch, err *e);

/* The tokenizer alone, without a run; the data set is read where it depends on it. */
tokenizer *train_prepare_tokenizer(const config *c, const train_watch *watch, err *e);

#endif
