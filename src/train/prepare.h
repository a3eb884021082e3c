/* From a text to what training reads: a tokenizer and two token files in the folder of the run. */
#ifndef TRAIN_PREPARE_H
#define TRAIN_PREPARE_H

#include "base/err.h"
#include "tokenizer/tokenizer.h"
#include "train/config.h"

/* Learns the tokenizer that c asks for from c->dataset, and writes tokenizer.json, train.bin (the
 * beginning of the text) and val.bin (the last c->val_fraction of it) into folder, which is made
 * where it is missing. Checkpoints there, which belong to other tokens, are removed, once the text
 * is known to be long enough. Returns new (free with tok_free), or NULL and e. */
tokenizer *train_prepare(const config *c, const char *folder, err *e);

#endif
