/* For tests of tokenizers that are put together by hand, and of their parts. */
#ifndef TESTS_TOKENIZER_PARTS_H
#define TESTS_TOKENIZER_PARTS_H

#include "tokenizer/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static inline tokenizer *finished(tokenizer *tok) {
    err e = {0};
    tok = tok_finish(tok, "test", &e);
    assert_string_equal(e.message, "");
    return tok;
}

/* The tokens of the text in printable form, a | behind each. */
static inline void assert_pieces_as(const tokenizer *tok, const char *text,
                                    const tok_options *options, const char *expected) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, strlen(text), options, &ids);
    str_append(&out, "", 0);
    for (size_t i = 0; i < ids.len; i++) {
        tok_printable(tok, ids.data[i], &out);
        str_append(&out, "|", 1);
    }
    assert_string_equal(out.data, expected);
    tok_ids_free(&ids);
    str_free(&out);
}

static inline void assert_pieces(const tokenizer *tok, const char *text, const char *expected) {
    assert_pieces_as(tok, text, NULL, expected);
}

/* Scratch memories for the tests of a group: make_pool and free_pool are its setup and teardown. */
static tok_scratch_pool *pool __attribute__((unused));

static inline int make_pool(void **state) {
    (void)state;
    pool = scratch_pool_new();
    return 0;
}

static inline int free_pool(void **state) {
    (void)state;
    scratch_pool_free(pool);
    return 0;
}

#endif
