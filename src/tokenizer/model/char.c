/* Characters as tokens. Encoding is one look into a table over all character codes; of that table
 * only the pages that the text uses ever take memory. A piece "<0xE9>" stands for that byte where
 * it is no part of a character. */
#include "tokenizer/parts.h"
#include "tokenizer/text/chars.h"

#include "base/mem.h"

#include <stdlib.h>

/* Puts the character code that the piece stands for into *code; false when it is none. */
static bool code_of_piece(const char *piece, size_t len, uint32_t *code) {
    int byte = byte_of_piece(piece, len);
    if (byte >= 0) {
        *code = byte < 0x80 ? (uint32_t)byte : TOK_LONE_BYTE + (uint32_t)byte;
        return true;
    }
    return len > 0 && tok_read_char(piece, len, code) == len;
}

static bool prepare(tokenizer *tok, const char *name, err *e) {
    tok->char_offset = mem_new(TOK_CODES, sizeof *tok->char_offset);
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len;
        uint32_t code;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        if (id == tok->unk || special_of(&tok->specials, id)) continue;
        if (!code_of_piece(piece, len, &code))
            return err_set(e, ERR_INPUT, "%s: vocab entry %d is not one character", name, (int)id);
        if (tok->char_offset[code])
            return err_set(e, ERR_INPUT, "%s: vocab entry %d repeats an earlier one", name,
                           (int)id);
        tok->char_offset[code] = id - tok->unk;
    }
    return true;
}

static void encode(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                   tok_ids *out) {
    (void)s;
    const int32_t unk = tok->unk, *offset = tok->char_offset;
    int32_t *id = tok_ids_reserve(out, n); /* a character takes one byte or more */
    for (size_t i = 0; i < n;) {
        uint32_t code;
        i += tok_read_char(piece + i, n - i, &code);
        *id = unk + offset[code];
        id += *id >= 0;
    }
    out->len = (size_t)(id - out->data);
}

static void free_table(tokenizer *tok) {
    free(tok->char_offset);
}

const tok_model tok_model_char = {
    .name = "char",
    .prepare = prepare,
    .encode = encode,
    .free = free_table,
};
