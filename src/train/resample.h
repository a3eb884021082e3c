/* Subword sampling: in each epoch the training text is cut into other tokens, drawn at random
 * (BPE-dropout, Provilkov et al. 2020; unigram sampling, Kudo 2018), so that the model meets the
 * same words spelled in many ways. */
#ifndef TRAIN_RESAMPLE_H
#define TRAIN_RESAMPLE_H

#include "tokenizer/tokenizer.h"
#include "train/token_set.h"

typedef struct train_resample {
    const tokenizer *tok;
    const train_set *set; /* the text in its usual tokens */
    double dropout, alpha;
    rng_key key;
} train_resample;

/* Appends the tokens of that epoch, and their mask where the set has one. The text is what the
 * tokens of the set decode to; special tokens stay what they are, as do unknown ones with the rest
 * of their words. A pure function of r and epoch. */
void train_resample_epoch(const train_resample *r, int64_t epoch, tok_ids *ids, tok_ids *mask);

#endif
