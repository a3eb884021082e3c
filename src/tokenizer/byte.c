/* Bytes as tokens: id = value. */
#include "tokenizer/kind.h"

static bool train(tokenizer *tok, const char *text, size_t n, err *e) {
    (void)text, (void)n, (void)e;
    for (int byte = 0; byte < 256; byte++) vocab_add(&tok->vocab, &(char){(char)byte}, 1);
    return true;
}

static bool prepare(tokenizer *tok, const char *name, err *e) {
    bool ok = tok->vocab.size == 256;
    for (int32_t id = 0; ok && id < 256; id++)
        ok = vocab_find(&tok->vocab, &(char){(char)id}, 1) == id;
    return ok || err_set(e, ERR_INPUT, "%s: vocab is not the 256 bytes in order", name);
}

static void encode(const tokenizer *tok, const char *text, size_t n, tok_ids *out) {
    (void)tok;
    int32_t *id = tok_ids_reserve(out, n);
    for (size_t i = 0; i < n; i++) id[i] = (unsigned char)text[i];
    out->len += n;
}

const tok_kind tok_kind_byte = {
    .name = "byte",
    .train = train,
    .prepare = prepare,
    .encode = encode,
    .decode = tok_concatenate,
};
