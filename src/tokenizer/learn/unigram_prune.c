#include "tokenizer/learn/unigram_training.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* The best way to a place of a stretch: its last arc. */
typedef struct best_way {
    double score;
    int32_t id;
    uint32_t length; /* 0 = no way leads here */
} best_way;

enum { NONE = -2 };

/* Fills way[0..n] for a text of n < UNIGRAM_PLACES bytes; candidate `without` takes no part. Every
 * character is a candidate, so that none is unknown. */
static void find_best(const lattice *of, const char *text, size_t n, int32_t without,
                      best_way *way) {
    for (size_t place = 0; place <= n; place++) way[place] = (best_way){0};
    for (size_t place = 0; place < n;) {
        lattice_arcs arcs = lattice_from(of, text + place, n - place);
        for (lattice_arc arc; lattice_next(&arcs, &arc);) {
            double score = way[place].score + arc.score;
            best_way *end = &way[place + arc.length];
            if (arc.id == without || (end->length && score <= end->score)) continue;
            *end = (best_way){score, arc.id, (uint32_t)arc.length};
        }
        place += arcs.character;
    }
}

/* Returns how often each candidate occurs in the best segmentations (free with free). */
static int64_t *count_best(const unigram_text *text, const lattice *of, size_t n) {
    int64_t *counts = mem_new(n, sizeof *counts);
#pragma omp parallel for schedule(dynamic, 256)
    for (size_t i = 0; i < text->n; i++) {
        const counted_piece *s = &text->stretches[i];
        best_way way[UNIGRAM_PLACES];
        find_best(of, s->bytes, s->length, NONE, way);
        for (size_t place = s->length; place > 0; place -= way[place].length) {
#pragma omp atomic /* whole numbers: the order does not matter */
            counts[way[place].id] += s->count;
        }
    }
    return counts;
}

/* How much the log likelihood of the best segmentations, in which all candidates occur `total`
 * times, falls without candidate i: each of its occurrences becomes the best other way to cut its
 * own text, whose parts occur as much more often. INFINITY for a character; -INFINITY where the
 * candidate is not used, or not the best way to cut its own text. */
static double loss_without(const lattice *of, const unigram_candidates *c, const int64_t *counts,
                           int64_t total, size_t i) {
    best_way way[4 * UNIGRAM_LONGEST + 1];
    const unigram_candidate *piece = &c->list[i];
    double own = (double)counts[i], alternative = 0;
    int parts = 0;
    if (unigram_is_character(piece)) return INFINITY;
    find_best(of, piece->bytes, piece->length, (int32_t)i, way);
    if (own == 0 || way[piece->length].score > piece->score) return -INFINITY;
    for (size_t place = piece->length; place > 0; place -= way[place].length, parts++)
        alternative += log((double)counts[way[place].id] + own);
    alternative -= parts * log((double)total + own * (parts - 1));
    return own * (log(own / (double)total) - alternative);
}

typedef struct loss {
    double loss;
    size_t candidate;
} loss;

/* By falling loss, equals in their order. */
static int compare_losses(const void *a, const void *b) {
    const loss *x = a, *y = b;
    if (x->loss != y->loss) return x->loss < y->loss ? 1 : -1;
    return x->candidate < y->candidate ? -1 : x->candidate > y->candidate;
}

static loss *find_losses(const unigram_text *text, const unigram_candidates *c) {
    unigram_lattice_memory l;
    unigram_lattice_make(&l, c);
    int64_t *counts = count_best(text, &l.of, c->n), total = 0;
    for (size_t i = 0; i < c->n; i++) total += counts[i];
    loss *losses = mem_new(c->n, sizeof *losses);
#pragma omp parallel for schedule(dynamic, 256)
    for (size_t i = 0; i < c->n; i++)
        losses[i] = (loss){loss_without(&l.of, c, counts, total, i), i};
    free(counts);
    unigram_lattice_free(&l);
    return losses;
}

void unigram_prune(const unigram_text *text, unigram_candidates *c, size_t keep) {
    loss *losses = find_losses(text, c);
    bool *kept = mem_new(c->n, sizeof *kept);
    qsort(losses, c->n, sizeof *losses, compare_losses);
    for (size_t i = 0; i < c->n; i++)
        kept[losses[i].candidate] = losses[i].loss > (i < keep ? -INFINITY : DBL_MAX);
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (kept[i]) c->list[n++] = c->list[i];
    c->n = n;
    free(losses);
    free(kept);
}
