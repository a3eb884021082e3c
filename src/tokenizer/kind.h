/* What the kinds of tokenizers share: the struct behind the interface, the functions that each kind
 * supplies, and how text is read character by character. Private to the tokenizers. */
#ifndef TOKENIZER_KIND_H
#define TOKENIZER_KIND_H

#include "tokenizer/tokenizer.h"
#include "tokenizer/vocab.h"

#define TOK_UNK "<unk>"

typedef struct tok_kind {
    const char *name; /* in TOK_TYPE_NAMES, in files */
    /* Fills the empty tok->vocab from text[0..n). */
    bool (*train)(tokenizer *tok, const char *text, size_t n, err *e);
    /* Checks the vocabulary, which may come from the file `name`, and readies tok for encode. */
    bool (*prepare)(tokenizer *tok, const char *name, err *e);
    /* As tok_encode with n > 0 and as tok_decode with valid ids. */
    void (*encode)(const tokenizer *tok, const char *text, size_t n, tok_ids *out);
    void (*decode)(const tokenizer *tok, const int32_t *ids, size_t n, str *out);
} tok_kind;

extern const tok_kind tok_kind_byte, tok_kind_char, tok_kind_word;

struct tokenizer {
    tok_type type;
    int64_t min_count; /* as given to tok_train; kept in the file for the reader */
    vocab vocab;
    uint64_t fingerprint;
    int32_t unk;          /* id of <unk>; unused by byte */
    int32_t *char_offset; /* char only: id - unk of each character code, so that 0 is <unk> */
};

/* Makes room for n more ids and returns where they go; the caller moves ids->len. */
int32_t *tok_ids_reserve(tok_ids *ids, size_t n);

/* The decode of kinds whose pieces simply follow one another. */
void tok_concatenate(const tokenizer *tok, const int32_t *ids, size_t n, str *out);

/* A character's code: its code point, or TOK_LONE_BYTE + b for a byte b that is not UTF-8. */
enum { TOK_LONE_BYTE = 0x110000, TOK_CODES = TOK_LONE_BYTE + 256 };

/* Reads the character at s (n > 0 bytes left) into *code and returns its length in bytes. */
static inline size_t tok_read_char(const char *s, size_t n, uint32_t *code) {
    unsigned char first = (unsigned char)s[0];
    *code = first;
    if (first < 0x80) return 1;
    size_t len = str_utf8_length(s, n);
    if (len == 1)
        *code = TOK_LONE_BYTE + first;
    else
        *code = first & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) *code = *code << 6 | (s[i] & 0x3Fu);
    return len;
}

/* Writes the character of that code to s[0..4) and returns its length in bytes. */
static inline size_t tok_write_char(char *s, uint32_t code) {
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (code < 0x80 || code >= TOK_LONE_BYTE) {
        s[0] = (char)code; /* the low 8 bits of TOK_LONE_BYTE are 0 */
        return 1;
    }
    for (size_t i = len - 1; i > 0; i--, code >>= 6) s[i] = (char)(0x80 | (code & 0x3F));
    s[0] = (char)((0xF00u >> len) | code);
    return len;
}

#endif
