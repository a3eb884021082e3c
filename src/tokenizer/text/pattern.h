/* What a text is searched for: a regular expression (PCRE2, compiled to machine code where the
 * system can) or a fixed string. Private to this folder. */
#ifndef TOKENIZER_PATTERN_H
#define TOKENIZER_PATTERN_H

#include "base/err.h"
#include "base/str.h"
#include "tokenizer/scratch.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pattern pattern;

/* Compiles source[0..n), a fixed string when `literal`, else a regular expression as Oniguruma
 * takes it, for which tokenizer.json is written (regex.h). Returns new (free with pattern_free), or
 * NULL and e, which begins with `name`. */
pattern *pattern_new(const char *source, size_t n, bool literal, const char *name, err *e);
void pattern_free(pattern *p);
const char *pattern_source(const pattern *p, size_t *n);
bool pattern_is_literal(const pattern *p);

/* Finds the first match that begins at `from` or later in text[0..n), which must be valid UTF-8,
 * and puts its ends into *begin and *end; an empty match is not one. A search that exceeds PCRE2's
 * limits counts as none. */
bool pattern_find(const pattern *p, tok_scratch *s, const char *text, size_t n, size_t from,
                  size_t *begin, size_t *end);
void pattern_match_free(struct pattern_match *match);

#endif
