/* GPT-2's spelling of bytes as printable characters: 33-126, 161-172 and 174-255 are themselves,
 * the others follow in order from U+0100 on, so a blank is "Ġ". In files only; in memory pieces are
 * bytes. Private to this folder. */
#ifndef TOKENIZER_BYTE_LEVEL_H
#define TOKENIZER_BYTE_LEVEL_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the spelling of bytes[0..n). */
void byte_level_spell(const char *bytes, size_t n, str *out);
/* Appends the bytes that text[0..n) spells; false where a character spells none. */
bool byte_level_read(const char *text, size_t n, str *out);
/* The byte of rank i when the bytes are sorted by their spelling: rank 0 is '!', 188 is 0x00. The
 * order of GPT-2's first 256 ids. */
unsigned char byte_level_at(int i);

#endif
