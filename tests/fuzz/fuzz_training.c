/* Any bytes are a text to train a tokenizer of every type on: the byte-level ones and char give it
 * back. */
#include "base/check.h"
#include "tokenizer/training.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode_and_decode(const tokenizer *tok, const char *text, size_t n) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, n, NULL, &ids);
    tok_decode(tok, ids.data, ids.len, &out);
    tok_type type = tok_type_of(tok);
    if (type == TOK_BYTE || type == TOK_CHAR || type == TOK_BPE)
        CHECK(out.len == n && (n == 0 || memcmp(out.data, text, n) == 0), "the text changed");
    tok_ids_free(&ids);
    str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    for (int type = TOK_BYTE; type <= TOK_UNIGRAM; type++) {
        err e = {0};
        tok_training how = {.type = (tok_type)type, .vocab_size = 600, .memory = 1 << 20};
        tokenizer *tok = tok_train(&how, &(tok_text){text, size}, 1, &e);
        CHECK((tok != NULL) == (e.code == ERR_NONE), "a result and an error, or neither");
        CHECK(!strchr(e.message, '\n'), "more than one line");
        if (tok) encode_and_decode(tok, text, size);
        tok_free(tok);
    }
    return 0;
}
