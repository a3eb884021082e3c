/* For tests of tokenizer files: short documents, ids as text. */
#ifndef TESTS_TOKENIZER_FILES_H
#define TESTS_TOKENIZER_FILES_H

#include "tokenizer/tokenizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The text with every ` as ", as JSON needs it, until the next call. */
static inline const char *quotes(const char *text) {
    static char out[1 << 16];
    size_t n = strlen(text);
    assert_true(n < sizeof out);
    for (size_t i = 0; i <= n; i++) out[i] = text[i] == '`' ? '"' : text[i];
    return out;
}

static inline tokenizer *parse_bytes(const char *content, size_t n) {
    err e = {0};
    tokenizer *tok = tok_parse(content, n, "file", &e);
    if (!tok) fail_msg("%s", e.message);
    return tok;
}

static inline tokenizer *parse(const char *text) {
    const char *content = quotes(text);
    return parse_bytes(content, strlen(content));
}

static inline void assert_refused_bytes(const char *content, size_t n, const char *message) {
    err e = {0};
    tokenizer *tok = tok_parse(content, n, "file", &e);
    assert_null(tok);
    assert_int_equal(e.code, ERR_INPUT);
    assert_string_equal(e.message, message);
}

static inline void assert_refused(const char *text, const char *message) {
    const char *content = quotes(text);
    assert_refused_bytes(content, strlen(content), message);
}

static inline void assert_encodes_as(const tokenizer *tok, const char *text,
                                     const tok_options *options, const char *expected) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, strlen(text), options, &ids);
    str_append(&out, "", 0);
    for (size_t i = 0; i < ids.len; i++) str_printf(&out, "%s%d", i ? " " : "", (int)ids.data[i]);
    assert_string_equal(out.data, expected);
    str_free(&out);
    tok_ids_free(&ids);
}

/* The ids of the text are those, with blanks between. */
static inline void assert_encodes(const tokenizer *tok, const char *text, const char *expected) {
    assert_encodes_as(tok, text, NULL, expected);
}

static inline void assert_decodes(const tokenizer *tok, const char *text, const char *expected) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, strlen(text), NULL, &ids);
    str_append(&out, "", 0);
    tok_decode(tok, ids.data, ids.len, &out);
    assert_string_equal(out.data, expected);
    str_free(&out);
    tok_ids_free(&ids);
}

#endif
