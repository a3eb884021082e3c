#include "tokenizer/text/split_step.h"

#include "tokenizer/text/char_class.h"
#include "tokenizer/text/chars.h"
#include "tokenizer/text/split_gpt2.h"

#include <string.h>

/* Where pieces go. */
typedef struct sink {
    split_take *take;
    void *context;
} sink;

static void give(const sink *to, const char *piece, size_t n) {
    if (n) to->take(to->context, piece, n);
}

/* Stretches of a text that match and such that do not, in order, becoming pieces as `behavior`
 * says: the piece at hand may still grow. */
typedef struct joiner {
    sink to;
    split_behavior behavior;
    const char *piece;
    size_t n;
    bool match; /* its last stretch */
} joiner;

static void join_end(joiner *j) {
    give(&j->to, j->piece, j->n);
    j->n = 0;
}

static void join_next(joiner *j, const char *stretch, size_t n, bool match) {
    if (n == 0) return;
    bool joins = (j->behavior == SPLIT_CONTIGUOUS && match == j->match) ||
                 (j->behavior == SPLIT_MERGED_WITH_PREVIOUS && match && !j->match) ||
                 (j->behavior == SPLIT_MERGED_WITH_NEXT && !match && j->match);
    if (!joins || j->n == 0) {
        join_end(j);
        j->piece = stretch;
    }
    j->n += n;
    j->match = match;
    if (match && j->behavior == SPLIT_REMOVED) j->n = 0;
}

static void split_by_pattern(const split_step *step, tok_scratch *s, const char *text, size_t n,
                             sink to) {
    joiner j = {.to = to, .behavior = step->behavior};
    size_t at = 0, begin, end;
    while (at < n && pattern_find(step->pattern, s, text, n, at, &begin, &end)) {
        join_next(&j, text + at, begin - at, step->invert);
        join_next(&j, text + begin, end - begin, !step->invert);
        at = end;
    }
    join_next(&j, text + at, n - at, step->invert);
    join_end(&j);
}

/* Characters of one of the classes `match` are matches one by one; those of `drop` go and end the
 * piece before them. */
static void split_by_class(const char *text, size_t n, unsigned drop, unsigned match,
                           split_behavior behavior, sink to) {
    joiner j = {.to = to, .behavior = behavior};
    size_t plain = 0, len; /* where the characters begin that are neither */
    for (size_t i = 0; i < n; i += len) {
        uint32_t code;
        len = tok_read_char(text + i, n - i, &code);
        unsigned class = char_class(code);
        if (!(class & (drop | match))) continue;
        join_next(&j, text + plain, i - plain, false);
        if (class & drop)
            join_end(&j);
        else
            join_next(&j, text + i, len, true);
        plain = i + len;
    }
    join_next(&j, text + plain, n - plain, false);
    join_end(&j);
}

/* Whether there is a mark at text[i]. */
static inline bool mark_at(const split_marks *m, const char *text, size_t n, size_t i) {
    return text[i] == m->mark[0] && i + m->len <= n && memcmp(text + i, m->mark, m->len) == 0;
}

void split_before_marks(const split_marks *marks, const char_pairs *cut_pairs, const char *text,
                        size_t n, split_take *take, void *context) {
    static const char_pairs no_pairs;
    const char_pairs *pairs = cut_pairs ? cut_pairs : &no_pairs;
    sink to = {take, context};
    size_t begin = 0, behind = 0; /* behind the last mark */
    for (size_t i = 0; i < n; i++) {
        bool mark = mark_at(marks, text, n, i);
        bool cuts = mark ? marks->each || i > behind
                         : i > behind && char_pairs_has(pairs, (unsigned char)text[i - 1],
                                                        (unsigned char)text[i]);
        if (cuts) {
            give(&to, text + begin, i - begin);
            begin = i;
        }
        if (!mark) continue;
        behind = i + marks->len;
        i = behind - 1;
    }
    give(&to, text + begin, n - begin);
}

/* The text with marks for blanks, and one before it where that is asked for. */
static void write_marks(const split_step *step, const char *text, size_t n, bool first, str *out) {
    const str *mark = &step->replacement;
    bool wanted =
        step->prepend == SPLIT_PREPEND_ALWAYS || (step->prepend == SPLIT_PREPEND_FIRST && first);
    bool there = text[0] == ' ' || (n >= mark->len && memcmp(text, mark->data, mark->len) == 0);
    out->len = 0;
    if (wanted && !there) str_append(out, mark->data, mark->len);
    size_t plain = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] != ' ') continue;
        str_append(out, text + plain, i - plain);
        str_append(out, mark->data, mark->len);
        plain = i + 1;
    }
    str_append(out, text + plain, n - plain);
}

