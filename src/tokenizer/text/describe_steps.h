/* The parts around a model in words: each appends one step, as "NFC" or "lower case". Private to
 * this folder. */
#ifndef TOKENIZER_DESCRIBE_STEPS_H
#define TOKENIZER_DESCRIBE_STEPS_H

#include "tokenizer/text/decoder.h"
#include "tokenizer/text/normalizer.h"
#include "tokenizer/text/splitter.h"

void norm_step_describe(const norm_step *step, str *out);
void split_step_describe(const split_step *step, str *out);
void decoder_describe(const decoder *d, str *out);

#endif
