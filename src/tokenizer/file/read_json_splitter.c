/* The pre-tokenizers of tokenizer.json. */
#include "base/array.h"
#include "tokenizer/file/read_json.h"

#include <string.h>

static bool read_plain(json_reader *r, const cJSON *object, const json_part *part,
                       const char *what) {
    splitter_add(&r->tok->splitter, (split_kind)part->kind);
    return json_fields(r, object, what, NULL, 0);
}

/* Pieces stay bytes, so a step that only spells them is none. */
static bool read_byte_level(json_reader *r, const cJSON *object, const json_part *part,
                            const char *what) {
    bool add_prefix_space = true, use_regex = true;
    const json_field fields[] = {{"add_prefix_space", JSON_BOOL, &add_prefix_space},
                                 {"trim_offsets", JSON_IGNORED, NULL},
                                 {"use_regex", JSON_BOOL, &use_regex}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    r->tok->byte_level = true;
    if (!add_prefix_space && !use_regex) return true;
    split_step *step = splitter_add(&r->tok->splitter, (split_kind)part->kind);
    step->add_prefix_space = add_prefix_space;
    step->use_regex = use_regex;
    return true;
}

static bool read_behavior(const json_reader *r, const char *name, const char *what,
                          split_behavior *out) {
    int choice = json_choice(name, SPLIT_BEHAVIOR_NAMES);
    if (choice < 0)
        return json_fail(r, what, "behavior '%s', expected one of %s",
                         quote(name, strlen(name)).text, SPLIT_BEHAVIOR_NAMES);
    *out = (split_behavior)choice;
    return true;
}

static bool read_split(json_reader *r, const cJSON *object, const json_part *part,
                       const char *what) {
    const cJSON *source = NULL;
    const char *behavior = "";
    bool invert = false;
    const json_field fields[] = {{"pattern", JSON_OBJECT, &source},
                                 {"behavior", JSON_STRING, &behavior},
                                 {"invert", JSON_BOOL, &invert}};
    split_behavior chosen = SPLIT_REMOVED;
    if (!json_fields(r, object, what, fields, COUNT(fields)) ||
        !read_behavior(r, behavior, what, &chosen))
        return false;
    pattern *p = json_pattern(r, source, what);
    if (!p) return false;
    split_step *step = splitter_add(&r->tok->splitter, (split_kind)part->kind);
    step->pattern = p;
    step->behavior = chosen;
    step->invert = invert;
    return true;
}

static bool read_punctuation(json_reader *r, const cJSON *object, const json_part *part,
                             const char *what) {
    const char *behavior = "Isolated";
    const json_field fields[] = {{"behavior", JSON_STRING, &behavior}};
    split_step *step = splitter_add(&r->tok->splitter, (split_kind)part->kind);
    return json_fields(r, object, what, fields, COUNT(fields)) &&
           read_behavior(r, behavior, what, &step->behavior);
}

static bool read_digits(json_reader *r, const cJSON *object, const json_part *part,
                        const char *what) {
    split_step *step = splitter_add(&r->tok->splitter, (split_kind)part->kind);
    const json_field fields[] = {{"individual_digits", JSON_BOOL, &step->individual_digits}};
    return json_fields(r, object, what, fields, COUNT(fields));
}

/* prepend_scheme is newer than add_prefix_space, and str_rep older than both. */
static bool read_metaspace(json_reader *r, const cJSON *object, const json_part *part,
                           const char *what) {
    const char *replacement = SPLIT_METASPACE_CHAR, *scheme = NULL;
    bool add_prefix_space = true;
    split_step *step = splitter_add(&r->tok->splitter, (split_kind)part->kind);
    step->split = true;
    const json_field fields[] = {{"replacement", JSON_STRING, &replacement},
                                 {"prepend_scheme", JSON_STRING, &scheme},
                                 {"split", JSON_BOOL, &step->split},
                                 {"add_prefix_space", JSON_BOOL, &add_prefix_space},
                                 {"str_rep", JSON_IGNORED, NULL}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    size_t len = strlen(replacement);
    if (len == 0 || str_utf8_length(replacement, len) != len || *replacement == ' ')
        return json_fail(r, what, "replacement '%s' is not one character",
                         quote(replacement, len).text);
    if (!scheme) scheme = add_prefix_space ? "always" : "never";
    int choice = json_choice(scheme, SPLIT_PREPEND_NAMES);
    if (choice < 0)
        return json_fail(r, what, "prepend_scheme '%s', expected one of %s",
                         quote(scheme, strlen(scheme)).text, SPLIT_PREPEND_NAMES);
    step->prepend = (split_prepend)choice;
    str_append(&step->replacement, replacement, len);
    return true;
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what);

bool json_read_splitter(json_reader *r, const cJSON *object) {
    static const json_part known[] = {
        {"ByteLevel", read_byte_level, SPLIT_BYTE_LEVEL},
        {"BertPreTokenizer", read_plain, SPLIT_BERT},
        {"Metaspace", read_metaspace, SPLIT_METASPACE},
        {"Split", read_split, SPLIT_PATTERN},
        {"Whitespace", read_plain, SPLIT_WHITESPACE},
        {"WhitespaceSplit", read_plain, SPLIT_WHITESPACE_SPLIT},
        {"Digits", read_digits, SPLIT_DIGITS},
        {"Punctuation", read_punctuation, SPLIT_PUNCTUATION},
        {"Sequence", read_sequence, 0},
    };
    return json_read_part(r, object, "pre_tokenizer", known, COUNT(known));
}

/* Behind ByteLevel patterns would meet its spelling of the bytes. */
static bool read_step(json_reader *r, const cJSON *object) {
    if (r->tok->byte_level)
        return json_fail(r, "pre_tokenizer", "ByteLevel must be the last of a Sequence");
    if (r->tok->splitter.n == SPLITTER_MAX_STEPS)
        return json_fail(r, "pre_tokenizer", "more than %d steps", SPLITTER_MAX_STEPS);
    return json_read_splitter(r, object);
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what) {
    (void)part;
    return json_read_sequence(r, object, what, "pretokenizers", read_step);
}
