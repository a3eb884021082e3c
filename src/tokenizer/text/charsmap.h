/* SentencePiece's precompiled_charsmap: which stretches of bytes become which, in a double-array
 * trie (Aoe 1989; the layout of Darts-clone) and a block of replacements closed with NULs. Private
 * to this folder. */
#ifndef TOKENIZER_CHARSMAP_H
#define TOKENIZER_CHARSMAP_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct charsmap charsmap;

/* Reads blob[0..n): uint32 size of the trie in bytes, trie, replacements. Everything is checked.
 * Returns new (free with charsmap_free), or NULL and e. */
charsmap *charsmap_new(const char *blob, size_t n, const char *name, err *e);
void charsmap_free(charsmap *map);
/* The blob itself, for writing. */
const char *charsmap_blob(const charsmap *map, size_t *n);
/* Appends text[0..n), the longest match at each place replaced. */
void charsmap_apply(const charsmap *map, const char *text, size_t n, str *out);

#endif
