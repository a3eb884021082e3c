/* Any bytes are a tokenizer or one message: tokenizer.json, vocab.txt, the models of SentencePiece
 * and minbpe, each told by its content. What was read encodes and decodes anything, and can be
 * written and read again. */
#include "base/check.h"
#include "tokenizer/file/readers.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static tokenizer *parse_any(const char *content, size_t n) {
    err e = {0};
    tokenizer *tok = tok_parse(content, n, "fuzz", &e);
    CHECK((tok != NULL) == (e.code == ERR_NONE), "a result and an error, or neither");
    CHECK(!strpbrk(e.message, "\r\n"), "more than one line");
    CHECK(str_utf8_valid(e.message, strlen(e.message)) == strlen(e.message), "not UTF-8");
    return tok;
}

static void use_it(const tokenizer *tok, const char *text, size_t n, const tok_options *options) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, n, options, &ids);
    for (size_t i = 0; i < ids.len; i++)
        CHECK(ids.data[i] >= 0 && ids.data[i] < tok_vocab_size(tok), "id %zu is none", i);
    tok_decode(tok, ids.data, ids.len, &out);
    for (int32_t id = 0; id < tok_vocab_size(tok); id++) tok_printable(tok, id, &out);
    tok_ids_free(&ids);
    str_free(&out);
}

/* Writes tok, unless JSON cannot hold it; what is read again is written the same. */
static void save_and_parse(const tokenizer *tok) {
    err e = {0};
    str first = {0}, second = {0};
    if (tok_write(tok, &first, "written", &e)) {
        tokenizer *back = tok_parse(first.data, first.len, "written", &e);
        CHECK(back, "%s", e.message);
        CHECK(tok_write(back, &second, "written", &e), "%s", e.message);
        CHECK(first.len == second.len && memcmp(first.data, second.data, first.len) == 0,
              "reads back differently");
        tok_free(back);
    }
    str_free(&first);
    str_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const tok_options plain, special = {.allow_special = true, .add_special = true},
                                    random = {.dropout = 0.5, .alpha = 0.5};
    const char *text = (const char *)data;
    tokenizer *tok = parse_any(text, size);
    if (!tok) return 0;
    use_it(tok, text, size, &plain);
    use_it(tok, text, size, &special);
    use_it(tok, text, size, &random);
    str out = {0};
    tok_explain(tok, text, size < 200 ? size : 200, &special, &out);
    tok_describe(tok, &out);
    str_free(&out);
    save_and_parse(tok);
    tok_free(tok);
    return 0;
}
