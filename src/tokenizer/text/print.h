/* Text for people to see: what cannot be printed is spelled out. Private to this folder. */
#ifndef TOKENIZER_PRINT_H
#define TOKENIZER_PRINT_H

#include "base/str.h"

#include <stddef.h>

/* Appends text[0..n) in printable form: "\n" for a newline, "\xE9" for a lone byte. */
void print_text(const char *text, size_t n, str *out);

/* What a file holds, for an error line: printable and not long. */
typedef struct quoted {
    char text[64];
} quoted;
quoted quote(const char *bytes, size_t n);

#endif
