/* Unicode's normal forms and lower case for texts that may hold bytes that are not UTF-8: such
 * bytes stay, and each stretch of valid text between them is normalized by itself. Tables:
 * utf8proc. Private to this folder. */
#ifndef TOKENIZER_NORMALIZE_UNICODE_H
#define TOKENIZER_NORMALIZE_UNICODE_H

#include "base/str.h"
#include "tokenizer/scratch.h"

#include <stdbool.h>
#include <stddef.h>

/* The number of bytes of text[0..n) before the first that is not ASCII. */
size_t unicode_ascii_length(const char *text, size_t n);

/* Appends text[0..n) in a normal form: composed (C) or decomposed (D), by compatibility (K) or
 * not. */
void unicode_normalize(bool composed, bool compatibility, const char *text, size_t n,
                       tok_scratch *s, str *out);
/* Appends text[0..n) in lower case, character by character as Rust's char::to_lowercase: U+0130
 * becomes two characters, a sigma at the end of a word is not special. */
void unicode_lower(const char *text, size_t n, str *out);
/* Appends text[0..n) without its marks: those of category Mn, or of Mc and Me as well. */
void unicode_strip_marks(const char *text, size_t n, bool all, str *out);

#endif
