#include "train/encode_text.h"

#include <string.h>

/* Whether a text and what follows its line break give the same ids apart as together. */
static bool cuts(const tokenizer *tok, const char *text) {
    tok_ids whole = {0}, parts = {0};
    size_t n = strlen(text), line = strcspn(text, "\n") + 1;
    tok_encode(tok, text, n, NULL, &whole);
    tok_encode(tok, text, line, NULL, &parts);
    tok_encode(tok, text + line, n - line, NULL, &parts);
    bool same =
        whole.len == parts.len &&
        (whole.len == 0 || memcmp(whole.data, parts.data, whole.len * sizeof(int32_t)) == 0);
    tok_ids_free(&whole);
    tok_ids_free(&parts);
    return same;
}

/* What a tokenizer does at a line break shows at any: its pieces end there, or they do not. */
static bool cuts_at_line_breaks(const tokenizer *tok) {
    static const char *const texts[] = {"a\nb", "the end.\nThe beginning", "x;\n1", "42\n7 e"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!cuts(tok, texts[i])) return false;
    return true;
}

/* A byte beyond ASCII may be the end of a white space. */
static bool is_mark_or_letter(char c) {
    return c > ' ' && c <= '~';
}

static bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The end of the stretch that shall be at least that long: behind a line break, or n. */
static size_t end_of_stretch(const char *text, size_t n, size_t least) {
    for (size_t i = least; i + 1 < n; i++) {
        const char *line_break = memchr(text + i, '\n', n - 1 - i);
        if (!line_break) return n;
        i = (size_t)(line_break - text);
        if (is_mark_or_letter(text[i - 1]) && is_letter_or_digit(text[i + 1])) return i + 1;
    }
    return n;
}

bool train_encode_text(const tokenizer *tok, const char *text, size_t n, size_t stretch,
                       train_take_ids *take, void *context) {
    tok_ids ids = {0};
    bool ok = true;
    if (stretch < n && !cuts_at_line_breaks(tok)) stretch = n;
    for (size_t begin = 0, end; ok && begin < n; begin = end) {
        end = n - begin <= stretch ? n : begin + end_of_stretch(text + begin, n - begin, stretch);
        ids.len = 0;
        tok_encode(tok, text + begin, end - begin, NULL, &ids);
        ok = take(context, &ids, (double)end / (double)n);
    }
    tok_ids_free(&ids);
    return ok;
}
