/* All ways to cut a text into pieces: an arc leads from each place of the text to the end of each
 * piece that begins there. Private to this folder. */
#ifndef TOKENIZER_LATTICE_H
#define TOKENIZER_LATTICE_H

#include "base/str.h"
#include "tokenizer/model/trie.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lattice {
    const trie *pieces;
    const double *scores; /* log probability of each piece */
    double unknown;       /* of a character that is no piece */
} lattice;

enum { ARC_UNKNOWN = -1 };

typedef struct lattice_arc {
    size_t length; /* bytes, 1 or more */
    int32_t id;    /* or ARC_UNKNOWN: one character */
    double score;
} lattice_arc;

/* The arcs from one place, the shorter ones first; the unknown character, which is there when no
 * piece is exactly that character, comes last. */
typedef struct lattice_arcs {
    const lattice *of;
    const char *at;
    size_t n, length, character;
    int32_t node; /* -1: no piece goes on */
    bool character_is_known;
} lattice_arcs;

/* The arcs from the first of the n > 0 bytes at `at`, where a character begins. */
static inline lattice_arcs lattice_from(const lattice *of, const char *at, size_t n) {
    size_t character = (unsigned char)*at < 0x80 ? 1 : str_utf8_length(at, n);
    return (lattice_arcs){.of = of, .at = at, .n = n, .character = character};
}

/* Puts the next arc into *arc; false when there are no more. */
static inline bool lattice_next(lattice_arcs *a, lattice_arc *arc) {
    const trie *pieces = a->of->pieces;
    while (a->node >= 0 && a->length < a->n) {
        a->node = trie_step(pieces, a->node, (unsigned char)a->at[a->length]);
        if (a->node < 0) break;
        a->length++;
        int32_t id = trie_id(pieces, a->node);
        if (id < 0) continue;
        if (a->length == a->character) a->character_is_known = true;
        *arc = (lattice_arc){a->length, id, a->of->scores[id]};
        return true;
    }
    a->node = -1;
    if (a->character_is_known) return false;
    a->character_is_known = true; /* for the next call */
    *arc = (lattice_arc){a->character, ARC_UNKNOWN, a->of->unknown};
    return true;
}

#endif
