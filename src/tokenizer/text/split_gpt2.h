/* GPT-2's split without a regular expression engine, piece for piece the same:
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * Private to this folder. */
#ifndef TOKENIZER_SPLIT_GPT2_H
#define TOKENIZER_SPLIT_GPT2_H

#include "tokenizer/text/splitter.h"

#define SPLIT_GPT2_PATTERN                                                                         \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/* Calls take with each piece of text[0..n) in order. A stretch of bytes that are not UTF-8 is a
 * piece, and the text before and behind it is split as if it stood alone. */
void split_gpt2(const char *text, size_t n, split_take *take, void *context);

#endif
