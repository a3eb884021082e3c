/* Viterbi: the best way to each place of the text is the best over the arcs that end there. A long
 * text is done in stretches: once the best ways to all places ahead have a place in common, what
 * lies before it is settled. What two texts of a stretch leave open is done again with twice the
 * memory, so that time stays linear. */
#include "tokenizer/model/unigram.h"

#include <string.h>

enum { STRETCH = 1 << 14, LONGEST_CHARACTER = 4 }; /* bytes */

/* The best way to a place: its last arc. */
typedef struct best_way {
    double score;
    int32_t id;
    uint32_t length; /* of the arc; 0 = no way leads here */
} best_way;

typedef struct viterbi {
    lattice of;
    const char *text; /* what is not settled yet */
    size_t n;
    best_way *best;  /* of the places 0 .. furthest */
    size_t furthest; /* to which an arc leads */
} viterbi;

/* Follows the arcs from `place`; returns the length of its character. */
static inline size_t relax(viterbi *v, size_t place) {
    lattice_arcs arcs = lattice_from(&v->of, v->text + place, v->n - place);
    double score = v->best[place].score;
    for (lattice_arc arc; lattice_next(&arcs, &arc);) {
        size_t end = place + arc.length;
        while (v->furthest < end) v->best[++v->furthest].length = 0;
        best_way *way = &v->best[end];
        if (way->length && score + arc.score <= way->score) continue;
        *way = (best_way){score + arc.score, arc.id, (uint32_t)arc.length};
    }
    return arcs.character;
}

/* The last place through which the best ways to `place` and to all places after it go. */
static size_t place_in_common(const viterbi *v, size_t place) {
    for (size_t ahead = place + 1; ahead <= v->furthest; ahead++) {
        if (!v->best[ahead].length) continue;
        for (size_t other = ahead; other != place;)
            *(other > place ? &other : &place) -= v->best[other > place ? other : place].length;
    }
    return place;
}

/* Turns the ways around: best[p] becomes the arc that leaves p on the best way to `end`. */
static void turn(best_way *best, size_t end) {
    best_way leaving = {0};
    for (size_t place = end;; place -= leaving.length) {
        best_way coming = best[place];
        best[place] = leaving;
        leaving = coming;
        if (place == 0) return;
    }
}

/* Appends the ids of the best way to `end` and moves what lies behind it to the front. */
static void settle(const tokenizer *tok, viterbi *v, size_t end, bool *in_run, tok_ids *out) {
    best_way last = v->best[end];
    turn(v->best, end);
    for (size_t place = 0; place < end; place += v->best[place].length) {
        lattice_arc arc = {.length = v->best[place].length, .id = v->best[place].id};
        unigram_append(tok, v->text + place, &arc, in_run, out);
    }
    v->best[end] = last;
    v->furthest -= end;
    memmove(v->best, v->best + end, (v->furthest + 1) * sizeof *v->best);
    v->text += end;
    v->n -= end;
}

/* Encodes the text as far as stretches of that many bytes suffice; the rest stays in v. */
static void run(const tokenizer *tok, viterbi *v, size_t stretch, bool *in_run, tok_ids *out) {
    size_t place = 0, settled = stretch;
    v->best[0] = (best_way){0};
    v->furthest = 0;
    while (v->n && settled >= stretch / 2) {
        size_t end = stretch < v->n ? stretch : v->n;
        while (place < end) place += relax(v, place);
        settled = place == v->n ? place : place_in_common(v, place);
        settle(tok, v, settled, in_run, out);
        place -= settled;
    }
}

void unigram_encode(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                    tok_ids *out) {
    const unigram *u = tok->unigram;
    viterbi v = {.of = unigram_lattice(u), .text = piece, .n = n};
    bool in_run = false;
    for (size_t stretch = STRETCH; v.n; stretch *= 2) {
        size_t reach = stretch + u->longest + LONGEST_CHARACTER;
        v.best = scratch_work(s, ((reach < v.n ? reach : v.n) + 1) * sizeof *v.best);
        run(tok, &v, stretch, &in_run, out);
    }
}
