/* What lesson 1 computes: a text cut by several tokenizers, and what the ids of words say of the
 * words. */
#ifndef LESSON_01_TOKENS_H
#define LESSON_01_TOKENS_H

#include "base/err.h"
#include "tokenizer/tokenizer.h"

/* A text as one tokenizer cuts it. Release with tokens_cut_free. */
typedef struct tokens_cut {
    const char *name; /* "byte" */
    tokenizer *tok;
    tok_ids ids;
    str back;     /* what the ids decode to */
    bool is_same; /* that is the text again */
} tokens_cut;

/* Learns a tokenizer from n_sentences of the kingdom: all tokens, but for bpe vocab_size of them.
 * Returns new (free with tok_free), or NULL and e. */
tokenizer *tokens_learn(tok_type type, int64_t vocab_size, int64_t n_sentences, uint64_t seed,
                        err *e);
/* Cuts the text by a tokenizer that the cut owns from now on. */
tokens_cut tokens_cut_by(const char *name, tokenizer *tok, const char *text);
void tokens_cut_free(tokens_cut *cut);

enum { TOKENS_PAIRS = 72 };

/* The words of the kingdom that have a partner (king and queen, cat and cats), by two tokenizers of
 * words that have learned different texts of the same kind. */
typedef struct tokens_order {
    int64_t n_words;    /* that both know */
    int64_t n_same;     /* those with the same id in both */
    int64_t n_next;     /* those whose partner has the next id or the one before, in the first */
    double correlation; /* over all pairs of them: distance of the ids in the first, and 1 for
                           partners, 0 for others (Pearson) */
    double across;      /* over all pairs: distance in the first, and in the second */
} tokens_order;

tokens_order tokens_compare(const tokenizer *first, const tokenizer *second);

#endif
