/* Bytes as tokens: id = value. */
#include "tokenizer/parts.h"

static bool prepare(tokenizer *tok, const char *name, err *e) {
    bool ok = tok->vocab.size >= 256;
    for (int32_t id = 0; ok && id < 256; id++)
        ok = vocab_find(&tok->vocab, &(char){(char)id}, 1) == id;
    return ok ||
           err_set(e, ERR_INPUT, "%s: vocab does not begin with the 256 bytes in order", name);
}

static void encode(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                   tok_ids *out) {
    (void)tok, (void)s;
    int32_t *id = tok_ids_reserve(out, n);
    for (size_t i = 0; i < n; i++) id[i] = (unsigned char)piece[i];
    out->len += n;
}

const tok_model tok_model_byte = {
    .name = "byte",
    .prepare = prepare,
    .encode = encode,
};
