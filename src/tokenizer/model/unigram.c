#include "tokenizer/model/unigram.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { UNKNOWN_PENALTY = 10 };

unigram *unigram_new(void) {
    return mem_new(1, sizeof(unigram));
}

static void free_unigram(tokenizer *tok) {
    unigram *u = tok->unigram;
    if (!u) return;
    free(u->scores);
    free(u->usable);
    trie_free(u->pieces);
    free(u);
}

lattice unigram_lattice(const unigram *u) {
    return (lattice){.pieces = u->pieces, .scores = u->scores, .unknown = u->unk_score};
}

void unigram_append(const tokenizer *tok, const char *text, const lattice_arc *arc, bool *in_run,
                    tok_ids *out) {
    bool unknown = arc->id == ARC_UNKNOWN, again = unknown && *in_run;
    *in_run = unknown;
    if (!unknown)
        tok_ids_append(out, arc->id);
    else if (tok->byte_fallback)
        for (size_t i = 0; i < arc->length; i++)
            tok_ids_append(out, tok->unigram->byte_id[(unsigned char)text[i]]);
    else if (tok->unk >= 0 && !(again && tok->fuse_unk))
        tok_ids_append(out, tok->unk);
}

static bool is_usable(const tokenizer *tok, int32_t id) {
    if (tok->unigram->usable) return tok->unigram->usable[id];
    size_t len;
    const char *piece = vocab_piece(&tok->vocab, id, &len);
    const special_token *special = special_of(&tok->specials, id);
    return id != tok->unk && !(special && special->special) &&
           !(tok->byte_fallback && byte_of_piece(piece, len) >= 0);
}

static bool prepare(tokenizer *tok, const char *name, err *e) {
    unigram *u = tok->unigram;
    if (u->n > (size_t)tok->vocab.size)
        return err_set(e, ERR_INPUT, "%s: %zu scores for %d tokens", name, u->n,
                       (int)tok->vocab.size);
    byte_pieces_find(&tok->vocab, u->byte_id);
    double lowest = 0;
    u->pieces = trie_new();
    for (int32_t id = 0; id < (int32_t)u->n; id++) {
        if (!isfinite(u->scores[id]))
            return err_set(e, ERR_INPUT, "%s: the score of token %d is not a finite number", name,
                           (int)id);
        if (!is_usable(tok, id)) continue;
        size_t len;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        trie_add(u->pieces, piece, len, id);
        u->longest = len > u->longest ? len : u->longest;
        lowest = fmin(lowest, u->scores[id]);
    }
    trie_pack(u->pieces);
    u->unk_score = lowest - UNKNOWN_PENALTY;
    return true;
}

const tok_model tok_model_unigram = {
    .name = "unigram",
    .prepare = prepare,
    .encode = unigram_encode,
    .sample = unigram_sample,
    .explain = unigram_explain,
    .free = free_unigram,
    .caches = true,
};
