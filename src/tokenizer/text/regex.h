/* The regular expressions of tokenizer.json are Oniguruma's, in Ruby's syntax; here they are
 * spelled for PCRE2. Private to this folder. */
#ifndef TOKENIZER_REGEX_H
#define TOKENIZER_REGEX_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends source[0..n) to out with the parts that PCRE2 takes for something else spelled anew, for
 * PCRE2_UTF, PCRE2_UCP and PCRE2_MULTILINE. False where a part has no such spelling here:
 * source[*at..*end) is it. */
bool regex_translate(const char *source, size_t n, str *out, size_t *at, size_t *end);

#endif
