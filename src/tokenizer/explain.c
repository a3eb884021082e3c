/* How a text becomes ids, told step by step. */
#include "tokenizer/encode.h"
#include "tokenizer/text/chars.h"
#include "tokenizer/text/describe_steps.h"
#include "tokenizer/text/print.h"

#include <string.h>

typedef struct explainer {
    const tokenizer *tok;
    const tok_options *options;
    tok_scratch *s;
    str *out;
    str text;        /* of the stretch at hand, as far as it is normalized */
    vocab pieces;    /* explained already, and those that wait */
    bool split_once; /* a piece stands in the line already */
} explainer;

static void append_quoted(const char *text, size_t n, str *out) {
    str_append(out, "\"", 1);
    print_text(text, n, out);
    str_append(out, "\"\n", 2);
}

static void tell_token(explainer *x, int32_t token) {
    str_printf(x->out, "%s token: ", tok_is_special(x->tok, token) ? "special" : "added");
    tok_printable(x->tok, token, x->out);
    str_printf(x->out, " (id %d)\n", (int)token);
}

/* Normalizes x->text; a step that changes nothing is not told. */
static void normalize(explainer *x, const char *text, size_t n) {
    const normalizer *norm = &x->tok->normalizer;
    x->text.len = 0;
    str_append(&x->text, text, n);
    for (size_t i = 1; i <= norm->n; i++) {
        size_t after = n;
        const char *now = normalizer_apply(norm, i, x->s, text, &after);
        if (after == x->text.len && memcmp(now, x->text.data, after) == 0) continue;
        norm_step_describe(&norm->steps[i - 1], x->out);
        str_append(x->out, ": ", 2);
        append_quoted(now, after, x->out);
        x->text.len = 0;
        str_append(&x->text, now, after);
    }
}

static void tell_piece(void *context, const char *piece, size_t n) {
    explainer *x = context;
    if (x->split_once) str_append(x->out, "|", 1);
    x->split_once = true;
    print_text(piece, n, x->out);
}

static void keep_piece(void *context, const char *piece, size_t n) {
    explainer *x = context;
    vocab_add(&x->pieces, piece, n);
}

static void explain_piece(explainer *x, const char *piece, size_t n) {
    str lines = {0};
    x->tok->model->explain(x->tok, x->s, piece, n, &lines);
    append_quoted(piece, n, x->out);
    for (size_t i = 0, len; i < lines.len; i += len + 1) {
        len = strcspn(lines.data + i, "\n");
        str_printf(x->out, "  %.*s\n", (int)len, lines.data + i);
    }
    str_free(&lines);
}

/* Splits a stretch without added tokens, and has the model explain pieces not met before. */
static void explain_stretch(explainer *x, const char *text, size_t n, bool first) {
    splitter sp = x->tok->splitter;
    sp.cut_pairs = NULL; /* which no step asks for */
    for (size_t i = 1; i <= sp.n; i++) {
        split_step_describe(&sp.steps[i - 1], x->out);
        str_append(x->out, ": ", 2);
        x->split_once = false;
        splitter_run_steps(&sp, i, x->s, text, n, first, tell_piece, x);
        str_append(x->out, "\n", 1);
    }
    int32_t known = x->pieces.size;
    splitter_run(&sp, x->s, text, n, first, keep_piece, x);
    for (int32_t i = known; x->tok->model->explain && i < x->pieces.size; i++) {
        size_t len;
        const char *piece = vocab_piece(&x->pieces, i, &len);
        explain_piece(x, piece, len);
    }
}

static void explain_normalized(explainer *x, bool begins_text) {
    text_stretch st;
    const str *t = &x->text;
    for (size_t at = 0;
         next_stretch(x->tok, true, x->options->allow_special, t->data, t->len, &at, &st);) {
        if (st.end > st.begin)
            explain_stretch(x, t->data + st.begin, st.end - st.begin, begins_text && st.begin == 0);
        if (st.token >= 0) tell_token(x, st.token);
    }
}

/* A line for each token, then how many there are. */
static void tell_tokens(const explainer *x, const char *text, size_t n) {
    tok_ids ids = {0};
    size_t n_chars = 0;
    uint32_t code;
    tok_encode(x->tok, text, n, x->options, &ids);
    str_printf(x->out, "tokens:\n");
    for (size_t i = 0; i < ids.len; i++) {
        size_t len;
        const char *piece = tok_piece(x->tok, ids.data[i], &len);
        str_printf(x->out, "%8d  ", (int)ids.data[i]);
        append_quoted(piece, len, x->out);
    }
    for (size_t i = 0; i < n; n_chars++) i += tok_read_char(text + i, n - i, &code);
    str_printf(x->out, "%zu bytes, %zu characters, %zu token%s", n, n_chars, ids.len,
               ids.len == 1 ? "" : "s");
    if (ids.len)
        str_printf(x->out, ": %.2f bytes, %.2f characters per token", (double)n / (double)ids.len,
                   (double)n_chars / (double)ids.len);
    str_append(x->out, "\n", 1);
    tok_ids_free(&ids);
}

void tok_explain(const tokenizer *tok, const char *text, size_t n, const tok_options *options,
                 str *out) {
    static const tok_options none;
    explainer x = {.tok = tok, .options = options ? options : &none, .out = out};
    x.s = scratch_take(tok->scratch);
    str_append(out, "text: ", 6);
    append_quoted(text, n, out);
    text_stretch st;
    for (size_t at = 0; next_stretch(tok, false, x.options->allow_special, text, n, &at, &st);) {
        if (st.end > st.begin) {
            normalize(&x, text + st.begin, st.end - st.begin);
            explain_normalized(&x, st.begin == 0);
        }
        if (st.token >= 0) tell_token(&x, st.token);
    }
    scratch_give(tok->scratch, x.s);
    tell_tokens(&x, text, n);
    str_free(&x.text);
    vocab_free(&x.pieces);
}
