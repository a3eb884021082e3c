/* Viterbi that keeps the two best ways to each place, to show how close the choice was. */
#include "tokenizer/model/unigram.h"

#include "base/mem.h"

#include <stdlib.h>

/* A way to a place: its last arc, and which of the ways to where that begins it goes on from. */
typedef struct way {
    double score;
    lattice_arc arc; /* length 0: no such way */
    int before;
} way;

typedef struct two_best {
    way way[2]; /* the better one first */
} two_best;

static void offer(two_best *place, way w) {
    if (!place->way[0].arc.length || w.score > place->way[0].score) {
        place->way[1] = place->way[0];
        place->way[0] = w;
    } else if (!place->way[1].arc.length || w.score > place->way[1].score) {
        place->way[1] = w;
    }
}

/* Returns the two best ways to each of the n + 1 places of the text (free with free). */
static two_best *find_ways(const lattice *of, const char *text, size_t n) {
    two_best *best = mem_new(n + 1, sizeof *best);
    best[0].way[0].arc.length = 1; /* one way leads to the beginning */
    for (size_t place = 0; place < n;) {
        lattice_arcs arcs = lattice_from(of, text + place, n - place);
        for (lattice_arc arc; lattice_next(&arcs, &arc);)
            for (int i = 0; i < 2 && best[place].way[i].arc.length; i++)
                offer(&best[place + arc.length],
                      (way){best[place].way[i].score + arc.score, arc, i});
        place += arcs.character;
    }
    return best;
}

static void append_arc(const char *text, const lattice_arc *arc, str *out) {
    str_append(out, "  ", 2);
    str_append(out, text, arc->length);
    str_printf(out, arc->id == ARC_UNKNOWN ? " %.4f (unknown)" : " %.4f", arc->score);
}

/* Appends the score of way number `which` to the end of the text, and its pieces in order. */
static void append_way(const two_best *best, const char *text, size_t n, int which, str *out) {
    lattice_arc *arcs = mem_new(n, sizeof *arcs), *first = arcs + n;
    str_printf(out, "%.4f =", best[n].way[which].score);
    for (size_t place = n; place > 0; place -= first->length) {
        const way *w = &best[place].way[which];
        *--first = w->arc;
        which = w->before;
    }
    for (size_t place = 0; place < n; place += first++->length)
        append_arc(text + place, first, out);
    str_append(out, "\n", 1);
    free(arcs);
}

void unigram_explain(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n, str *out) {
    (void)s;
    static const char *const names[] = {"best", "next"};
    lattice of = unigram_lattice(tok->unigram);
    two_best *best = find_ways(&of, piece, n);
    for (int which = 0; which < 2 && best[n].way[which].arc.length; which++) {
        str_printf(out, "%s ", names[which]);
        append_way(best, piece, n, which, out);
    }
    free(best);
}
