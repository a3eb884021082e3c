/* Seeds: the substrings of words after which the text goes on in more than one way, from a suffix
 * array. A word of count c stands for c words, each with its own end. */
#include "tokenizer/learn/unigram_training.h"

#include "base/array.h"
#include "base/mem.h"
#include "tokenizer/learn/suffix_array.h"
#include "tokenizer/text/chars.h"

#include <math.h>
#include <stdlib.h>
#include <utf8proc.h>

enum { END = 0, BLANK = 0x2581, LETTER = 1 << 30 }; /* numbers for characters */

typedef struct letters {
    uint32_t *numbers; /* code + 1 of each character, with LETTER for letters and marks; END behind
                          each stretch */
    uint32_t *stretch, *offset; /* of each character: where its bytes are */
    size_t n;
    uint32_t *suffixes; /* places of characters, sorted */
    size_t n_suffixes;
} letters;

static uint32_t number_of(uint32_t code) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    bool letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
    return letter ? (code + 1) | LETTER : code + 1;
}

static void letters_make(letters *l, const unigram_text *text) {
    size_t room = 0;
    for (size_t i = 0; i < text->n; i++) room += text->stretches[i].length + 1;
    l->numbers = mem_new(room, sizeof *l->numbers);
    l->stretch = mem_new(room, sizeof *l->stretch);
    l->offset = mem_new(room, sizeof *l->offset);
    l->suffixes = mem_new(room, sizeof *l->suffixes);
    for (size_t i = 0; i < text->n; i++, l->n++) {
        const counted_piece *s = &text->stretches[i];
        for (uint32_t at = 0, code; at < s->length; l->n++) {
            l->stretch[l->n] = (uint32_t)i;
            l->offset[l->n] = at;
            at += (uint32_t)tok_read_char(s->bytes + at, s->length - at, &code);
            l->numbers[l->n] = number_of(code);
            l->suffixes[l->n_suffixes++] = (uint32_t)l->n;
        }
    }
    suffix_sort(l->numbers, l->suffixes, l->n_suffixes, UNIGRAM_LONGEST);
}

static void letters_free(letters *l) {
    free(l->numbers);
    free(l->stretch);
    free(l->offset);
    free(l->suffixes);
}

/* A substring: where it stands once, and how often it occurs in the text. */
typedef struct seed {
    uint32_t place, length; /* characters */
    int64_t count;
} seed;

typedef struct seeds {
    const letters *letters;
    seed *list;
    size_t n, capacity;
} seeds;

/* Letters only, or none; "\u2581" at the beginning only. */
static bool can_be_piece(const letters *l, const seed *s) {
    const uint32_t *numbers = l->numbers + s->place;
    uint32_t first = numbers[0] == BLANK + 1;
    for (uint32_t i = first; i < s->length; i++)
        if (numbers[i] == BLANK + 1 || (numbers[i] & LETTER) != (numbers[first] & LETTER))
            return false;
    return true;
}

static void add_seed(seeds *all, seed s) {
    if (s.length > 1 && (s.count < 2 || !can_be_piece(all->letters, &s))) return;
    all->list = array_room(all->list, &all->capacity, all->n + 1, sizeof *all->list);
    all->list[all->n++] = s;
}

/* Suffixes from `first` on that agree in `length` numbers. */
typedef struct interval {
    int length;
    uint32_t place;
    int64_t before; /* counts of all suffixes before the first */
} interval;

/* Takes all substrings that are followed by different characters or ends: the inner nodes and
 * leaves of the suffix tree, met in the order of their last suffix (Kasai et al. 2001); and all
 * single characters. */
static void find_seeds(seeds *all, const unigram_text *text) {
    const letters *l = all->letters;
    interval open[UNIGRAM_LONGEST + 1] = {{0}};
    int n_open = 0;
    int64_t before = 0;
    for (size_t i = 0; i <= l->n_suffixes; i++) {
        uint32_t place = i < l->n_suffixes ? l->suffixes[i] : 0;
        int common = 0;
        if (i > 0 && i < l->n_suffixes)
            common = suffix_common(l->numbers, l->suffixes[i - 1], place, UNIGRAM_LONGEST);
        interval next = {common, place, before};
        while (n_open && open[n_open - 1].length > common) {
            next = open[--n_open];
            add_seed(all, (seed){next.place, (uint32_t)next.length, before - next.before});
        }
        if (common > (n_open ? open[n_open - 1].length : 0))
            open[n_open++] = (interval){common, next.place, next.before};
        if (i == l->n_suffixes) break;
        int length = suffix_length(l->numbers, place, UNIGRAM_LONGEST);
        if (common == 0) open[n_open++] = (interval){1, place, before};
        if (length > common && length > 1) open[n_open++] = (interval){length, place, before};
        before += text->stretches[l->stretch[place]].count;
    }
}

static double weight_of(const seed *s) {
    return (double)s->count * s->length;
}

/* Characters, then by falling weight; of equals any order that is one does. */
static int compare_seeds(const void *a, const void *b) {
    const seed *x = a, *y = b;
    if ((x->length == 1) != (y->length == 1)) return x->length == 1 ? -1 : 1;
    if (weight_of(x) != weight_of(y)) return weight_of(x) < weight_of(y) ? 1 : -1;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return (x->length > y->length) - (x->length < y->length);
}

static int compare_candidates(const void *a, const void *b) {
    const unigram_candidate *x = a, *y = b;
    return str_compare(x->bytes, x->length, y->bytes, y->length);
}

/* The candidates of the first n seeds, with scores by their weights. */
static void take_seeds(const seeds *all, size_t n, const unigram_text *text,
                       unigram_candidates *out) {
    const letters *l = all->letters;
    double sum = 0;
    *out = (unigram_candidates){.list = mem_new(n, sizeof *out->list), .n = n};
    for (size_t i = 0; i < n; i++) sum += weight_of(&all->list[i]);
    for (size_t i = 0; i < n; i++) {
        const seed *s = &all->list[i];
        const counted_piece *stretch = &text->stretches[l->stretch[s->place]];
        uint32_t begin = l->offset[s->place], last = s->place + s->length;
        uint32_t end = l->numbers[last] == END ? stretch->length : l->offset[last];
        out->list[i] =
            (unigram_candidate){stretch->bytes + begin, end - begin, log(weight_of(s) / sum)};
    }
    qsort(out->list, n, sizeof *out->list, compare_candidates);
}

void unigram_seeds(const unigram_text *text, unigram_candidates *out) {
    letters l = {0};
    letters_make(&l, text);
    seeds all = {.letters = &l};
    find_seeds(&all, text);
    size_t characters = 0;
    for (size_t i = 0; i < all.n; i++) characters += all.list[i].length == 1;
    if (all.n) qsort(all.list, all.n, sizeof *all.list, compare_seeds);
    size_t most = characters + UNIGRAM_SEEDS;
    take_seeds(&all, all.n < most ? all.n : most, text, out);
    free(all.list);
    letters_free(&l);
}
