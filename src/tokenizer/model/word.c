/* Whole pieces as tokens: words and marks, as normalizer and splitter make them. */
#include "tokenizer/parts.h"

static bool prepare(tokenizer *tok, const char *name, err *e) {
    (void)tok, (void)name, (void)e;
    return true;
}

static void encode(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                   tok_ids *out) {
    (void)s;
    int32_t id = vocab_find(&tok->vocab, piece, n);
    if (id < 0 || tok_is_special(tok, id)) id = tok->unk;
    if (id >= 0) tok_ids_append(out, id);
}

const tok_model tok_model_word = {
    .name = "word",
    .prepare = prepare,
    .encode = encode,
};
