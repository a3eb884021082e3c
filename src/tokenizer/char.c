/* Characters as tokens. Encoding is one look into a table over all character codes; of that table
 * only the pages that the text uses ever take memory. */
#include "tokenizer/kind.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool train(tokenizer *tok, const char *text, size_t n, err *e) {
    (void)e;
    char *seen = mem_new(TOK_CODES, 1);
    uint32_t code;
    for (size_t i = 0; i < n; seen[code] = 1) i += tok_read_char(text + i, n - i, &code);
    const char *hit = seen, *end = seen + TOK_CODES;
    for (; (hit = memchr(hit, 1, (size_t)(end - hit))); hit++) {
        char bytes[4];
        vocab_add(&tok->vocab, bytes, tok_write_char(bytes, (uint32_t)(hit - seen)));
    }
    vocab_add(&tok->vocab, TOK_UNK, strlen(TOK_UNK));
    free(seen);
    return true;
}

static bool prepare(tokenizer *tok, const char *name, err *e) {
    tok->unk = tok->vocab.size - 1;
    if (vocab_find(&tok->vocab, TOK_UNK, strlen(TOK_UNK)) != tok->unk || tok->unk < 0)
        return err_set(e, ERR_INPUT, "%s: vocab does not end with %s", name, TOK_UNK);
    tok->char_offset = mem_new(TOK_CODES, sizeof *tok->char_offset);
    for (int32_t id = 0; id < tok->unk; id++) {
        size_t len;
        uint32_t code;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        if (tok_read_char(piece, len, &code) != len)
            return err_set(e, ERR_INPUT, "%s: vocab entry %d is not one character", name, (int)id);
        tok->char_offset[code] = id - tok->unk;
    }
    return true;
}

static void encode(const tokenizer *tok, const char *text, size_t n, tok_ids *out) {
    const int32_t unk = tok->unk, *offset = tok->char_offset;
    int32_t *id = tok_ids_reserve(out, n); /* a character takes one byte or more */
    for (size_t i = 0; i < n;) {
        uint32_t code;
        i += tok_read_char(text + i, n - i, &code);
        *id++ = unk + offset[code];
    }
    out->len = (size_t)(id - out->data);
}

const tok_kind tok_kind_char = {
    .name = "char",
    .train = train,
    .prepare = prepare,
    .encode = encode,
    .decode = tok_concatenate,
};
