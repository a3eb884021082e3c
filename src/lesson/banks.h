/* A generated text of two worlds that share a word: one carries money to a bank, one pulls boats to
 * a bank. People and small words are the same in both. */
#ifndef LESSON_BANKS_H
#define LESSON_BANKS_H

#include <stdint.h>
#include <stdio.h>

/* Writes n sentences, one after the other, blanks between all words and marks. The same seed gives
 * the same text on every machine. */
void banks_write(FILE *out, int64_t n_sentences, uint64_t seed);

#endif
