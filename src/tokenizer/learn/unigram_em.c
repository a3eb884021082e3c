#include "tokenizer/learn/unigram_training.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define RAREST 0.5 /* expected occurrences of a candidate that stays */

/* Sums are taken in this many parts, whatever the number of threads, and added in order. */
enum { PARTS = 16 };

void unigram_lattice_make(unigram_lattice_memory *l, const unigram_candidates *c) {
    l->pieces = trie_new();
    l->scores = mem_new(c->n, sizeof *l->scores);
    for (size_t i = 0; i < c->n; i++) {
        trie_add(l->pieces, c->list[i].bytes, c->list[i].length, (int32_t)i);
        l->scores[i] = c->list[i].score;
    }
    trie_pack(l->pieces);
    l->of = (lattice){l->pieces, l->scores, -INFINITY}; /* no character is unknown */
}

void unigram_lattice_free(unigram_lattice_memory *l) {
    trie_free(l->pieces);
    free(l->scores);
}

enum { ARCS = UNIGRAM_STRETCH * (UNIGRAM_LONGEST + 1) };

typedef struct placed_arc {
    uint32_t begin, end;
    int32_t id;
    double score;
} placed_arc;

/* log of a sum of exponentials, kept as largest * sum. */
typedef struct log_sum {
    double largest, sum;
} log_sum;

static inline void log_sum_add(log_sum *s, double x) {
    if (s->sum == 0) {
        *s = (log_sum){x, 1};
    } else if (x <= s->largest) {
        s->sum += exp(x - s->largest);
    } else {
        *s = (log_sum){x, s->sum * exp(s->largest - x) + 1};
    }
}

static inline double log_sum_of(const log_sum *s) {
    return s->largest + log(s->sum);
}

/* The lattice of one stretch, and the log probabilities of all ways to and from each place. */
typedef struct forward_backward {
    placed_arc arcs[ARCS]; /* by begin */
    size_t n_arcs;
    log_sum sums[UNIGRAM_PLACES];
    double ahead[UNIGRAM_PLACES], behind[UNIGRAM_PLACES];
} forward_backward;

static void go_forward(forward_backward *f, const lattice *of, const counted_piece *s) {
    for (size_t place = 1; place <= s->length; place++) f->sums[place].sum = 0;
    f->sums[0] = (log_sum){0, 1};
    f->n_arcs = 0;
    for (size_t place = 0; place < s->length;) {
        f->ahead[place] = log_sum_of(&f->sums[place]);
        lattice_arcs arcs = lattice_from(of, s->bytes + place, s->length - place);
        for (lattice_arc arc; lattice_next(&arcs, &arc);) {
            uint32_t end = (uint32_t)(place + arc.length);
            f->arcs[f->n_arcs++] = (placed_arc){(uint32_t)place, end, arc.id, arc.score};
            log_sum_add(&f->sums[end], f->ahead[place] + arc.score);
        }
        place += arcs.character;
    }
    f->ahead[s->length] = log_sum_of(&f->sums[s->length]);
}

/* Adds to expected[] how often each candidate occurs in segmentations drawn by probability. */
static void go_back(forward_backward *f, const counted_piece *s, double *expected) {
    double all = f->ahead[s->length];
    f->behind[s->length] = 0;
    for (size_t i = f->n_arcs; i > 0;) {
        uint32_t begin = f->arcs[i - 1].begin;
        log_sum sum = {0};
        for (; i > 0 && f->arcs[i - 1].begin == begin; i--) {
            const placed_arc *arc = &f->arcs[i - 1];
            double way = arc->score + f->behind[arc->end];
            log_sum_add(&sum, way);
            expected[arc->id] += (double)s->count * exp(f->ahead[begin] + way - all);
        }
        f->behind[begin] = log_sum_of(&sum);
    }
}

/* Returns the expected counts of n candidates (free with free). */
static double *expect(const unigram_text *text, const lattice *of, size_t n) {
    double *parts = mem_new(PARTS * n, sizeof *parts);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t part = 0; part < PARTS; part++) {
        forward_backward *f = mem_new(1, sizeof *f);
        for (size_t i = part; i < text->n; i += PARTS) {
            go_forward(f, of, &text->stretches[i]);
            go_back(f, &text->stretches[i], parts + part * n);
        }
        free(f);
    }
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++)
        for (size_t part = 1; part < PARTS; part++) parts[i] += parts[part * n + i];
    return parts;
}

/* The derivative of log gamma at x > 0: its recurrence up to 7, then Stirling's series. */
static double digamma(double x) {
    double result = 0;
    for (; x < 7; x++) result -= 1 / x;
    double y = 1 / (x * x);
    return result + log(x) - 1 / (2 * x) -
           y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
}

void unigram_em_step(const unigram_text *text, unigram_candidates *c) {
    unigram_lattice_memory l;
    unigram_lattice_make(&l, c);
    double *expected = expect(text, &l.of, c->n), sum = 0;
    unigram_lattice_free(&l);
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (expected[i] < RAREST && !unigram_is_character(&c->list[i])) continue;
        double often = fmax(expected[i], RAREST);
        c->list[kept] = c->list[i];
        c->list[kept++].score = digamma(often);
        sum += often;
    }
    c->n = kept;
    double all = digamma(sum);
    for (size_t i = 0; i < c->n; i++) c->list[i].score -= all;
    free(expected);
}
