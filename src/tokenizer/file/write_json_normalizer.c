#include "tokenizer/file/write_json.h"
#include "tokenizer/text/charsmap.h"

static void write_base64(json_writer *w, const char *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    str text = {0};
    for (size_t i = 0; i < n; i += 3) {
        uint32_t bits = 0;
        for (size_t j = i; j < i + 3; j++) bits = bits << 8 | (j < n ? (unsigned char)bytes[j] : 0);
        for (size_t j = 0; j < 4; j++)
            str_append(&text, i + j > n ? "=" : &digits[bits >> (18 - 6 * j) & 63], 1);
    }
    json_string(w, text.data ? text.data : "", text.len);
    str_free(&text);
}

static void write_step(json_writer *w, const norm_step *step) {
    static const char *const types[] = {
        [NORM_NFC] = "NFC",
        [NORM_NFD] = "NFD",
        [NORM_NFKC] = "NFKC",
        [NORM_NFKD] = "NFKD",
        [NORM_LOWERCASE] = "Lowercase",
        [NORM_STRIP_ACCENTS] = "StripAccents",
        [NORM_STRIP] = "Strip",
        [NORM_BERT] = "BertNormalizer",
        [NORM_PREPEND] = "Prepend",
        [NORM_REPLACE] = "Replace",
        [NORM_PRECOMPILED] = "Precompiled",
    };
    json_open_part(w, types[step->kind]);
    if (step->kind == NORM_STRIP) {
        json_key_bool(w, "strip_left", step->left);
        json_key_bool(w, "strip_right", step->right);
    } else if (step->kind == NORM_BERT) {
        json_key_bool(w, "clean_text", step->clean_text);
        json_key_bool(w, "handle_chinese_chars", step->handle_chinese_chars);
        json_key_bool(w, "strip_accents", step->strip_accents);
        json_key_bool(w, "lowercase", step->lowercase);
    } else if (step->kind == NORM_PREPEND) {
        json_key_string(w, "prepend", step->text.data);
    } else if (step->kind == NORM_REPLACE) {
        json_key(w, "pattern");
        json_write_pattern(w, step->pattern);
        json_key_string(w, "content", step->text.data ? step->text.data : "");
    } else if (step->kind == NORM_PRECOMPILED) {
        size_t n;
        const char *blob = charsmap_blob(step->map, &n);
        json_key(w, "precompiled_charsmap");
        write_base64(w, blob, n);
    }
    json_close(w, '}');
}

void json_write_normalizer(json_writer *w, const tokenizer *tok) {
    const normalizer *norm = &tok->normalizer;
    json_open_steps(w, norm->n, "normalizers");
    for (size_t i = 0; i < norm->n; i++) write_step(w, &norm->steps[i]);
    json_close_steps(w, norm->n);
}
