#include "tokenizer/text/normalizer.h"

#include "tokenizer/text/char_class.h"
#include "tokenizer/text/chars.h"
#include "tokenizer/text/charsmap.h"
#include "tokenizer/text/normalize_unicode.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

norm_step *normalizer_add(normalizer *norm, norm_kind kind) {
    norm->steps = mem_resize(norm->steps, norm->n + 1, sizeof *norm->steps);
    norm_step *step = &norm->steps[norm->n++];
    *step = (norm_step){.kind = kind};
    return step;
}

bool normalizer_add_replace(normalizer *norm, const char *source, bool literal, const char *by,
                            const char *name, err *e) {
    norm_step *step = normalizer_add(norm, NORM_REPLACE);
    str_append(&step->text, by, strlen(by));
    step->pattern = pattern_new(source, strlen(source), literal, name, e);
    return step->pattern;
}

void normalizer_free(normalizer *norm) {
    for (size_t i = 0; i < norm->n; i++) {
        str_free(&norm->steps[i].text);
        pattern_free(norm->steps[i].pattern);
        charsmap_free(norm->steps[i].map);
    }
    free(norm->steps);
    *norm = (normalizer){0};
}

/* A text on its way through the steps: at first the caller's, then in the one or the other buffer
 * of s. */
typedef struct passing {
    const char *text;
    size_t n;
    tok_scratch *s;
    int next; /* the buffer that the text is not in */
} passing;

/* The emptied buffer that the next step writes to; pass_end makes it the text. */
static str *pass_begin(passing *p) {
    p->s->normalized[p->next].len = 0;
    return &p->s->normalized[p->next];
}

static void pass_end(passing *p) {
    const str *out = &p->s->normalized[p->next];
    p->text = out->len ? out->data : "";
    p->n = out->len;
    p->next ^= 1;
}

static bool is_ascii(const passing *p) {
    return unicode_ascii_length(p->text, p->n) == p->n;
}

static void to_form(passing *p, bool composed, bool compatibility) {
    if (is_ascii(p)) return;
    unicode_normalize(composed, compatibility, p->text, p->n, p->s, pass_begin(p));
    pass_end(p);
}

static void to_lower(passing *p) {
    unicode_lower(p->text, p->n, pass_begin(p));
    pass_end(p);
}

static void strip_marks(passing *p, bool all) {
    if (is_ascii(p)) return;
    unicode_strip_marks(p->text, p->n, all, pass_begin(p));
    pass_end(p);
}

static void strip_ends(passing *p, bool left, bool right) {
    uint32_t code;
    size_t len;
    while (left && p->n &&
           (len = tok_read_char(p->text, p->n, &code), char_class(code) & CHAR_SPACE)) {
        p->text += len;
        p->n -= len;
    }
    while (right && p->n &&
           (len = tok_read_char_before(p->text, p->n, &code), char_class(code) & CHAR_SPACE))
        p->n -= len;
}

static void prepend(passing *p, const str *text) {
    if (p->n == 0) return;
    str *out = pass_begin(p);
    str_append(out, text->data, text->len);
    str_append(out, p->text, p->n);
    pass_end(p);
}

/* Whether the step replaces matches of exactly that regular expression. */
static bool replaces(const norm_step *step, const char *expression) {
    if (step->kind != NORM_REPLACE || pattern_is_literal(step->pattern)) return false;
    size_t n;
    const char *source = pattern_source(step->pattern, &n);
    return n == strlen(expression) && memcmp(source, expression, n) == 0;
}

/* Appends the valid UTF-8 text[0..n) with each match replaced. */
static void replace_matches(const norm_step *step, tok_scratch *s, const char *text, size_t n,
                            str *out) {
    size_t at = 0, begin, end;
    while (at < n && pattern_find(step->pattern, s, text, n, at, &begin, &end)) {
        str_append(out, text + at, begin - at);
        str_append(out, step->text.data, step->text.len);
        at = end;
    }
    str_append(out, text + at, n - at);
}

