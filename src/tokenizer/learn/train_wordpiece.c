/* A WordPiece vocabulary from counted pieces: [UNK], the characters as they begin a word and as
 * they continue one, then what BPE merges (as HF tokenizers' WordPieceTrainer). */
#include "tokenizer/learn/trainers.h"

#include "base/mem.h"
#include "tokenizer/learn/alphabet.h"
#include "tokenizer/learn/learn_merges.h"
#include "tokenizer/learn/training_size.h"
#include "tokenizer/model/wordpiece.h"
#include "tokenizer/text/chars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN "[UNK]"

/* The tokens of a character of the alphabet. */
typedef struct char_ids {
    bool continues;        /* stands inside a word */
    int32_t start, inside; /* ids */
} char_ids;

static void find_continuing(char_ids *chars, const counted_pieces *c) {
    for (size_t i = 0; i < c->n; i++) {
        const counted_piece *piece = &c->pieces[i];
        for (size_t at = 0; at < piece->length;) {
            uint32_t code;
            bool begins = at == 0;
            at += tok_read_char(piece->bytes + at, piece->length - at, &code);
            chars[code].continues |= !begins;
        }
    }
}

/* Adds the alphabet in code-point order, first as it begins words, then as it continues them. */
static void add_alphabet(vocab *v, const alphabet *a, char_ids *chars, const char *prefix) {
    str piece = {0};
    for (int inside = 0; inside < 2; inside++)
        for (uint32_t code = 0; code < TOK_LONE_BYTE; code++) {
            char_ids *c = &chars[code];
            if (!a->has[code] || (inside && !c->continues)) continue;
            char bytes[4];
            piece.len = 0;
            if (inside) str_append(&piece, prefix, strlen(prefix));
            str_append(&piece, bytes, tok_write_char(bytes, code));
            *(inside ? &c->inside : &c->start) = vocab_add(v, piece.data, piece.len);
        }
    str_free(&piece);
}

/* A word with a character outside the alphabet is unknown as a whole: nothing is learned from it.
 */
static void add_word(merge_words *w, const alphabet *a, const char_ids *chars,
                     const counted_piece *piece) {
    bool known = true;
    uint32_t code;
    for (size_t at = 0; known && at < piece->length;) {
        bool begins = at == 0;
        at += tok_read_char(piece->bytes + at, piece->length - at, &code);
        known = a->has[code];
        if (known) merge_words_symbol(w, begins ? chars[code].start : chars[code].inside);
    }
    merge_words_end(w, known ? piece->count : 0);
}

static bool check_size(const tok_training *how, int32_t needed, int64_t size, err *e) {
    char what[128];
    snprintf(what, sizeof what, "wordpiece needs " UNKNOWN ", %d characters", (int)needed - 1);
    return training_fits(how, size, needed, what, e);
}

bool train_wordpiece(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                     err *e) {
    tok->wordpiece = wordpiece_new();
    const char *prefix = tok->wordpiece->prefix.data;
    char_ids *chars = mem_new(TOK_CODES, sizeof *chars);
    alphabet a;
    find_continuing(chars, c);
    alphabet_choose(&a, c, how->character_coverage > 0 ? how->character_coverage : 1);
    tok->unk = vocab_add(&tok->vocab, UNKNOWN, strlen(UNKNOWN));
    add_alphabet(&tok->vocab, &a, chars, prefix);
    bool ok = check_size(how, tok->vocab.size, size, e);
    merge_words words = {0};
    for (size_t i = 0; ok && i < c->n; i++) add_word(&words, &a, chars, &c->pieces[i]);
    free(chars);
    alphabet_free(&a);
    ok = ok && learn_merges(&words, &tok->vocab, prefix, size, NULL, how, e);
    merge_words_free(&words);
    return ok;
}
