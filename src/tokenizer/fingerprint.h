/* What tells tokenizers apart that encode differently. Private to this folder. */
#ifndef TOKENIZER_FINGERPRINT_H
#define TOKENIZER_FINGERPRINT_H

#include "tokenizer/parts.h"

/* A hash of type, vocabulary, added tokens, template, normalizer, splitter and the model's own
 * part. The decoder is not in it. After prepare. */
uint64_t fingerprint_of(const tokenizer *tok);

#endif
