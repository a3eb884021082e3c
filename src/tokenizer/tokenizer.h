/* Text to token ids and back. One interface; each kind of tokenizer is one file behind it. */
#ifndef TOKENIZER_TOKENIZER_H
#define TOKENIZER_TOKENIZER_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tokenizer tokenizer;

typedef enum tok_type { TOK_BYTE, TOK_CHAR, TOK_WORD } tok_type;
#define TOK_TYPE_NAMES "byte|char|word" /* in the order of the enum */

/* A growable list of token ids. Zeroed = empty. */
typedef struct tok_ids {
    int32_t *data;
    size_t len, capacity;
} tok_ids;

void tok_ids_append(tok_ids *ids, int32_t id);
void tok_ids_free(tok_ids *ids);

/* Learns a vocabulary from text[0..n):
 *   byte  the 256 bytes, whatever the text;
 *   char  the Unicode characters of the text in code-point order (invalid bytes stand for
 *         themselves), and <unk> last for characters that the text does not have;
 *   word  lower-cased words and single punctuation marks that occur at least min_count times, by
 *         falling count, then by bytes; <unk> is id 0.
 * Returns new (free with tok_free), or NULL and e. */
tokenizer *tok_train(tok_type type, const char *text, size_t n, int64_t min_count, err *e);
void tok_free(tokenizer *tok);

/* The tokenizer as one JSON file. What is read is checked: a wrong or truncated file is one line.
 */
bool tok_save(const tokenizer *tok, const char *path, err *e);
tokenizer *tok_load(const char *path, err *e);
/* The same from memory: json[0..n), called `name` in errors. */
tokenizer *tok_parse(const char *json, size_t n, const char *name, err *e);

tok_type tok_type_of(const tokenizer *tok);
int32_t tok_vocab_size(const tokenizer *tok);
/* A number that differs (almost surely) between tokenizers that differ in type or vocabulary. */
uint64_t tok_fingerprint(const tokenizer *tok);

/* Appends the ids of text[0..n). Text never fails to encode: unknown pieces become <unk>. */
void tok_encode(const tokenizer *tok, const char *text, size_t n, tok_ids *out);
/* Appends the text of ids[0..n) to out; an id outside the vocabulary is a bug (CHECK). For byte and
 * char, decode(encode(x)) = x unless a character was unknown. Words are joined as one writes them:
 * a blank between words, none before closing punctuation. */
void tok_decode(const tokenizer *tok, const int32_t *ids, size_t n, str *out);

/* The bytes of one token (*len of them, also closed with a NUL). Borrows from tok. */
const char *tok_piece(const tokenizer *tok, int32_t id, size_t *len);
/* The id of the token with exactly these bytes, or -1. */
int32_t tok_find(const tokenizer *tok, const char *piece, size_t len);
/* The id that stands for all that the text did not have, or -1 where nothing is unknown. */
int32_t tok_unknown(const tokenizer *tok);
/* Appends the token in printable form: "\n" for a newline, "\xE9" for a lone byte. */
void tok_printable(const tokenizer *tok, int32_t id, str *out);

#endif
