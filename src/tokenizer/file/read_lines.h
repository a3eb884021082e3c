/* Text files of tokenizers, line by line. Private to this folder. */
#ifndef TOKENIZER_READ_LINES_H
#define TOKENIZER_READ_LINES_H

#include "base/err.h"
#include "base/str.h"
#include "tokenizer/text/print.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a file of n bytes is not too large; e tells that it is. */
bool read_fits(size_t n, const char *name, err *e);
/* Whether content[0..n) is UTF-8 without zero bytes and not too large; e tells what it is not. */
bool read_is_text(const char *content, size_t n, const char *name, err *e);
/* The next line of text[0..n) at *at, without its line break; false at the end. */
bool read_line(const char *text, size_t n, size_t *at, const char **line, size_t *len);
/* Splits "left right" with exactly one blank and something on both sides; false where it is not. */
bool read_pair(const char *line, size_t len, str *left, str *right);

#endif
