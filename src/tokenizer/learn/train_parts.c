/* How each type treats text around its model. */
#include "tokenizer/learn/trainers.h"

#include <string.h>

static tok_normalization normalization_of(const tok_training *how) {
    if (how->normalize != TOK_NORMALIZE_DEFAULT) return how->normalize;
    switch (how->type) {
    case TOK_WORD:
    case TOK_WORDPIECE:
        return TOK_NORMALIZE_LOWER;
    case TOK_UNIGRAM:
        return TOK_NORMALIZE_NFKC;
    default:
        return TOK_NORMALIZE_NONE;
    }
}

static void add_form(normalizer *norm, tok_normalization form) {
    if (form == TOK_NORMALIZE_NFC) normalizer_add(norm, NORM_NFC);
    if (form == TOK_NORMALIZE_NFKC) normalizer_add(norm, NORM_NFKC);
    if (form == TOK_NORMALIZE_LOWER) normalizer_add(norm, NORM_LOWERCASE);
}

static void set_bert_normalizer(tokenizer *tok, tok_normalization form) {
    norm_step *bert = normalizer_add(&tok->normalizer, NORM_BERT);
    bert->clean_text = bert->handle_chinese_chars = true;
    bert->strip_accents = bert->lowercase = form == TOK_NORMALIZE_LOWER;
    if (form != TOK_NORMALIZE_LOWER) add_form(&tok->normalizer, form);
}

/* SentencePiece's: the form, then no more than one blank in a row and none at the ends, unless the
 * text is to stay as it is. Words that begin a line get the blank that others have before them. */
static bool set_unigram_normalizer(tokenizer *tok, tok_normalization form, err *e) {
    bool cleans = form != TOK_NORMALIZE_NONE;
    normalizer *norm = &tok->normalizer;
    add_form(norm, form);
    if (cleans) {
        norm_step *strip = normalizer_add(norm, NORM_STRIP);
        strip->left = strip->right = true;
    }
    return normalizer_add_replace(norm, NORM_LINE_BEGINNINGS, false, "\n ", "lines", e) &&
           (!cleans || normalizer_add_replace(norm, NORM_BLANK_RUNS, false, " ", "blanks", e));
}

static bool add_pattern(tokenizer *tok, const char *source, bool literal, split_behavior behavior,
                        err *e) {
    split_step *step = splitter_add(&tok->splitter, SPLIT_PATTERN);
    step->behavior = behavior;
    step->pattern = pattern_new(source, strlen(source), literal, "words", e);
    return step->pattern;
}

static bool set_word(tokenizer *tok, tok_normalization form, err *e) {
    add_form(&tok->normalizer, form);
    tok->decoder.kind = DECODE_WORDS;
    return add_pattern(tok, SPLIT_BLANKS_PATTERN, false, SPLIT_REMOVED, e) &&
           add_pattern(tok, SPLIT_WORDS_PATTERN, false, SPLIT_ISOLATED, e);
}

static void set_bpe(tokenizer *tok, tok_normalization form) {
    add_form(&tok->normalizer, form);
    splitter_add(&tok->splitter, SPLIT_BYTE_LEVEL)->use_regex = true;
    tok->byte_level = true;
}

static void set_wordpiece(tokenizer *tok, tok_normalization form) {
    set_bert_normalizer(tok, form);
    splitter_add(&tok->splitter, SPLIT_BERT);
    tok->decoder.kind = DECODE_WORDPIECE;
    tok->decoder.cleanup = true;
    str_append(&tok->decoder.prefix, "##", 2);
}

/* A line break is a piece by itself, so that no token joins the lines of a text. */
static bool set_unigram(tokenizer *tok, tok_normalization form, err *e) {
    if (!add_pattern(tok, "\n", true, SPLIT_ISOLATED, e)) return false;
    split_step *step = splitter_add(&tok->splitter, SPLIT_METASPACE);
    step->prepend = SPLIT_PREPEND_FIRST;
    step->split = true;
    str_append(&step->replacement, SPLIT_METASPACE_CHAR, strlen(SPLIT_METASPACE_CHAR));
    tok->decoder.kind = DECODE_METASPACE;
    tok->decoder.strip = tok->decoder.line_blanks = true;
    str_append(&tok->decoder.space, SPLIT_METASPACE_CHAR, strlen(SPLIT_METASPACE_CHAR));
    tok->fuse_unk = true;
    return set_unigram_normalizer(tok, form, e);
}

bool training_parts(tokenizer *tok, const tok_training *how, err *e) {
    tok_normalization form = normalization_of(how);
    switch (how->type) {
    case TOK_BYTE:
        tok->byte_level = true;
        add_form(&tok->normalizer, form);
        return true;
    case TOK_CHAR:
        add_form(&tok->normalizer, form);
        tok->splitter.cut_at_blanks = true; /* as everywhere */
        return true;
    case TOK_WORD:
        return set_word(tok, form, e);
    case TOK_BPE:
        set_bpe(tok, form);
        return true;
    case TOK_WORDPIECE:
        set_wordpiece(tok, form);
        return true;
    case TOK_UNIGRAM:
        return set_unigram(tok, form, e);
    }
    return true;
}
