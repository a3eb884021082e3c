#include "tokenizer/cuts.h"

#include "base/mem.h"
#include "tokenizer/model/bpe.h"

#include <string.h>

/* What stands for a blank in the pieces that the model gets, or NULL where no part writes it last.
 */
static const str *metaspace_of(const tokenizer *tok) {
    const splitter *sp = &tok->splitter;
    if (sp->n) {
        const split_step *last = &sp->steps[sp->n - 1];
        return last->kind == SPLIT_METASPACE ? &last->replacement : NULL;
    }
    for (size_t i = 0; i < tok->normalizer.n; i++) {
        const norm_step *step = &tok->normalizer.steps[i];
        if (norm_step_replaces_blanks(step) && step->text.len &&
            strcmp(step->text.data, SPLIT_METASPACE_CHAR) == 0)
            return &step->text;
    }
    return NULL;
}

/* Whether `space` stands in the piece behind something that is not `space`. */
static bool has_inner_space(const char *piece, size_t len, const str *space) {
    size_t at = 0;
    while (len - at >= space->len && memcmp(piece + at, space->data, space->len) == 0)
        at += space->len;
    for (; at + space->len <= len; at++)
        if (memcmp(piece + at, space->data, space->len) == 0) return true;
    return false;
}

static bool no_inner_space(const tokenizer *tok, const str *space) {
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        if (has_inner_space(piece, len, space) && !special_of(&tok->specials, id)) return false;
    }
    return true;
}

/* Whether text can become the token of that one character: else it may be a part of a run of
 * unknown ones. */
static bool is_known(const tokenizer *tok, char c) {
    int32_t id = vocab_find(&tok->vocab, &c, 1);
    return id >= 0 && id != tok->unk && !special_of(&tok->specials, id);
}

/* The pairs of known characters that stand side by side in no piece. */
static char_pairs *apart_in_all_pieces(const tokenizer *tok) {
    char_pairs *pairs = mem_new(1, sizeof *pairs);
    bool known[128];
    for (int c = 0; c < 128; c++) known[c] = is_known(tok, (char)c);
    for (int a = 0; a < 128; a++)
        for (int b = 0; b < 128; b++)
            if (known[a] && known[b]) char_pairs_add(pairs, (unsigned char)a, (unsigned char)b);
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len;
        const unsigned char *piece = (const unsigned char *)vocab_piece(&tok->vocab, id, &len);
        for (size_t i = 1; i < len; i++)
            if ((piece[i - 1] | piece[i]) < 0x80) char_pairs_remove(pairs, piece[i - 1], piece[i]);
    }
    return pairs;
}

/* Whether the ids of a text are those of its parts wherever no token lies across the cut; affixes
 * tell the ends of a piece from its middle. */
static bool merges_alike_everywhere(const tokenizer *tok) {
    return tok->type == TOK_BPE && !tok->bpe->continuing_prefix.len && !tok->bpe->end_suffix.len;
}

void find_cuts(tokenizer *tok) {
    splitter *sp = &tok->splitter;
    sp->cut_at_blanks = tok->type == TOK_BYTE || tok->type == TOK_CHAR;
    const str *space = metaspace_of(tok);
    bool merges = merges_alike_everywhere(tok);
    if (!(merges || tok->type == TOK_UNIGRAM) || !space || !space->len) return;
    /* Not for unigram: sums of scores that begin elsewhere round elsewhere, and decide ties. */
    if (merges) sp->cut_pairs = apart_in_all_pieces(tok);
    sp->cut_at_blanks = vocab_find(&tok->vocab, space->data, space->len) >= 0 && /* not unknown */
                        no_inner_space(tok, space);
}
