/* The unigram model: every token has a log probability, a text is cut so that the sum is largest
 * (Viterbi), or at random by probability (Kudo 2018, "Subword regularization"). Private to this
 * folder. */
#ifndef TOKENIZER_UNIGRAM_H
#define TOKENIZER_UNIGRAM_H

#include "tokenizer/model/lattice.h"
#include "tokenizer/parts.h"

typedef struct unigram {
    double *scores; /* log probability of each vocab entry; made by the reader, one per piece */
    size_t n;
    bool *usable; /* entries that text may become (not unknown, control, byte); NULL = all but
                     unk, specials and byte pieces */
    /* Made by prepare. */
    struct trie *pieces;
    size_t longest;   /* bytes of the longest piece */
    double unk_score; /* lowest score - 10, as SentencePiece */
    int32_t byte_id[256];
} unigram;

unigram *unigram_new(void);
lattice unigram_lattice(const unigram *u);
/* Appends the id of the arc that begins at `text`. An unknown character is its bytes, or the
 * unknown token, once for a run of them: *in_run tells and is told. */
void unigram_append(const tokenizer *tok, const char *text, const lattice_arc *arc, bool *in_run,
                    tok_ids *out);

/* The functions of tok_model that have files of their own. */
void unigram_encode(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                    tok_ids *out);
void unigram_sample(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                    const tok_options *options, rng_stream *random, tok_ids *out);
void unigram_explain(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n, str *out);

#endif
