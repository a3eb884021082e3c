/* Tokens by their ids: bytes, printable form, text. */
#include "tokenizer/parts.h"
#include "tokenizer/text/print.h"

#include "base/check.h"

#include <string.h>

const char *tok_piece(const tokenizer *tok, int32_t id, size_t *len) {
    CHECK(id >= 0 && id < tok->vocab.size, "token id %d outside a vocabulary of %d", (int)id,
          (int)tok->vocab.size);
    return vocab_piece(&tok->vocab, id, len);
}

int32_t tok_find(const tokenizer *tok, const char *piece, size_t len) {
    return vocab_find(&tok->vocab, piece, len);
}

bool tok_is_special(const tokenizer *tok, int32_t id) {
    const special_token *token = special_of(&tok->specials, id);
    return token && token->special;
}

/* The byte that the token stands for where pieces may stand for bytes, or -1. */
static int byte_of_token(const tokenizer *tok, int32_t id, const char *piece, size_t len) {
    bool has_bytes = tok->byte_fallback || tok->type == TOK_CHAR;
    return has_bytes && !tok_is_special(tok, id) ? byte_of_piece(piece, len) : -1;
}

void tok_printable(const tokenizer *tok, int32_t id, str *out) {
    size_t len;
    const char *piece = tok_piece(tok, id, &len);
    int byte = tok->type == TOK_CHAR ? byte_of_token(tok, id, piece, len) : -1;
    if (byte >= 0)
        print_text(&(char){(char)byte}, 1, out);
    else
        print_text(piece, len, out);
}

void tok_printable_solid(const tokenizer *tok, int32_t id, str *out) {
    str printed = {0};
    tok_printable(tok, id, &printed);
    for (size_t i = 0; i < printed.len; i++) {
        bool blank = printed.data[i] == ' ';
        str_append(out, blank ? SPLIT_METASPACE_CHAR : printed.data + i,
                   blank ? strlen(SPLIT_METASPACE_CHAR) : 1);
    }
    str_free(&printed);
}

void tok_decode(const tokenizer *tok, const int32_t *ids, size_t n, str *out) {
    tok_decoding state = {0};
    for (size_t i = 0; i < n; i++) tok_decode_next(tok, &state, ids[i], out);
}

void tok_decode_next(const tokenizer *tok, tok_decoding *state, int32_t id, str *out) {
    size_t len;
    const char *piece = tok_piece(tok, id, &len);
    decoder_next(&tok->decoder, state, piece, len, byte_of_token(tok, id, piece, len),
                 tok_is_special(tok, id), out);
}
