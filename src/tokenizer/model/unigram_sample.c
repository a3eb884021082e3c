/* Forward filtering, backward sampling (Scott 2002), run from the end of the text to its beginning:
 * weight[p] = log of the summed probabilities, each to the power alpha, of all segmentations of
 * what follows p. Then each token is drawn in its turn by its probability to the power alpha times
 * the weight behind it. */
#include "tokenizer/model/unigram.h"

#include <math.h>

/* A longer text is drawn in parts, so that memory is bounded; no token crosses their borders. */
enum { LONGEST_PART = 1 << 16 }; /* bytes */

typedef struct weights {
    lattice of;
    const char *text;
    size_t n;
    double alpha;
    double *at; /* of each place; -INFINITY inside a character */
} weights;

/* The log weight of all that begins with that arc. */
static inline double arc_weight(const weights *w, size_t place, const lattice_arc *arc) {
    return w->alpha * arc->score + w->at[place + arc->length];
}

/* log(exp(a) + exp(b)); not both may be -INFINITY. */
static inline double log_add(double a, double b) {
    return fmax(a, b) + log1p(exp(-fabs(a - b)));
}

static double sum_of_arcs(const weights *w, size_t place) {
    double sum = -INFINITY;
    lattice_arcs arcs = lattice_from(&w->of, w->text + place, w->n - place);
    for (lattice_arc arc; lattice_next(&arcs, &arc);) {
        double weight = arc_weight(w, place, &arc);
        if (weight > -INFINITY) sum = log_add(sum, weight);
    }
    return sum;
}

static void filter(const weights *w) {
    for (size_t place = 0; place < w->n;) {
        size_t length = str_utf8_length(w->text + place, w->n - place);
        w->at[place] = 0;
        for (size_t i = 1; i < length; i++) w->at[place + i] = -INFINITY;
        place += length;
    }
    w->at[w->n] = 0;
    for (size_t place = w->n; place-- > 0;)
        if (w->at[place] > -INFINITY) w->at[place] = sum_of_arcs(w, place);
}

/* The arc that a number in [0, 1) picks, each by its share. */
static lattice_arc pick(const weights *w, size_t place, double number) {
    lattice_arc picked = {0};
    lattice_arcs arcs = lattice_from(&w->of, w->text + place, w->n - place);
    for (lattice_arc arc; number >= 0 && lattice_next(&arcs, &arc);) {
        double weight = arc_weight(w, place, &arc);
        if (weight == -INFINITY) continue;
        number -= exp(weight - w->at[place]);
        picked = arc;
    }
    return picked; /* the last one where rounding left the sum of the shares below 1 */
}

/* The end of the part that begins with text[0], n bytes being left. */
static size_t part_end(const char *text, size_t n) {
    size_t end = 0;
    while (end < n && end < LONGEST_PART) end += str_utf8_length(text + end, n - end);
    return end;
}

void unigram_sample(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                    const tok_options *options, rng_stream *random, tok_ids *out) {
    bool in_run = false;
    weights w = {.of = unigram_lattice(tok->unigram), .text = piece, .alpha = options->alpha};
    for (const char *end = piece + n; w.text < end; w.text += w.n) {
        w.n = part_end(w.text, (size_t)(end - w.text));
        w.at = scratch_work(s, (w.n + 1) * sizeof *w.at);
        filter(&w);
        for (size_t place = 0; place < w.n;) {
            lattice_arc arc = pick(&w, place, rng_next_unit(random));
            unigram_append(tok, w.text + place, &arc, &in_run, out);
            place += arc.length;
        }
    }
}
