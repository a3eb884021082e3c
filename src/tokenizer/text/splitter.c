#include "tokenizer/text/splitter.h"

#include "base/check.h"
#include "base/mem.h"
#include "tokenizer/text/char_class.h"
#include "tokenizer/text/split_step.h"

#include <stdlib.h>
#include <string.h>

split_step *splitter_add(splitter *sp, split_kind kind) {
    CHECK(sp->n < SPLITTER_MAX_STEPS, "a splitter of more than %d steps", SPLITTER_MAX_STEPS);
    sp->steps = mem_resize(sp->steps, sp->n + 1, sizeof *sp->steps);
    split_step *step = &sp->steps[sp->n++];
    *step = (split_step){.kind = kind};
    return step;
}

void splitter_free(splitter *sp) {
    for (size_t i = 0; i < sp->n; i++) {
        str_free(&sp->steps[i].replacement);
        pattern_free(sp->steps[i].pattern);
    }
    free(sp->steps);
    free(sp->cut_pairs);
    *sp = (splitter){0};
}

/* One call of splitter_run. */
typedef struct run {
    const splitter *sp;
    size_t n_steps;
    tok_scratch *s;
    split_take *take;
    void *context;
} run;

/* Where the pieces of step i of a text go: through the next step. */
typedef struct sink {
    const run *run;
    size_t i;
    const char *text;
    bool first;
} sink;

static void run_step(const run *r, size_t i, const char *text, size_t n, bool first);

static void pass_on(void *context, const char *piece, size_t n) {
    const sink *from = context;
    const char *changed = from->run->s->split[from->i].data;
    bool first = from->first && (piece == from->text || piece == changed);
    run_step(from->run, from->i + 1, piece, n, first);
}

/* text[0..n), n > 0, through step i and those behind it. */
static void run_step(const run *r, size_t i, const char *text, size_t n, bool first) {
    if (i == r->n_steps) {
        r->take(r->context, text, n);
        return;
    }
    split_means means = {r->s, &r->s->split[i], first, r->sp};
    sink to = {r, i, text, first};
    bool last = i + 1 == r->n_steps;
    split_step_run(&r->sp->steps[i], &means, text, n, last ? r->take : pass_on,
                   last ? r->context : &to);
}

/* Text without any step of its own, cut at the blanks that its normalizer wrote as marks. */
static void run_without_steps(const run *r, const char *text, size_t n) {
    split_marks marks = {SPLIT_METASPACE_CHAR, strlen(SPLIT_METASPACE_CHAR), false};
    if (r->sp->cut_at_blanks && r->sp->n == 0)
        split_before_marks(&marks, r->sp->cut_pairs, text, n, r->take, r->context);
    else
        r->take(r->context, text, n);
}

/* Length of the bytes at the beginning of text[0..n) that are not UTF-8. */
static size_t lone_bytes(const char *text, size_t n) {
    size_t i = 0;
    while (i < n && (unsigned char)text[i] >= 0x80 && str_utf8_length(text + i, n - i) == 1) i++;
    return i;
}

/* Whether the steps can do with bytes that are not UTF-8: such as GPT-2's alone. */
static bool takes_any_bytes(const run *r) {
    return r->n_steps == 0 || (r->n_steps == 1 && split_step_is_gpt2(&r->sp->steps[0]));
}

void splitter_run_steps(const splitter *sp, size_t n_steps, tok_scratch *s, const char *text,
                        size_t n, bool first, split_take *take, void *context) {
    run r = {sp, n_steps, s, take, context};
    bool any_bytes = takes_any_bytes(&r);
    for (size_t at = 0; at < n;) {
        size_t valid = any_bytes ? n - at : str_utf8_valid(text + at, n - at);
        if (valid && n_steps)
            run_step(&r, 0, text + at, valid, first && at == 0);
        else if (valid)
            run_without_steps(&r, text + at, valid);
        at += valid;
        size_t lone = lone_bytes(text + at, n - at);
        if (lone) take(context, text + at, lone);
        at += lone;
    }
}

void splitter_run(const splitter *sp, tok_scratch *s, const char *text, size_t n, bool first,
                  split_take *take, void *context) {
    splitter_run_steps(sp, sp->n, s, text, n, first, take, context);
}

/* Whether there is surely a piece's beginning at every blank between two ASCII words. */
static bool can_cut(const splitter *sp) {
    bool cuts = sp->n == 0 && sp->cut_at_blanks;
    for (size_t i = 0; i < sp->n; i++) {
        if (!split_step_is_local(&sp->steps[i])) return false;
        cuts |= split_step_cuts(&sp->steps[i], sp->cut_at_blanks);
    }
    return cuts;
}

size_t splitter_cut(const splitter *sp, const char *text, size_t n, size_t from) {
    if (!can_cut(sp)) return n;
    for (size_t i = from ? from : 1; i + 1 < n; i++)
        if (text[i] == ' ' && is_ascii_letter(text[i - 1]) && is_ascii_letter(text[i + 1]))
            return i;
    return n;
}
