/* What a tokenizer is made of, in words. */
#include "tokenizer/model/bpe.h"
#include "tokenizer/text/chars.h"
#include "tokenizer/text/describe_steps.h"
#include "tokenizer/text/print.h"

enum { SHOWN_SPECIALS = 24, SHOWN_LONGEST = 5, SHOWN_CHARS = 40 };

static void describe_model(const tokenizer *tok, str *out) {
    str_printf(out, "type: %s%s%s\n", tok->model->name, tok->byte_level ? ", byte level" : "",
               tok->byte_fallback ? ", unknown characters as bytes" : "");
    str_printf(out, "vocabulary: %d tokens", (int)tok->vocab.size);
    if (tok->bpe) str_printf(out, ", %zu merges", tok->bpe->n);
    str_append(out, "\n", 1);
    if (tok->unk < 0) return;
    str_printf(out, "unknown: ");
    tok_printable(tok, tok->unk, out);
    str_printf(out, " (id %d)\n", (int)tok->unk);
}

static void describe_normalizer(const normalizer *norm, str *out) {
    str_printf(out, "normalizer: %s", norm->n ? "" : "none");
    for (size_t i = 0; i < norm->n; i++) {
        if (i) str_append(out, ", then ", 7);
        norm_step_describe(&norm->steps[i], out);
    }
    str_append(out, "\n", 1);
}

static void describe_splitter(const splitter *sp, str *out) {
    str_printf(out, "splitter: %s", sp->n ? "" : "none");
    for (size_t i = 0; i < sp->n; i++) {
        if (i) str_append(out, ", then ", 7);
        split_step_describe(&sp->steps[i], out);
    }
    str_append(out, "\n", 1);
}

static void describe_template(const tokenizer *tok, str *out) {
    if (tok->before.len + tok->after.len == 0) return;
    str_printf(out, "template:");
    for (size_t i = 0; i < tok->before.len; i++) {
        str_append(out, " ", 1);
        tok_printable(tok, tok->before.data[i], out);
    }
    str_printf(out, " TEXT");
    for (size_t i = 0; i < tok->after.len; i++) {
        str_append(out, " ", 1);
        tok_printable(tok, tok->after.data[i], out);
    }
    str_append(out, "\n", 1);
}

static void describe_special(const tokenizer *tok, int32_t id, str *out) {
    static const char *const roles[TOK_ROLES] = {
        [TOK_BOS] = "beginning of text", [TOK_EOS] = "end of text", [TOK_PAD] = "padding",
        [TOK_UNK] = "unknown",           [TOK_SYSTEM] = "system",   [TOK_USER] = "user",
        [TOK_ASSISTANT] = "assistant",
    };
    str_printf(out, "%8d  ", (int)id);
    tok_printable(tok, id, out);
    for (int role = 0; role < TOK_ROLES; role++)
        if (tok_role_id(tok, (tok_role)role) == id) str_printf(out, "  (%s)", roles[role]);
    str_append(out, "\n", 1);
}

static void describe_specials(const tokenizer *tok, str *out) {
    const specials *sp = &tok->specials;
    size_t n = 0, shown = 0;
    for (size_t i = 0; i < sp->n; i++) n += sp->tokens[i].special;
    if (n) str_printf(out, "special tokens: %zu\n", n);
    for (size_t i = 0; i < sp->n && shown < SHOWN_SPECIALS; i++) {
        if (!sp->tokens[i].special) continue;
        describe_special(tok, sp->tokens[i].id, out);
        shown++;
    }
    if (shown < n) str_printf(out, "          and %zu more\n", n - shown);
    if (sp->n > n) str_printf(out, "tokens found in every text: %zu\n", sp->n - n);
}

typedef struct measured {
    int32_t id;
    size_t n_chars;
} measured;

/* Puts m into list[0..SHOWN_LONGEST), by falling length, the earlier id first. */
static void insert(measured *list, measured m) {
    int i = SHOWN_LONGEST;
    for (; i > 0 && m.n_chars > list[i - 1].n_chars; i--)
        if (i < SHOWN_LONGEST) list[i] = list[i - 1];
    if (i < SHOWN_LONGEST) list[i] = m;
}

/* No more than SHOWN_CHARS characters of the token. */
static void describe_long(const tokenizer *tok, const measured *m, str *out) {
    size_t len, end = 0;
    uint32_t code;
    const char *piece = vocab_piece(&tok->vocab, m->id, &len);
    for (int i = 0; i < SHOWN_CHARS && end < len; i++)
        end += tok_read_char(piece + end, len - end, &code);
    str_printf(out, "%8d  \"", (int)m->id);
    print_text(piece, end, out);
    str_append(out, end < len ? "...\"" : "\"", end < len ? 4 : 1);
    if (end < len) str_printf(out, "  (%zu characters)", m->n_chars);
    str_append(out, "\n", 1);
}

static void describe_longest(const tokenizer *tok, str *out) {
    measured longest[SHOWN_LONGEST] = {{0, 0}};
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len;
        uint32_t code;
        measured m = {.id = id};
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        if (special_of(&tok->specials, id) || byte_of_piece(piece, len) >= 0) continue;
        for (size_t i = 0; i < len; m.n_chars++) i += tok_read_char(piece + i, len - i, &code);
        insert(longest, m);
    }
    if (longest[0].n_chars < 2) return;
    str_printf(out, "longest tokens:\n");
    for (int i = 0; i < SHOWN_LONGEST && longest[i].n_chars; i++)
        describe_long(tok, &longest[i], out);
}

void tok_describe(const tokenizer *tok, str *out) {
    describe_model(tok, out);
    describe_normalizer(&tok->normalizer, out);
    describe_splitter(&tok->splitter, out);
    describe_template(tok, out);
    str_printf(out, "decoder: ");
    decoder_describe(&tok->decoder, out);
    str_append(out, "\n", 1);
    describe_specials(tok, out);
    describe_longest(tok, out);
}
