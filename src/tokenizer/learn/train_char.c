/* The vocabulary of type char: the most frequent characters in code-point order, <unk> last. */
#include "tokenizer/learn/trainers.h"

#include "base/mem.h"
#include "tokenizer/text/chars.h"

#include <stdlib.h>
#include <string.h>

static int compare_codes(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The codes of the characters to keep, which are counted by falling count; returns their number. */
static size_t choose(uint32_t *codes, const tok_training *how, const counted_pieces *c,
                     int64_t size) {
    double share = how->character_coverage > 0 ? how->character_coverage : 1;
    int64_t covered = 0;
    size_t n = 0;
    for (; n < c->n && (int64_t)n < size; n++) {
        if (c->pieces[n].count < how->min_frequency) break;
        if ((double)covered >= share * (double)c->total) break;
        covered += c->pieces[n].count;
        tok_read_char(c->pieces[n].bytes, c->pieces[n].length, &codes[n]);
    }
    return n;
}

/* A byte that is not UTF-8 and NUL are spelled "<0xE9>". */
static void add_char(vocab *v, uint32_t code) {
    char piece[4];
    if (code == 0 || code >= TOK_LONE_BYTE)
        byte_piece_add(v, (unsigned char)code);
    else
        vocab_add(v, piece, tok_write_char(piece, code));
}

bool train_char(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                err *e) {
    (void)e;
    uint32_t *codes = mem_new(c->n, sizeof *codes);
    size_t n = choose(codes, how, c, size - 1);
    qsort(codes, n, sizeof *codes, compare_codes);
    for (size_t i = 0; i < n; i++) add_char(&tok->vocab, codes[i]);
    tok->unk = vocab_add(&tok->vocab, TOK_UNK_PIECE, strlen(TOK_UNK_PIECE));
    free(codes);
    return true;
}
