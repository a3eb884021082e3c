/* What is done to a text before it is split: Unicode forms, lower case, SentencePiece's character
 * map. The names are those of tokenizer.json. Private to this folder. */
#ifndef TOKENIZER_NORMALIZER_H
#define TOKENIZER_NORMALIZER_H

#include "base/str.h"
#include "tokenizer/scratch.h"
#include "tokenizer/text/pattern.h"

#include <stdbool.h>
#include <stddef.h>

struct charsmap;

typedef enum norm_kind {
    NORM_NFC,
    NORM_NFD,
    NORM_NFKC,
    NORM_NFKD,
    NORM_LOWERCASE,
    NORM_STRIP_ACCENTS, /* drops marks (Mn, Mc, Me), as HF; the text should be NFD */
    NORM_STRIP,         /* white space at the ends: left, right */
    NORM_BERT,          /* clean_text, handle_chinese_chars, strip_accents, lowercase */
    NORM_PREPEND,       /* `text` before a text that is not empty */
    NORM_REPLACE,       /* each match of `pattern` by `text` */
    NORM_PRECOMPILED    /* SentencePiece's precompiled_charsmap */
} norm_kind;

typedef struct norm_step {
    norm_kind kind;
    bool left, right;                                                /* strip */
    bool clean_text, handle_chinese_chars, strip_accents, lowercase; /* bert */
    str text;                                                        /* prepend, replace */
    pattern *pattern;                                                /* replace */
    struct charsmap *map;                                            /* precompiled */
} norm_step;

/* Steps in order. Zeroed = nothing is done. */
typedef struct normalizer {
    norm_step *steps;
    size_t n;
} normalizer;

/* Regular expressions for NORM_REPLACE that take blanks, but no other white space, from the ends.
 */
#define NORM_LEADING_BLANKS  "\\A +"
#define NORM_TRAILING_BLANKS " +\\z"
/* One that finds runs of them, and one that finds the line breaks behind which a line begins that
 * is not empty. */
#define NORM_BLANK_RUNS      " {2,}"
#define NORM_LINE_BEGINNINGS "\\n(?=[^\\n])"

/* Appends a step and returns it to be filled in; what it points to is freed with the normalizer. */
norm_step *normalizer_add(normalizer *norm, norm_kind kind);
/* Appends the step that replaces what matches `source`, a fixed string when `literal`, by `by`;
 * false and e, which begins with `name`, where that is no regular expression. */
bool normalizer_add_replace(normalizer *norm, const char *source, bool literal, const char *by,
                            const char *name, err *e);
void normalizer_free(normalizer *norm);

/* The text after the first n_steps steps. Borrows `text` itself where nothing changes, else from s
 * until the next call; *n becomes its length. Bytes that are not UTF-8 stay as they are: each
 * stretch of valid text between them is normalized by itself. */
const char *normalizer_apply(const normalizer *norm, size_t n_steps, tok_scratch *s,
                             const char *text, size_t *n);
/* Whether a text may be cut before a blank that follows an ASCII letter and precedes one, without
 * changing what becomes of it but for what is done at the ends: PREPEND, STRIP, leading and
 * trailing blanks (normalizer_of_part). */
bool normalizer_can_cut(const normalizer *norm);
/* The normalizer for a part of a text: what is done at an end is left out where the part has not
 * that end. Borrows from norm; only its steps are new (free them with free). */
normalizer normalizer_of_part(const normalizer *norm, bool begins, bool ends);
/* Appends text[0..n) as the clean_text and handle_chinese_chars of a BERT step leave it. */
void normalize_bert_clean(const norm_step *step, const char *text, size_t n, str *out);
/* Whether the step replaces each single blank by a text. */
bool norm_step_replaces_blanks(const norm_step *step);

#endif
