/* A unigram vocabulary from counted words: <unk>, bytes on demand, then pieces by falling score (as
 * SentencePiece's trainer). */
#include "tokenizer/learn/trainers.h"

#include "base/array.h"
#include "base/mem.h"
#include "tokenizer/learn/alphabet.h"
#include "tokenizer/learn/training_observer.h"
#include "tokenizer/learn/training_size.h"
#include "tokenizer/learn/unigram_training.h"
#include "tokenizer/model/unigram.h"
#include "tokenizer/text/chars.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COVERAGE  0.9995       /* of characters, where none is asked for */
#define SHRINKING 0.75         /* share of the candidates that a round of pruning keeps */
#define SPARE     1.1          /* candidates per token of the vocabulary when pruning ends */
enum { SUB_STEPS = 2 };        /* of expectation maximization between two rounds of pruning */
enum { MOST_BYTES = 1 << 27 }; /* of different words */
enum { N_META = 1 + 256 };     /* <unk> and the bytes */

static void add_stretch(unigram_text *text, counted_piece stretch) {
    if (stretch.length == 0) return;
    text->stretches =
        array_room(text->stretches, &text->capacity, text->n + 1, sizeof *text->stretches);
    text->stretches[text->n++] = stretch;
}

/* Adds the stretches of one word. */
static void add_word(unigram_text *text, const counted_piece *word, const alphabet *a) {
    counted_piece stretch = {.bytes = word->bytes, .count = word->count};
    int characters = 0;
    for (size_t at = 0; at < word->length;) {
        uint32_t code;
        size_t n = tok_read_char(word->bytes + at, word->length - at, &code);
        at += n;
        if (a->has[code]) stretch.length += (uint32_t)n;
        if (a->has[code] && ++characters < UNIGRAM_STRETCH) continue;
        add_stretch(text, stretch);
        stretch.bytes = word->bytes + at;
        stretch.length = 0;
        characters = 0;
    }
    add_stretch(text, stretch);
}

static void make_text(unigram_text *text, const counted_pieces *c, const alphabet *a,
                      const tok_training *how) {
    size_t left = MOST_BYTES, i = 0;
    for (; i < c->n && left; i++) {
        counted_piece word = c->pieces[i];
        if (word.length > left) word.length = (uint32_t)left;
        left -= word.length;
        add_word(text, &word, a);
    }
    if (i < c->n)
        training_warn(how, "unigram learns from the %zu most frequent of %zu different words", i,
                      c->n);
}

/* Steps and rounds until `wanted` candidates are left. How many that takes follows from how fast
 * they become fewer. */
static bool learn(const unigram_text *text, unigram_candidates *c, size_t wanted,
                  const tok_training *how, err *e) {
    double begin = log((double)c->n), end = log((double)wanted), done = 0;
    for (;;) {
        for (int step = 0; step < SUB_STEPS; step++) {
            unigram_em_step(text, c);
            if (!training_progress(how, "training", done, e)) return false;
        }
        if (c->n <= wanted) return training_progress(how, "training", 1, e);
        size_t keep = (size_t)(SHRINKING * (double)c->n);
        unigram_prune(text, c, keep > wanted ? keep : wanted);
        done = fmin(1, fmax(done, (begin - log((double)c->n)) / (begin - end)));
    }
}

/* By falling score, then by bytes. */
static int compare_scores(const void *a, const void *b) {
    const unigram_candidate *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return str_compare(x->bytes, x->length, y->bytes, y->length);
}

/* Keeps all characters and, of the others, those of highest score: `size` in all, by score. */
static void cut(unigram_candidates *c, size_t size, size_t n_characters) {
    size_t kept = 0, others = size - n_characters;
    qsort(c->list, c->n, sizeof *c->list, compare_scores);
    for (size_t i = 0; i < c->n; i++) {
        bool character = unigram_is_character(&c->list[i]);
        if (!character && others == 0) continue;
        others -= !character;
        c->list[kept++] = c->list[i];
    }
    c->n = kept;
}

/* The vocabulary and the scores. */
static void fill_model(tokenizer *tok, const unigram_candidates *c, bool byte_fallback) {
    vocab *v = &tok->vocab;
    unigram *u = tok->unigram = unigram_new();
    u->scores = mem_new(N_META + c->n, sizeof *u->scores);
    tok->unk = vocab_add(v, TOK_UNK_PIECE, strlen(TOK_UNK_PIECE));
    tok->byte_fallback = byte_fallback;
    for (int byte = 0; byte_fallback && byte < 256; byte++) byte_piece_add(v, (unsigned char)byte);
    for (size_t i = 0; i < c->n; i++) {
        int32_t id = vocab_add(v, c->list[i].bytes, c->list[i].length);
        u->scores[id] = (float)c->list[i].score; /* as SentencePiece's files hold it */
    }
    u->n = (size_t)v->size;
}

static bool check_size(const tok_training *how, size_t n_meta, size_t n_characters, int64_t size,
                       err *e) {
    char what[128];
    snprintf(what, sizeof what, "unigram needs " TOK_UNK_PIECE ",%s %zu characters",
             how->byte_fallback ? " 256 bytes," : "", n_characters);
    return training_fits(how, size, (int64_t)(n_meta + n_characters), what, e);
}

bool train_unigram(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
                   err *e) {
    alphabet a;
    unigram_text text = {0};
    unigram_candidates candidates = {0};
    size_t n_meta = how->byte_fallback ? N_META : 1;
    alphabet_choose(&a, c, how->character_coverage > 0 ? how->character_coverage : COVERAGE);
    bool ok = check_size(how, n_meta, a.n, size, e) && training_progress(how, "training", 0, e);
    if (ok) {
        make_text(&text, c, &a, how);
        unigram_seeds(&text, &candidates);
        ok = learn(&text, &candidates, (size_t)(SPARE * (double)size), how, e);
    }
    if (ok) {
        cut(&candidates, (size_t)size - n_meta, a.n);
        fill_model(tok, &candidates, how->byte_fallback);
    }
    free(candidates.list);
    free(text.stretches);
    alphabet_free(&a);
    return ok;
}
