/* A text file in blocks, each the words that begin in it, so that threads can share the work: the
 * rule of words.h, in one pass over the bytes. Private to this folder. */
#ifndef TOKENIZER_TEXT_BLOCKS_H
#define TOKENIZER_TEXT_BLOCKS_H

#include "base/err.h"
#include "tokenizer/words/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TEXT_BLOCK = 1 << 18, /* bytes of the file */
    TEXT_ROUND = 32,      /* blocks between two meetings of the threads */
    TEXT_BUFFER = 1 + TEXT_BLOCK + WORDS_LONGEST + 1 /* a block and what its edges need */
};

typedef struct text_blocks {
    const char *path; /* borrowed */
    int fd;
    size_t size;
    int64_t n; /* blocks */
} text_blocks;

/* What is still to be read of a block; lies in the caller's buffer. */
typedef struct text_rest {
    const char *at, *end; /* a byte that ends a word follows the last word, maybe behind `end` */
} text_rest;

typedef struct text_word {
    const char *bytes;
    size_t length; /* 0: a line break */
} text_word;

/* Close with text_close in any case. */
bool text_open(text_blocks *t, const char *path, err *e);
void text_close(text_blocks *t);

/* Reads block i into buffer[0..TEXT_BUFFER). May be called by several threads at once. */
bool text_read(const text_blocks *t, int64_t i, char *buffer, text_rest *rest, err *e);

static inline bool text_ends_word(char c) {
    return (unsigned char)c <= ' ' &&
           (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\0');
}

/* Takes the next word or line break off `rest`; false when the block has no more. */
static inline bool text_next(text_rest *rest, text_word *word) {
    const char *at = rest->at;
    while (at < rest->end && *at != '\n' && text_ends_word(*at)) at++;
    *word = (text_word){.bytes = at};
    if (at >= rest->end) return false;
    if (*at == '\n') {
        rest->at = at + 1;
        return true;
    }
    while (!text_ends_word(*at) && at - word->bytes < WORDS_LONGEST) at++;
    word->length = (size_t)(at - word->bytes);
    while (!text_ends_word(*at)) at++;
    rest->at = at;
    return true;
}

#endif
