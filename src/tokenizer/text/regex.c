#include "tokenizer/text/regex.h"

#include <string.h>

/* The characters of \w in a class; alone it takes a few of Latin-1 more, in Oniguruma. PCRE2's own
 * \w differs with its version. */
#define WORD       "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
#define LATIN_WORD WORD "\u00B2\u00B3\u00B9\u00BC\u00BD\u00BE"

/* Escapes spelled anew; NULL = not within a class. */
static const struct {
    char letter;
    const char *alone, *in_class;
} escapes[] = {
    {'s', "\\p{White_Space}", "\\p{White_Space}"},
    {'S', "\\P{White_Space}", "\\P{White_Space}"},
    {'w', "[" LATIN_WORD "]", WORD},
    {'W', "[^" LATIN_WORD "]", NULL},
    {'b', "(?:(?<=[" LATIN_WORD "])(?![" LATIN_WORD "])|(?<![" LATIN_WORD "])(?=[" LATIN_WORD "]))",
     "\\b"}, /* in a class a backspace */
    {'B', "(?:(?<=[" LATIN_WORD "])(?=[" LATIN_WORD "])|(?<![" LATIN_WORD "])(?![" LATIN_WORD "]))",
     NULL},
    {'h', "[0-9a-fA-F]", "0-9a-fA-F"},
    {'H', "[^0-9a-fA-F]", NULL},
    {'v', "\\x0B", "\\x0B"},
};
enum { N_ESCAPES = sizeof escapes / sizeof *escapes };

typedef struct reading {
    const char *source;
    size_t n, at;
    bool in_class;
    size_t class_start; /* where a ']' would be a character of the class */
    str *out;
} reading;

static bool next_is(const reading *r, size_t ahead, char c) {
    return r->at + ahead < r->n && r->source[r->at + ahead] == c;
}

static void copy(reading *r, size_t n) {
    str_append(r->out, r->source + r->at, n);
    r->at += n;
}

/* Escapes that mean the same to both, and characters that are no letter. */
static bool is_common_escape(const reading *r) {
    char c = r->source[r->at + 1];
    if (c == 'p' || c == 'P') return next_is(r, 2, '{');
    bool letter = (unsigned)(c | 32) - 'a' < 26;
    return !letter || strchr("dDAzZGKNRXnrtfeaxk", c);
}

static bool read_escape(reading *r) {
    if (r->at + 1 == r->n) {
        copy(r, 1); /* PCRE2 tells what is wrong */
        return true;
    }
    for (int i = 0; i < N_ESCAPES; i++) {
        if (escapes[i].letter != r->source[r->at + 1]) continue;
        const char *spelled = r->in_class ? escapes[i].in_class : escapes[i].alone;
        if (!spelled) return false;
        str_append(r->out, spelled, strlen(spelled));
        r->at += 2;
        return true;
    }
    if (!is_common_escape(r)) return false;
    copy(r, 2);
    return true;
}

/* A class in a class is a set of its own to Oniguruma, and && is what two sets have in common. */
static bool read_in_class(reading *r) {
    if (next_is(r, 0, '[') || (next_is(r, 0, '&') && next_is(r, 1, '&'))) return false;
    r->in_class = !(next_is(r, 0, ']') && r->at != r->class_start);
    copy(r, 1);
    return true;
}

/* Options such as (?i) and (?m-i: ... : Ruby's m lets a dot match line breaks, as PCRE2's s. */
static void read_options(reading *r) {
    copy(r, 2);
    for (; r->at < r->n && strchr("imsx-", r->source[r->at]); r->at++)
        str_append(r->out, next_is(r, 0, 'm') ? "s" : r->source + r->at, 1);
}

static bool read_alone(reading *r) {
    if (next_is(r, 0, '{') && next_is(r, 1, ',')) return false; /* PCRE2's versions differ */
    if (next_is(r, 0, '(') && next_is(r, 1, '?')) {
        read_options(r);
        return true;
    }
    r->in_class = next_is(r, 0, '[');
    r->class_start = r->at + 1 + next_is(r, 1, '^');
    copy(r, 1);
    return true;
}

bool regex_translate(const char *source, size_t n, str *out, size_t *at, size_t *end) {
    reading r = {.source = source, .n = n, .out = out};
    while (r.at < n) {
        bool ok = source[r.at] == '\\' ? read_escape(&r)
                  : r.in_class         ? read_in_class(&r)
                                       : read_alone(&r);
        if (ok) continue;
        *at = r.at;
        *end = r.at + (source[r.at] == '[' ? 1 : 2);
        return false;
    }
    return true;
}
