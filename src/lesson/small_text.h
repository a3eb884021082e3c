/* A small generated text: in memory, in a file, or cut into words. */
#ifndef LESSON_SMALL_TEXT_H
#define LESSON_SMALL_TEXT_H

#include "base/err.h"
#include "tokenizer/tokenizer.h"
#include "train/config.h"

#include <stdio.h>

/* Who writes it: n sentences; the same seed gives the same text. train_kingdom_write, farm_write,
 * banks_write. */
typedef void small_text_writer(FILE *out, int64_t n_sentences, uint64_t seed);

/* Returns new text (free with free), *size bytes of it. */
char *small_text_new(small_text_writer *write, int64_t n_sentences, uint64_t seed, size_t *size);

/* Writes it to FOLDER/NAME, and that path to path[0..CFG_TEXT_SIZE). */
bool small_text_write(small_text_writer *write, int64_t n_sentences, uint64_t seed,
                      const char *folder, const char *name, char *path, err *e);

/* A text in words, and the tokenizer that has learned all of them. */
typedef struct word_text {
    tokenizer *tok;
    tok_ids ids;
} word_text;

/* Release with word_text_free. */
word_text word_text_new(small_text_writer *write, int64_t n_sentences, uint64_t seed);
void word_text_free(word_text *text);

#endif
