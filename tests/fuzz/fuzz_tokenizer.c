/* The input as text, trained on, encoded and decoded by every kind; and as the JSON of a saved
 * tokenizer, which must be refused with one line or work. */
#include "tokenizer/tokenizer.h"

#include "base/check.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Encodes the text, decodes it and encodes that again: byte and char give back the text, and word
 * the same ids. <unk> as a text of its own is something else, so nothing may be unknown. */
static void round_trip(tok_type type, const char *text, size_t n) {
    err e = {0};
    tokenizer *tok = tok_train(type, text, n, 1, &e);
    CHECK(tok, "%s", e.message);
    tok_ids ids = {0}, again = {0};
    str out = {0};
    tok_encode(tok, text, n, &ids);
    tok_decode(tok, ids.data, ids.len, &out);
    tok_encode(tok, out.data, out.len, &again);
    if (type != TOK_WORD)
        CHECK(out.len == n && (n == 0 || memcmp(out.data, text, n) == 0), "the text changed");
    CHECK(again.len == ids.len, "%zu ids became %zu", ids.len, again.len);
    for (size_t i = 0; i < ids.len; i++) CHECK(again.data[i] == ids.data[i], "id %zu changed", i);
    tok_ids_free(&ids);
    tok_ids_free(&again);
    str_free(&out);
    tok_free(tok);
}

static void parse(const char *json, size_t n) {
    err e = {0};
    tokenizer *tok = tok_parse(json, n, "fuzz", &e);
    CHECK((tok != NULL) == (e.code == ERR_NONE), "a result and an error, or neither");
    CHECK(!strchr(e.message, '\n'), "an error of several lines");
    if (!tok) return;
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, json, n, &ids);
    tok_decode(tok, ids.data, ids.len, &out);
    for (int32_t id = 0; id < tok_vocab_size(tok); id++) tok_printable(tok, id, &out);
    tok_ids_free(&ids);
    str_free(&out);
    tok_free(tok);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int type = TOK_BYTE; type <= TOK_WORD; type++)
        round_trip((tok_type)type, (const char *)data, size);
    parse((const char *)data, size);
    return 0;
}