static void replace(passing *p, const norm_step *step) {
    str *out = pass_begin(p);
    bool begin = replaces(step, NORM_LEADING_BLANKS), end = replaces(step, NORM_TRAILING_BLANKS);
    for (size_t i = 0; i < p->n;) {
        size_t valid = str_utf8_valid(p->text + i, p->n - i);
        bool inside = (begin && i > 0) || (end && i + valid < p->n);
        if (inside)
            str_append(out, p->text + i, valid);
        else
            replace_matches(step, p->s, p->text + i, valid, out);
        i += valid;
        if (i < p->n) str_append(out, p->text + i++, 1);
    }
    pass_end(p);
}

static void to_bert(passing *p, const norm_step *step) {
    if (step->clean_text || step->handle_chinese_chars) {
        normalize_bert_clean(step, p->text, p->n, pass_begin(p));
        pass_end(p);
    }
    if (step->strip_accents) {
        to_form(p, false, false);
        strip_marks(p, false);
    }
    if (step->lowercase) to_lower(p);
}

static void map_chars(passing *p, const struct charsmap *map) {
    charsmap_apply(map, p->text, p->n, pass_begin(p));
    pass_end(p);
}

static void apply(passing *p, const norm_step *step) {
    switch (step->kind) {
    case NORM_NFC:
        to_form(p, true, false);
        break;
    case NORM_NFD:
        to_form(p, false, false);
        break;
    case NORM_NFKC:
        to_form(p, true, true);
        break;
    case NORM_NFKD:
        to_form(p, false, true);
        break;
    case NORM_LOWERCASE:
        to_lower(p);
        break;
    case NORM_STRIP_ACCENTS:
        strip_marks(p, true);
        break;
    case NORM_STRIP:
        strip_ends(p, step->left, step->right);
        break;
    case NORM_BERT:
        to_bert(p, step);
        break;
    case NORM_PREPEND:
        prepend(p, &step->text);
        break;
    case NORM_REPLACE:
        replace(p, step);
        break;
    case NORM_PRECOMPILED:
        map_chars(p, step->map);
        break;
    }
}

const char *normalizer_apply(const normalizer *norm, size_t n_steps, tok_scratch *s,
                             const char *text, size_t *n) {
    passing p = {.text = text, .n = *n, .s = s};
    for (size_t i = 0; i < n_steps; i++) apply(&p, &norm->steps[i]);
    *n = p.n;
    return p.text;
}

/* Whether the replacement touches neither letters nor single blanks of ASCII. */
static bool leaves_words(const norm_step *step) {
    if (!pattern_is_literal(step->pattern))
        return replaces(step, NORM_BLANK_RUNS) || replaces(step, NORM_LINE_BEGINNINGS);
    size_t n;
    const char *source = pattern_source(step->pattern, &n);
    for (size_t i = 0; i < n; i++)
        if (source[i] == ' ' || is_ascii_letter(source[i])) return false;
    return true;
}

/* What is done at the beginning of a text alone, and at its ends. */
static bool is_at_begin(const norm_step *step) {
    return step->kind == NORM_PREPEND || replaces(step, NORM_LEADING_BLANKS);
}
static bool is_at_ends(const norm_step *step) {
    return is_at_begin(step) || step->kind == NORM_STRIP || replaces(step, NORM_TRAILING_BLANKS);
}

bool norm_step_replaces_blanks(const norm_step *step) {
    if (step->kind != NORM_REPLACE || !pattern_is_literal(step->pattern)) return false;
    size_t n;
    const char *source = pattern_source(step->pattern, &n);
    return n == 1 && *source == ' ';
}

bool normalizer_can_cut(const normalizer *norm) {
    bool blanks_replaced = false;
    for (size_t i = 0; i < norm->n; i++) {
        const norm_step *step = &norm->steps[i];
        if (is_at_ends(step)) continue;
        if (blanks_replaced) return false;
        blanks_replaced = norm_step_replaces_blanks(step);
        if (step->kind == NORM_REPLACE && !blanks_replaced && !leaves_words(step)) return false;
    }
    return true;
}

normalizer normalizer_of_part(const normalizer *norm, bool begins, bool ends) {
    normalizer own = {.steps = mem_new(norm->n, sizeof *own.steps)};
    for (size_t i = 0; i < norm->n; i++) {
        norm_step step = norm->steps[i];
        step.left = step.left && begins;
        step.right = step.right && ends;
        if (begins || !is_at_begin(&step)) own.steps[own.n++] = step; /* parts end with a letter */
    }
    return own;
}
