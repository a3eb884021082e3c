#include "tokenizer/text/describe_steps.h"

#include "tokenizer/text/print.h"

#include <string.h>

static void append_quoted(const str *text, str *out) {
    str_append(out, "\"", 1);
    print_text(text->data, text->len, out);
    str_append(out, "\"", 1);
}

/* Appends the source on one line; a regular expression keeps its backslashes as they are. */
static void append_source(const pattern *p, str *out) {
    size_t n;
    const char *source = pattern_source(p, &n), *end = source + n;
    while (!pattern_is_literal(p) && source < end) {
        const char *backslash = memchr(source, '\\', (size_t)(end - source));
        const char *stop = backslash ? backslash : end;
        print_text(source, (size_t)(stop - source), out);
        if (backslash) str_append(out, "\\", 1);
        source = stop + (backslash != NULL);
    }
    print_text(source, (size_t)(end - source), out);
}

static void describe_bert(const norm_step *step, str *out) {
    str_printf(out, "BERT:%s%s%s%s", step->clean_text ? " clean text," : "",
               step->handle_chinese_chars ? " Chinese characters apart," : "",
               step->strip_accents ? " no accents," : "", step->lowercase ? " lower case," : "");
    out->data[--out->len] = '\0';
}

static void describe_replace(const norm_step *step, str *out) {
    str_printf(out, "replace %s\"", pattern_is_literal(step->pattern) ? "" : "matches of ");
    append_source(step->pattern, out);
    str_printf(out, "\" by ");
    append_quoted(&step->text, out);
}

void norm_step_describe(const norm_step *step, str *out) {
    static const char *const names[] = {"NFC",  "NFD",        "NFKC",
                                        "NFKD", "lower case", "strip accents"};
    switch (step->kind) {
    case NORM_STRIP:
        str_printf(out, "strip blanks%s",
                   step->left && step->right ? ""
                   : step->left              ? " at the beginning"
                                             : " at the end");
        break;
    case NORM_BERT:
        describe_bert(step, out);
        break;
    case NORM_PREPEND:
        str_printf(out, "prepend ");
        append_quoted(&step->text, out);
        break;
    case NORM_REPLACE:
        describe_replace(step, out);
        break;
    case NORM_PRECOMPILED:
        str_printf(out, "SentencePiece's character map");
        break;
    default:
        str_printf(out, "%s", names[step->kind]);
        break;
    }
}

static const char *behavior_name(split_behavior behavior) {
    static const char *const names[] = {
        [SPLIT_REMOVED] = "removed",
        [SPLIT_ISOLATED] = "apart",
        [SPLIT_MERGED_WITH_PREVIOUS] = "joined to what is before",
        [SPLIT_MERGED_WITH_NEXT] = "joined to what follows",
        [SPLIT_CONTIGUOUS] = "in runs",
    };
    return names[behavior];
}

static void describe_pattern(const split_step *step, str *out) {
    str_printf(out, "%s%s '", step->invert ? "all but " : "",
               pattern_is_literal(step->pattern) ? "text" : "pattern");
    append_source(step->pattern, out);
    str_printf(out, "' %s", behavior_name(step->behavior));
}

static void describe_metaspace(const split_step *step, str *out) {
    static const char *const before[] = {
        [SPLIT_PREPEND_ALWAYS] = ", one before every stretch",
        [SPLIT_PREPEND_FIRST] = ", one before the text",
        [SPLIT_PREPEND_NEVER] = "",
    };
    str_printf(out, "%s for blanks%s%s", step->replacement.data, before[step->prepend],
               step->split ? ", a piece begins at each" : "");
}

void split_step_describe(const split_step *step, str *out) {
    switch (step->kind) {
    case SPLIT_BYTE_LEVEL:
        str_printf(out, "bytes, %s%s", step->use_regex ? "GPT-2's words" : "not split",
                   step->add_prefix_space ? ", a blank before the text" : "");
        break;
    case SPLIT_PATTERN:
        describe_pattern(step, out);
        break;
    case SPLIT_METASPACE:
        describe_metaspace(step, out);
        break;
    case SPLIT_BERT:
        str_printf(out, "words and single marks");
        break;
    case SPLIT_WHITESPACE:
        str_printf(out, "words and runs of marks");
        break;
    case SPLIT_WHITESPACE_SPLIT:
        str_printf(out, "at white space");
        break;
    case SPLIT_DIGITS:
        str_printf(out, "%s", step->individual_digits ? "digits one by one" : "runs of digits");
        break;
    case SPLIT_PUNCTUATION:
        str_printf(out, "punctuation %s", behavior_name(step->behavior));
        break;
    }
}

void decoder_describe(const decoder *d, str *out) {
    switch (d->kind) {
    case DECODE_FUSED:
        str_printf(out, "pieces one behind the other");
        break;
    case DECODE_METASPACE:
        str_printf(out, "\"%s\" to a blank%s", d->space.data,
                   d->line_blanks ? ", one at the beginning of each line removed"
                   : d->strip     ? ", one at the beginning removed"
                                  : "");
        break;
    case DECODE_WORDPIECE:
        str_printf(out, "a blank before each piece without \"%s\"%s",
                   d->prefix.len ? d->prefix.data : "",
                   d->cleanup ? ", but none before marks" : "");
        break;
    case DECODE_SUFFIX:
        str_printf(out, "\"%s\" to a blank", d->suffix.data);
        break;
    case DECODE_WORDS:
        str_printf(out, "words and marks as one writes them");
        break;
    }
}
