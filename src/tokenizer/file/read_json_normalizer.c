/* The normalizers of tokenizer.json. */
#include "base/array.h"
#include "tokenizer/file/read_json.h"
#include "tokenizer/text/charsmap.h"

#include <string.h>

/* How many times longer all steps together may make a text: replacements of replacements
 * multiply. */
enum { MAX_STEPS = 64, MAX_GROWTH = 4096 };

static bool read_plain(json_reader *r, const cJSON *object, const json_part *part,
                       const char *what) {
    normalizer_add(&r->tok->normalizer, (norm_kind)part->kind);
    return json_fields(r, object, what, NULL, 0);
}

static bool read_strip(json_reader *r, const cJSON *object, const json_part *part,
                       const char *what) {
    norm_step *step = normalizer_add(&r->tok->normalizer, (norm_kind)part->kind);
    step->left = step->right = true;
    const json_field fields[] = {{"strip_left", JSON_BOOL, &step->left},
                                 {"strip_right", JSON_BOOL, &step->right}};
    return json_fields(r, object, what, fields, COUNT(fields));
}

static bool read_bert(json_reader *r, const cJSON *object, const json_part *part,
                      const char *what) {
    norm_step *step = normalizer_add(&r->tok->normalizer, (norm_kind)part->kind);
    const cJSON *strip_accents = NULL; /* null: with lowercase */
    step->clean_text = step->handle_chinese_chars = step->lowercase = true;
    const json_field fields[] = {{"clean_text", JSON_BOOL, &step->clean_text},
                                 {"handle_chinese_chars", JSON_BOOL, &step->handle_chinese_chars},
                                 {"strip_accents", JSON_ANY, &strip_accents},
                                 {"lowercase", JSON_BOOL, &step->lowercase}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    if (strip_accents && !cJSON_IsBool(strip_accents))
        return json_fail(r, what, "'strip_accents' is not true or false");
    step->strip_accents = strip_accents ? cJSON_IsTrue(strip_accents) : step->lowercase;
    return true;
}

static bool read_prepend(json_reader *r, const cJSON *object, const json_part *part,
                         const char *what) {
    norm_step *step = normalizer_add(&r->tok->normalizer, (norm_kind)part->kind);
    const char *text = NULL;
    const json_field fields[] = {{"prepend", JSON_STRING, &text}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    if (!text) return json_fail(r, what, "no \"prepend\"");
    str_append(&step->text, text, strlen(text));
    return true;
}

static bool read_replace(json_reader *r, const cJSON *object, const json_part *part,
                         const char *what) {
    const char *text = NULL;
    const cJSON *source = NULL;
    const json_field fields[] = {{"pattern", JSON_OBJECT, &source},
                                 {"content", JSON_STRING, &text}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    if (!text) return json_fail(r, what, "no \"content\"");
    pattern *p = json_pattern(r, source, what);
    if (!p) return false;
    norm_step *step = normalizer_add(&r->tok->normalizer, (norm_kind)part->kind);
    step->pattern = p;
    str_append(&step->text, text, strlen(text));
    return true;
}

static int base64_value(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Appends the bytes that text spells in base 64 (RFC 4648); false where it does not. */
static bool read_base64(const char *text, str *out) {
    size_t n = strlen(text), pad = 0;
    while (pad < 2 && pad < n && text[n - 1 - pad] == '=') pad++;
    if (n % 4) return false;
    uint32_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        int value = i < n - pad ? base64_value(text[i]) : 0;
        if (value < 0) return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 < 3) continue;
        char bytes[] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
        str_append(out, bytes, i + 1 == n ? 3 - pad : 3);
    }
    return true;
}

static bool read_precompiled(json_reader *r, const cJSON *object, const json_part *part,
                             const char *what) {
    const char *text = "";
    const json_field fields[] = {{"precompiled_charsmap", JSON_STRING, &text}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    str blob = {0}, name = {0};
    str_printf(&name, "%s: %s", r->name, what);
    bool ok = read_base64(text, &blob) || json_fail(r, what, "not in base 64");
    struct charsmap *map = NULL;
    if (ok && blob.len) {
        map = charsmap_new(blob.data, blob.len, name.data, r->e);
        if (map) normalizer_add(&r->tok->normalizer, (norm_kind)part->kind)->map = map;
        ok = map != NULL;
    }
    str_free(&blob);
    str_free(&name);
    return ok;
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what);

static bool read_one(json_reader *r, const cJSON *object) {
    static const json_part known[] = {
        {"NFC", read_plain, NORM_NFC},
        {"NFD", read_plain, NORM_NFD},
        {"NFKC", read_plain, NORM_NFKC},
        {"NFKD", read_plain, NORM_NFKD},
        {"Lowercase", read_plain, NORM_LOWERCASE},
        {"StripAccents", read_plain, NORM_STRIP_ACCENTS},
        {"Strip", read_strip, NORM_STRIP},
        {"BertNormalizer", read_bert, NORM_BERT},
        {"Prepend", read_prepend, NORM_PREPEND},
        {"Replace", read_replace, NORM_REPLACE},
        {"Precompiled", read_precompiled, NORM_PRECOMPILED},
        {"Sequence", read_sequence, 0},
    };
    return json_read_part(r, object, "normalizer", known, COUNT(known));
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what) {
    (void)part;
    return json_read_sequence(r, object, what, "normalizers", read_one);
}

/* How many times longer the step may make a text at most. */
static size_t growth_of(const norm_step *step) {
    enum { CHARSMAP_GROWTH = 64 };
    if (step->kind == NORM_PRECOMPILED) return CHARSMAP_GROWTH;
    if (step->kind != NORM_REPLACE || step->text.len < 2) return 1;
    size_t n = 1;
    if (pattern_is_literal(step->pattern)) pattern_source(step->pattern, &n);
    return n ? (step->text.len + n - 1) / n : 1;
}

bool json_read_normalizer(json_reader *r, const cJSON *object) {
    if (!read_one(r, object)) return false;
    if (r->tok->normalizer.n > MAX_STEPS)
        return json_fail(r, "normalizer", "more than %d steps", MAX_STEPS);
    size_t growth = 1;
    for (size_t i = 0; i < r->tok->normalizer.n; i++) {
        growth *= growth_of(&r->tok->normalizer.steps[i]);
        if (growth > MAX_GROWTH)
            return json_fail(r, "normalizer", "makes a text more than %d times longer", MAX_GROWTH);
    }
    return true;
}
