/* The stages of training a unigram model (Kudo 2018): seeds, expectation maximization, pruning.
 * Private to this folder. */
#ifndef TOKENIZER_UNIGRAM_TRAINING_H
#define TOKENIZER_UNIGRAM_TRAINING_H

#include "tokenizer/learn/count.h"
#include "tokenizer/model/lattice.h"

enum {
    UNIGRAM_LONGEST = 16,                     /* characters of a piece */
    UNIGRAM_STRETCH = 256,                    /* characters of a stretch */
    UNIGRAM_PLACES = 4 * UNIGRAM_STRETCH + 1, /* between the bytes of one, and its ends */
    UNIGRAM_SEEDS = 1000000
};

/* What is learned from: words, cut where a character gets no token and when they are very long.
 * UTF-8 throughout. Borrows from the counted pieces. */
typedef struct unigram_text {
    counted_piece *stretches;
    size_t n, capacity;
} unigram_text;

typedef struct unigram_candidate {
    const char *bytes; /* in the text */
    uint32_t length;
    double score; /* log probability */
} unigram_candidate;

static inline bool unigram_is_character(const unigram_candidate *c) {
    return str_utf8_length(c->bytes, c->length) == c->length;
}

/* By bytes; every character of the text is among them. */
typedef struct unigram_candidates {
    unigram_candidate *list;
    size_t n;
} unigram_candidates;

/* Fills `out` (free its list with free) with all characters and the UNIGRAM_SEEDS substrings of
 * largest frequency * length: of letters only or without any, "▁" only at the beginning. */
void unigram_seeds(const unigram_text *text, unigram_candidates *out);

/* A lattice of the candidates, whose ids are their places in the list. */
typedef struct unigram_lattice_memory {
    lattice of;
    trie *pieces;
    double *scores;
} unigram_lattice_memory;

void unigram_lattice_make(unigram_lattice_memory *l, const unigram_candidates *c);
void unigram_lattice_free(unigram_lattice_memory *l);

/* One step of expectation maximization: scores become digamma(n_i) - digamma(sum n), n_i being how
 * often candidate i is expected in all segmentations. Where n_i < 0.5, it goes, or counts as 0.5
 * when it is a character. All threads, the same result at any number. */
void unigram_em_step(const unigram_text *text, unigram_candidates *c);

/* Keeps all characters, and up to `keep` candidates in all: those without which the likelihood of
 * the best segmentations would fall most. All threads. */
void unigram_prune(const unigram_text *text, unigram_candidates *c, size_t keep);

#endif
