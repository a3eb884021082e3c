#include "tokenizer/file/write_json.h"

void json_write_pattern(json_writer *w, const pattern *p) {
    size_t n;
    const char *source = pattern_source(p, &n);
    json_open(w, '{');
    json_key(w, pattern_is_literal(p) ? "String" : "Regex");
    json_string(w, source, n);
    json_close(w, '}');
}

static void write_byte_level(json_writer *w, bool add_prefix_space, bool use_regex) {
    json_open_part(w, "ByteLevel");
    json_key_bool(w, "add_prefix_space", add_prefix_space);
    json_key_bool(w, "trim_offsets", true);
    json_key_bool(w, "use_regex", use_regex);
    json_close(w, '}');
}

static void write_step(json_writer *w, const split_step *step) {
    static const char *const types[] = {
        [SPLIT_PATTERN] = "Split",
        [SPLIT_METASPACE] = "Metaspace",
        [SPLIT_BERT] = "BertPreTokenizer",
        [SPLIT_WHITESPACE] = "Whitespace",
        [SPLIT_WHITESPACE_SPLIT] = "WhitespaceSplit",
        [SPLIT_DIGITS] = "Digits",
        [SPLIT_PUNCTUATION] = "Punctuation",
    };
    if (step->kind == SPLIT_BYTE_LEVEL) {
        write_byte_level(w, step->add_prefix_space, step->use_regex);
        return;
    }
    json_open_part(w, types[step->kind]);
    if (step->kind == SPLIT_PATTERN) {
        json_key(w, "pattern");
        json_write_pattern(w, step->pattern);
    }
    if (step->kind == SPLIT_PATTERN || step->kind == SPLIT_PUNCTUATION)
        json_key_choice(w, "behavior", SPLIT_BEHAVIOR_NAMES, (int)step->behavior);
    if (step->kind == SPLIT_PATTERN) json_key_bool(w, "invert", step->invert);
    if (step->kind == SPLIT_METASPACE) {
        json_key_string(w, "replacement", step->replacement.data);
        json_key_choice(w, "prepend_scheme", SPLIT_PREPEND_NAMES, (int)step->prepend);
        json_key_bool(w, "split", step->split);
    }
    if (step->kind == SPLIT_DIGITS) json_key_bool(w, "individual_digits", step->individual_digits);
    json_close(w, '}');
}

/* A byte-level tokenizer whose steps leave the bytes alone needs one that spells them. */
static bool needs_spelling(const tokenizer *tok) {
    for (size_t i = 0; i < tok->splitter.n; i++)
        if (tok->splitter.steps[i].kind == SPLIT_BYTE_LEVEL) return false;
    return tok->byte_level;
}

void json_write_splitter(json_writer *w, const tokenizer *tok) {
    size_t n = tok->splitter.n + needs_spelling(tok);
    json_open_steps(w, n, "pretokenizers");
    for (size_t i = 0; i < tok->splitter.n; i++) write_step(w, &tok->splitter.steps[i]);
    if (needs_spelling(tok)) write_byte_level(w, false, false);
    json_close_steps(w, n);
}