static void split_metaspace(const split_step *step, const split_means *means, const char *text,
                            size_t n, sink to) {
    str *changed = means->changed;
    write_marks(step, text, n, means->first, changed);
    split_marks marks = {step->replacement.data, step->replacement.len, step->split};
    if (step->split || means->of->cut_at_blanks)
        split_before_marks(&marks, means->of->cut_pairs, changed->data, changed->len, to.take,
                           to.context);
    else
        give(&to, changed->data, changed->len);
}

static void split_byte_level(const split_step *step, str *changed, const char *text, size_t n,
                             sink to) {
    if (step->add_prefix_space && text[0] != ' ') {
        changed->len = 0;
        str_append(changed, " ", 1);
        str_append(changed, text, n);
        text = changed->data;
        n++;
    }
    if (step->use_regex)
        split_gpt2(text, n, to.take, to.context);
    else
        give(&to, text, n);
}

void split_step_run(const split_step *step, const split_means *means, const char *text, size_t n,
                    split_take *take, void *context) {
    sink to = {take, context};
    switch (step->kind) {
    case SPLIT_BYTE_LEVEL:
        split_byte_level(step, means->changed, text, n, to);
        break;
    case SPLIT_PATTERN:
        if (split_step_is_gpt2(step))
            split_gpt2(text, n, take, context);
        else
            split_by_pattern(step, means->s, text, n, to);
        break;
    case SPLIT_METASPACE:
        split_metaspace(step, means, text, n, to);
        break;
    case SPLIT_BERT:
        split_by_class(text, n, CHAR_SPACE, CHAR_PUNCT, SPLIT_ISOLATED, to);
        break;
    case SPLIT_WHITESPACE:
        split_by_class(text, n, CHAR_SPACE, CHAR_WORD, SPLIT_CONTIGUOUS, to);
        break;
    case SPLIT_WHITESPACE_SPLIT:
        split_by_class(text, n, CHAR_SPACE, 0, SPLIT_ISOLATED, to);
        break;
    case SPLIT_DIGITS:
        split_by_class(text, n, 0, CHAR_NUMBER,
                       step->individual_digits ? SPLIT_ISOLATED : SPLIT_CONTIGUOUS, to);
        break;
    case SPLIT_PUNCTUATION:
        split_by_class(text, n, 0, CHAR_PUNCT, step->behavior, to);
        break;
    }
}

/* Regular expressions that begin a piece at a blank between two words and look no further. */
static const char *const word_patterns[] = {
    SPLIT_GPT2_PATTERN,
    SPLIT_WORDS_PATTERN,
#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define REST         "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
    /* cl100k and Llama 3, Qwen, GPT-4 in tiktoken and in minbpe */
    CONTRACTIONS "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" REST,
    CONTRACTIONS "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" REST,
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
/* o200k */
#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
    "[^\\r\\n\\p{L}\\p{N}]?" UPPER "*" LOWER "+" CONTRACTIONS "?|[^\\r\\n\\p{L}\\p{N}]?" UPPER
    "+" LOWER "*" CONTRACTIONS
    "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
};
enum { N_WORD_PATTERNS = sizeof word_patterns / sizeof *word_patterns };

static bool pattern_is(const pattern *p, const char *source) {
    size_t n;
    const char *own = pattern_source(p, &n);
    return !pattern_is_literal(p) && n == strlen(source) && memcmp(own, source, n) == 0;
}

bool split_step_is_gpt2(const split_step *step) {
    if (step->kind == SPLIT_BYTE_LEVEL) return step->use_regex && !step->add_prefix_space;
    return step->kind == SPLIT_PATTERN && step->behavior == SPLIT_ISOLATED && !step->invert &&
           pattern_is(step->pattern, SPLIT_GPT2_PATTERN);
}

/* These patterns match every part of a text, so that what is between matches may be removed. */
static bool is_word_pattern(const split_step *step) {
    if (step->behavior == SPLIT_REMOVED && !step->invert)
        return pattern_is(step->pattern, SPLIT_BLANKS_PATTERN);
    if (step->behavior != (step->invert ? SPLIT_REMOVED : SPLIT_ISOLATED)) return false;
    for (int i = 0; i < N_WORD_PATTERNS; i++)
        if (pattern_is(step->pattern, word_patterns[i])) return true;
    return false;
}

static bool is_literal_without_blank(const pattern *p) {
    size_t n;
    const char *source = pattern_source(p, &n);
    return pattern_is_literal(p) && !memchr(source, ' ', n);
}

bool split_step_is_local(const split_step *step) {
    return step->kind != SPLIT_PATTERN || is_word_pattern(step) ||
           is_literal_without_blank(step->pattern);
}

bool split_step_cuts(const split_step *step, bool cut_at_blanks) {
    switch (step->kind) {
    case SPLIT_BYTE_LEVEL:
        return step->use_regex;
    case SPLIT_PATTERN:
        return is_word_pattern(step);
    case SPLIT_METASPACE:
        return step->split || cut_at_blanks;
    case SPLIT_DIGITS:
    case SPLIT_PUNCTUATION:
        return false;
    default:
        return true;
    }
}
