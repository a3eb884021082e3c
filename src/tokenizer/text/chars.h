/* Text character by character, where a byte that is not UTF-8 is a character of its own. Private to
 * this folder. */
#ifndef TOKENIZER_CHARS_H
#define TOKENIZER_CHARS_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

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

/* The same for the character that ends at s[n], n > 0. */
static inline size_t tok_read_char_before(const char *s, size_t n, uint32_t *code) {
    for (size_t len = 2; len <= 4 && len <= n; len++)
        if (str_utf8_length(s + n - len, len) == len) return tok_read_char(s + n - len, len, code);
    return tok_read_char(s + n - 1, 1, code);
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
