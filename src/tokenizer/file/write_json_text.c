#include "tokenizer/file/write_json.h"

#include "tokenizer/text/byte_level.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void new_line(json_writer *w) {
    str_append(w->out, "\n", 1);
    for (int i = 0; i < w->depth; i++) str_append(w->out, "  ", 2);
}

/* What stands before a key, or before a value that has none. */
static void begin_item(json_writer *w) {
    if (!w->keyed && w->depth) {
        if (!w->empty) str_append(w->out, ",", 1);
        new_line(w);
    }
    w->empty = w->keyed = false;
}

void json_open(json_writer *w, char bracket) {
    begin_item(w);
    str_append(w->out, &bracket, 1);
    w->depth++;
    w->empty = true;
}

void json_close(json_writer *w, char bracket) {
    w->depth--;
    if (!w->empty) new_line(w);
    str_append(w->out, &bracket, 1);
    w->empty = false;
}

static void append_escaped(str *out, const char *bytes, size_t n) {
    static const char escaped[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        const char *at = bytes[i] ? strchr(escaped, bytes[i]) : NULL;
        if (!at && (unsigned char)bytes[i] >= ' ') continue;
        str_append(out, bytes + from, i - from);
        if (at)
            str_printf(out, "\\%c", letters[at - escaped]);
        else
            str_printf(out, "\\u%04x", (unsigned)(unsigned char)bytes[i]);
        from = i + 1;
    }
    str_append(out, bytes + from, n - from);
}

void json_string(json_writer *w, const char *bytes, size_t n) {
    begin_item(w);
    str_append(w->out, "\"", 1);
    append_escaped(w->out, bytes, n);
    str_append(w->out, "\"", 1);
}

void json_key(json_writer *w, const char *key) {
    json_string(w, key, strlen(key));
    str_append(w->out, ": ", 2);
    w->keyed = true;
}

static void append_word(json_writer *w, const char *word) {
    begin_item(w);
    str_append(w->out, word, strlen(word));
}

void json_null(json_writer *w) {
    append_word(w, "null");
}

void json_int(json_writer *w, int64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    append_word(w, text);
}

void json_double(json_writer *w, double value) {
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text - 2, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    char *point = text + strspn(text, "-0123456789"); /* of the locale */
    if (*point && *point != 'e') *point = '.';
    if (!*point) strcat(text, ".0");
    append_word(w, text);
}

void json_key_string(json_writer *w, const char *key, const char *text) {
    json_key(w, key);
    if (text)
        json_string(w, text, strlen(text));
    else
        json_null(w);
}

void json_key_bool(json_writer *w, const char *key, bool value) {
    json_key(w, key);
    append_word(w, value ? "true" : "false");
}

void json_key_choice(json_writer *w, const char *key, const char *choices, int place) {
    for (; place > 0; place--) choices = strchr(choices, '|') + 1;
    json_key(w, key);
    json_string(w, choices, strcspn(choices, "|"));
}

void json_spell(const tokenizer *tok, int32_t id, str *out) {
    size_t n;
    const char *piece = vocab_piece(&tok->vocab, id, &n);
    out->len = 0;
    if (tok->byte_level && !special_of(&tok->specials, id))
        byte_level_spell(piece, n, out);
    else
        str_append(out, piece, n);
}

void json_open_part(json_writer *w, const char *type) {
    json_open(w, '{');
    json_key_string(w, "type", type);
}

void json_open_steps(json_writer *w, size_t n, const char *key) {
    if (n == 0) json_null(w);
    if (n < 2) return;
    json_open_part(w, "Sequence");
    json_key(w, key);
    json_open(w, '[');
}

void json_close_steps(json_writer *w, size_t n) {
    if (n < 2) return;
    json_close(w, ']');
    json_close(w, '}');
}
