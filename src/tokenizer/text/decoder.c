#include "tokenizer/text/decoder.h"

#include "base/array.h"
#include "tokenizer/tokenizer.h"

#include <string.h>

void decoder_free(decoder *d) {
    str_free(&d->space);
    str_free(&d->prefix);
    str_free(&d->suffix);
    *d = (decoder){0};
}

static bool begins_with(const char *s, size_t n, const char *prefix, size_t len) {
    return n >= len && len > 0 && memcmp(s, prefix, len) == 0;
}

static bool ends_with(const char *s, size_t n, const char *suffix, size_t len) {
    return n >= len && len > 0 && memcmp(s + n - len, suffix, len) == 0;
}

static bool is_among(const char *piece, size_t n, const char *const *list, size_t n_list) {
    for (size_t i = 0; i < n_list; i++)
        if (strlen(list[i]) == n && memcmp(piece, list[i], n) == 0) return true;
    return false;
}

/* Marks that cling to what stands before them, or after. */
static const char *const closing[] = {"\n", ".", ",", ";", ":", "!", "?", ")",
                                      "]",  "}", "'", "%", "…", "’", "”", "»"};
static const char *const opening[] = {"\n", "(", "[", "{", "‘", "“", "„", "«"};

static void next_word(tok_decoding *state, const char *piece, size_t n, str *out) {
    if (state->wants_blank && !is_among(piece, n, closing, COUNT(closing))) str_append(out, " ", 1);
    str_append(out, piece, n);
    state->wants_blank = !is_among(piece, n, opening, COUNT(opening));
}

/* What WordPiece's clean-up puts no blank before. */
static const char *const clinging[] = {".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"};

static bool clings(const char *piece, size_t n) {
    for (size_t i = 0; i < COUNT(clinging); i++)
        if (begins_with(piece, n, clinging[i], strlen(clinging[i]))) return true;
    return false;
}

static void next_wordpiece(const decoder *d, const tok_decoding *state, const char *piece, size_t n,
                           str *out) {
    size_t skip = 0;
    if (state->begun) {
        if (begins_with(piece, n, d->prefix.data, d->prefix.len))
            skip = d->prefix.len;
        else if (!d->cleanup || !clings(piece, n))
            str_append(out, " ", 1);
    }
    str_append(out, piece + skip, n - skip);
}

/* Appends the piece with every `space` as a blank, the first one left out on demand. */
static void next_metaspace(const decoder *d, bool strip, const char *piece, size_t n, str *out) {
    for (size_t i = 0; i < n;) {
        if (begins_with(piece + i, n - i, d->space.data, d->space.len)) {
            if (i > 0 || !strip) str_append(out, " ", 1);
            i += d->space.len;
        } else {
            str_append(out, piece + i++, 1);
        }
    }
}

/* Whether a blank that the piece begins with was put there. */
static bool goes_first(const decoder *d, const tok_decoding *state) {
    return (d->strip && !state->begun) || (d->line_blanks && state->begins_line);
}

static void next_suffixed(const decoder *d, tok_decoding *state, const char *piece, size_t n,
                          str *out) {
    bool ends = ends_with(piece, n, d->suffix.data, d->suffix.len);
    str_append(out, piece, ends ? n - d->suffix.len : n);
    state->wants_blank = ends;
}

void decoder_next(const decoder *d, tok_decoding *state, const char *piece, size_t len, int byte,
                  bool special, str *out) {
    size_t before = out->len;
    if (d->kind == DECODE_SUFFIX && state->wants_blank) str_append(out, " ", 1);
    if (d->kind == DECODE_SUFFIX) state->wants_blank = false;
    if (byte >= 0)
        str_append(out, &(char){(char)byte}, 1);
    else if (d->kind == DECODE_WORDS)
        next_word(state, piece, len, out);
    else if (d->kind == DECODE_WORDPIECE)
        next_wordpiece(d, state, piece, len, out);
    else if (special || d->kind == DECODE_FUSED)
        str_append(out, piece, len);
    else if (d->kind == DECODE_METASPACE)
        next_metaspace(d, goes_first(d, state), piece, len, out);
    else
        next_suffixed(d, state, piece, len, out);
    state->begun = true;
    state->begins_line = out->len > before && out->data[out->len - 1] == '\n';
}
