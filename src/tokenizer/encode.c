/* A text falls into stretches between added tokens, a long stretch into parts that all threads
 * encode. Which parts does not depend on the number of threads. */
#include "tokenizer/encode.h"

#include <string.h>

enum { PART_BYTES = 1 << 18, LONG_BYTES = 1 << 20, WAVE = 64 };

/* Parts and the added tokens behind them, in order; a part may be empty. */
typedef struct wave {
    int n;
    size_t bytes;
    text_part parts[WAVE];
    int32_t tokens[WAVE]; /* -1 = none */
    tok_ids ids[WAVE];    /* of the parts, when they are encoded at once */
} wave;

/* A text on its way into waves. */
typedef struct cutter {
    const tokenizer *tok;
    const tok_options *options;
    const char *text;
    size_t n, at;      /* at: where the next stretch begins */
    text_stretch left; /* of this one */
    bool begun;        /* a part of it is in a wave already */
    bool cuts_stretches;
    uint64_t n_parts;
} cutter;

/* Whether a blank between two words cannot be a part of the token, nor be taken by it. */
static bool leaves_blanks(const special_token *token) {
    const str *s = &token->content;
    if (token->lstrip || token->rstrip || token->single_word) return false;
    for (size_t i = 1; i < s->len; i++)
        if (s->data[i] == ' ' && s->data[i - 1] != ' ') return false;
    return true;
}

static bool can_cut(const tokenizer *tok) {
    for (size_t i = 0; i < tok->specials.n; i++) {
        const special_token *token = &tok->specials.tokens[i];
        if (token->normalized && !leaves_blanks(token)) return false;
    }
    return normalizer_can_cut(&tok->normalizer);
}

/* Puts the next part into the wave; false at the end of the text. */
static bool add_part(cutter *c, wave *w) {
    text_stretch *left = &c->left;
    if (!c->begun &&
        !next_stretch(c->tok, false, c->options->allow_special, c->text, c->n, &c->at, left))
        return false;
    size_t cut = left->end, n = left->end - left->begin;
    if (c->cuts_stretches && n > 2 * PART_BYTES)
        cut = left->begin + splitter_cut(&c->tok->splitter, c->text + left->begin, n, PART_BYTES);
    bool ends = cut == left->end;
    w->parts[w->n] = (text_part){.text = c->text + left->begin,
                                 .n = cut - left->begin,
                                 .begins_text = left->begin == 0,
                                 .begins_stretch = !c->begun,
                                 .ends_stretch = ends,
                                 .number = c->n_parts++};
    w->tokens[w->n++] = ends ? left->token : -1;
    w->bytes += cut - left->begin;
    left->begin = cut;
    c->begun = !ends;
    return true;
}

static void encode_in_order(const cutter *c, const wave *w, tok_ids *out) {
    for (int i = 0; i < w->n; i++) {
        if (w->parts[i].n) encode_part(c->tok, &w->parts[i], c->options, out);
        if (w->tokens[i] >= 0) tok_ids_append(out, w->tokens[i]);
    }
}

static void append_ids(tok_ids *out, const tok_ids *ids) {
    if (ids->len) memcpy(tok_ids_reserve(out, ids->len), ids->data, ids->len * sizeof *ids->data);
    out->len += ids->len;
}

static void encode_at_once(const cutter *c, wave *w, tok_ids *out) {
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < w->n; i++) {
        w->ids[i].len = 0;
        if (w->parts[i].n) encode_part(c->tok, &w->parts[i], c->options, &w->ids[i]);
    }
    for (int i = 0; i < w->n; i++) {
        append_ids(out, &w->ids[i]);
        if (w->tokens[i] >= 0) tok_ids_append(out, w->tokens[i]);
    }
}

static void encode_text(const tokenizer *tok, const char *text, size_t n,
                        const tok_options *options, tok_ids *out) {
    cutter c = {.tok = tok, .options = options, .text = text, .n = n};
    c.cuts_stretches = n > LONG_BYTES && can_cut(tok);
    wave w = {0};
    do {
        w.n = 0;
        w.bytes = 0;
        while (w.n < WAVE && add_part(&c, &w)) {}
        if (w.n > 1 && w.bytes > LONG_BYTES)
            encode_at_once(&c, &w, out);
        else
            encode_in_order(&c, &w, out);
    } while (w.n == WAVE);
    for (int i = 0; i < WAVE; i++) tok_ids_free(&w.ids[i]);
}

void tok_encode(const tokenizer *tok, const char *text, size_t n, const tok_options *options,
                tok_ids *out) {
    static const tok_options none;
    if (!options) options = &none;
    if (options->add_special) append_ids(out, &tok->before);
    encode_text(tok, text, n, options, out);
    if (options->add_special) append_ids(out, &tok->after);
}
