#include "tokenizer/text/normalize_unicode.h"

#include "tokenizer/text/chars.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

size_t unicode_ascii_length(const char *text, size_t n) {
    enum { BLOCK = 64 };
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        unsigned char any = 0;
        for (size_t j = 0; j < BLOCK; j++) any |= (unsigned char)text[i + j];
        if (any & 0x80) break;
    }
    while (i < n && !(text[i] & 0x80)) i++;
    return i;
}

/* Lower case of the ASCII letters, in place. */
static void lower_ascii(char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        text[i] = (char)(c | (c >= 'A' && c <= 'Z') << 5);
    }
}

static void append_code(str *out, uint32_t code) {
    char bytes[4];
    str_append(out, bytes, tok_write_char(bytes, code));
}

void unicode_lower(const char *text, size_t n, str *out) {
    size_t begin = out->len;
    for (size_t i = 0; i < n;) {
        size_t ascii = unicode_ascii_length(text + i, n - i);
        str_append(out, text + i, ascii);
        if ((i += ascii) == n) break;
        uint32_t code;
        i += tok_read_char(text + i, n - i, &code);
        if (code == 0x130)
            str_append(out, "i\xCC\x87", 3);
        else
            append_code(out, code < TOK_LONE_BYTE
                                 ? (uint32_t)utf8proc_tolower((utf8proc_int32_t)code)
                                 : code);
    }
    if (out->len > begin) lower_ascii(out->data + begin, out->len - begin);
}

static bool is_mark(uint32_t code) {
    if (code >= TOK_LONE_BYTE) return false;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_ME;
}

static bool is_nonspacing_mark(uint32_t code) {
    return code < TOK_LONE_BYTE &&
           utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_MN;
}

void unicode_strip_marks(const char *text, size_t n, bool all, str *out) {
    for (size_t i = 0; i < n;) {
        size_t ascii = unicode_ascii_length(text + i, n - i);
        str_append(out, text + i, ascii);
        if ((i += ascii) == n) break;
        uint32_t code;
        size_t len = tok_read_char(text + i, n - i, &code);
        bool drop = all ? is_mark(code) : is_nonspacing_mark(code);
        if (!drop) str_append(out, text + i, len);
        i += len;
    }
}

/* Normal forms. A text falls into segments that are normalized one by one: a character and those
 * that may reorder before or compose with it. */

/* Whether the character, decomposed, may begin with a mark or a Hangul vowel or final consonant. */
static bool joins_previous(uint32_t code) {
    if (code < 0x300) return false;
    return is_mark(code) || (code >= 0x1100 && code <= 0x11FF) ||
           (code >= 0x3131 && code <= 0x318E) || (code >= 0xD7B0 && code <= 0xD7FF) ||
           (code >= 0xFF9E && code <= 0xFFDC);
}

/* Whether a segment of that character alone is in the normal form already. */
static bool is_stable(uint32_t code, bool composed, bool compatibility) {
    if (code < 0x80 || (code < 0x300 && composed && !compatibility)) return true;
    if (code >= 0xAC00 && code <= 0xD7A3) return composed;
    return utf8proc_get_property((utf8proc_int32_t)code)->decomp_seqindex == UINT16_MAX;
}

static int class_of(int32_t code) {
    return (int)utf8proc_get_property(code)->combining_class;
}

/* Sorts codes[0..n), all of a class above 0, by class; equals keep their order. Linear, as a
 * hostile text is one long run. */
static void sort_run(int32_t *codes, size_t n, int32_t *spare) {
    size_t start[257] = {0};
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        start[class_of(codes[i]) + 1]++;
        sorted &= i == 0 || class_of(codes[i - 1]) <= class_of(codes[i]);
    }
    if (sorted) return;
    for (int c = 0; c < 256; c++) start[c + 1] += start[c];
    for (size_t i = 0; i < n; i++) spare[start[class_of(codes[i])]++] = codes[i];
    memcpy(codes, spare, n * sizeof *codes);
}

/* Canonical ordering: each run of characters of a class above 0. */
static void sort_marks(int32_t *codes, size_t n, int32_t *spare) {
    for (size_t i = 0; i < n; i++) {
        size_t begin = i;
        while (i < n && class_of(codes[i]) > 0) i++;
        if (i - begin > 1) sort_run(codes + begin, i - begin, spare);
    }
}

/* Appends the segment text[0..n) of n_chars characters in the normal form. */
static void normalize_segment(bool composed, bool compatibility, const char *text, size_t n,
                              size_t n_chars, tok_scratch *s, str *out) {
    enum { MOST_FIRST = 18, MOST_JOINING = 4 }; /* codes that one character may become */
    size_t room = MOST_FIRST + MOST_JOINING * (n_chars - 1), n_codes = 0;
    int32_t *codes = scratch_work(s, 2 * room * sizeof *codes);
    utf8proc_option_t options =
        (composed ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE) | (compatibility ? UTF8PROC_COMPAT : 0);
    for (size_t i = 0; i < n;) {
        uint32_t code;
        int boundary;
        i += tok_read_char(text + i, n - i, &code);
        n_codes +=
            (size_t)utf8proc_decompose_char((utf8proc_int32_t)code, codes + n_codes,
                                            (utf8proc_ssize_t)(room - n_codes), options, &boundary);
    }
    sort_marks(codes, n_codes, codes + room);
    if (composed)
        n_codes = (size_t)utf8proc_normalize_utf32(codes, (utf8proc_ssize_t)n_codes,
                                                   options | UTF8PROC_STABLE);
    for (size_t i = 0; i < n_codes; i++) append_code(out, (uint32_t)codes[i]);
}

/* The end of the segment whose first character ends at text[i]; adds its characters to *n_chars. */
static size_t segment_end(const char *text, size_t n, size_t i, size_t *n_chars) {
    while (i < n) {
        uint32_t code;
        size_t len = tok_read_char(text + i, n - i, &code);
        if (!joins_previous(code)) break;
        i += len;
        ++*n_chars;
    }
    return i;
}

void unicode_normalize(bool composed, bool compatibility, const char *text, size_t n,
                       tok_scratch *s, str *out) {
    size_t kept = 0; /* text[kept..i) is in the normal form and still to be appended */
    for (size_t i = 0; i < n;) {
        size_t ascii = unicode_ascii_length(text + i, n - i);
        if (ascii > 1) i += ascii - 1; /* what follows may join the last one */
        uint32_t code;
        size_t n_chars = 1, len = tok_read_char(text + i, n - i, &code);
        size_t end = code < TOK_LONE_BYTE ? segment_end(text, n, i + len, &n_chars) : i + len;
        if (n_chars > 1 || (code < TOK_LONE_BYTE && !is_stable(code, composed, compatibility))) {
            str_append(out, text + kept, i - kept);
            normalize_segment(composed, compatibility, text + i, end - i, n_chars, s, out);
            kept = end;
        }
        i = end;
    }
    str_append(out, text + kept, n - kept);
}
