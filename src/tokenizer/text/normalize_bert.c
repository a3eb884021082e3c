/* What BertNormalizer does to single characters. */
#include "tokenizer/text/char_class.h"
#include "tokenizer/text/chars.h"
#include "tokenizer/text/normalize_unicode.h"
#include "tokenizer/text/normalizer.h"

#include <utf8proc.h>

/* As Hugging Face's, whose third last range begins at 2B920 for 2B820. */
static bool is_chinese(uint32_t code) {
    return (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0x3400 && code <= 0x4DBF) ||
           (code >= 0x20000 && code <= 0x2A6DF) || (code >= 0x2A700 && code <= 0x2B81F) ||
           (code >= 0x2B920 && code <= 0x2CEAF) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0x2F800 && code <= 0x2FA1F);
}

/* What clean_text drops beyond ASCII: controls, formats, private use, the replacement character. */
static bool is_dropped(uint32_t code) {
    if (code == 0xFFFD) return true;
    if (code >= TOK_LONE_BYTE) return false;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_CO;
}

/* Whether clean_text drops that ASCII character: a control that is no blank. */
static inline bool is_control(char c) {
    return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

/* ASCII as clean_text leaves it, in place; returns the new length. */
static size_t clean_ascii(char *text, size_t n) {
    size_t n_controls = 0, kept = 0;
    for (size_t i = 0; i < n; i++) n_controls += is_control(text[i]);
    for (size_t i = 0; n_controls && i < n; i++)
        if (!is_control(text[i])) text[kept++] = text[i];
    n -= n_controls;
    for (size_t i = 0; i < n; i++) text[i] = text[i] < ' ' ? ' ' : text[i];
    return n;
}

/* Appends a character beyond ASCII as clean_text and handle_chinese_chars leave it. */
static void clean_char(const norm_step *step, uint32_t code, const char *bytes, size_t n,
                       str *out) {
    if (step->clean_text && is_dropped(code)) return;
    if (step->clean_text && (char_class(code) & CHAR_SPACE)) {
        str_append(out, " ", 1);
        return;
    }
    bool apart = step->handle_chinese_chars && is_chinese(code);
    if (apart) str_append(out, " ", 1);
    str_append(out, bytes, n);
    if (apart) str_append(out, " ", 1);
}

void normalize_bert_clean(const norm_step *step, const char *text, size_t n, str *out) {
    for (size_t i = 0; i < n;) {
        size_t ascii = unicode_ascii_length(text + i, n - i), begin = out->len;
        str_append(out, text + i, ascii);
        if (step->clean_text && ascii) out->len = begin + clean_ascii(out->data + begin, ascii);
        if ((i += ascii) == n) break;
        uint32_t code;
        size_t len = tok_read_char(text + i, n - i, &code);
        clean_char(step, code, text + i, len, out);
        i += len;
    }
}
