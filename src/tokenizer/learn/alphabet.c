#include "tokenizer/learn/alphabet.h"

#include "base/mem.h"
#include "tokenizer/text/chars.h"

#include <stdlib.h>

static int compare_chars(const void *a, const void *b) {
    const alphabet_char *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return (x->code > y->code) - (x->code < y->code);
}

/* Returns the count of each code (free with free). */
static int64_t *count_codes(const counted_pieces *c) {
    int64_t *counts = mem_new(TOK_CODES, sizeof *counts);
    for (size_t i = 0; i < c->n; i++) {
        const counted_piece *piece = &c->pieces[i];
        uint32_t code;
        for (size_t at = 0; at < piece->length; counts[code] += piece->count)
            at += tok_read_char(piece->bytes + at, piece->length - at, &code);
    }
    return counts;
}

void alphabet_choose(alphabet *a, const counted_pieces *c, double coverage) {
    int64_t *counts = count_codes(c), total = 0, covered = 0;
    *a = (alphabet){.chars = mem_new(TOK_LONE_BYTE, sizeof *a->chars),
                    .has = mem_new(TOK_CODES, sizeof *a->has)};
    size_t n = 0;
    for (uint32_t code = 1; code < TOK_LONE_BYTE; code++) {
        if (counts[code]) a->chars[n++] = (alphabet_char){counts[code], code};
        total += counts[code];
    }
    free(counts);
    qsort(a->chars, n, sizeof *a->chars, compare_chars);
    for (; a->n < n && (double)covered < coverage * (double)total; a->n++) {
        covered += a->chars[a->n].count;
        a->has[a->chars[a->n].code] = true;
    }
}

void alphabet_free(alphabet *a) {
    free(a->chars);
    free(a->has);
    *a = (alphabet){0};
}
