/* The vocabulary of type word: the most frequent pieces, <unk> before them. */
#include "tokenizer/learn/trainers.h"

#include <string.h>

/* What tokenizer.json cannot hold stays unknown. */
static bool is_text(const counted_piece *piece) {
    return !memchr(piece->bytes, '\0', piece->length) &&
           str_utf8_valid(piece->bytes, piece->length) == piece->length;
}

bool train_word(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                err *e) {
    (void)e;
    tok->unk = vocab_add(&tok->vocab, TOK_UNK_PIECE, strlen(TOK_UNK_PIECE));
    for (size_t i = 0; i < c->n && tok->vocab.size < size; i++) {
        if (c->pieces[i].count < how->min_frequency) break;
        if (is_text(&c->pieces[i])) vocab_add(&tok->vocab, c->pieces[i].bytes, c->pieces[i].length);
    }
    return true;
}
