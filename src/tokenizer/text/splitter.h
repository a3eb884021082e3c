/* How a normalized text is cut into the pieces that a model encodes one by one ("pre-tokens"). The
 * names are those of tokenizer.json. Private to this folder. */
#ifndef TOKENIZER_SPLITTER_H
#define TOKENIZER_SPLITTER_H

#include "tokenizer/scratch.h"
#include "tokenizer/text/char_pairs.h"
#include "tokenizer/text/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum split_kind {
    SPLIT_BYTE_LEVEL, /* GPT-2's regular expression unless !use_regex; prefix: a blank before a text
                         that does not begin with one. Pieces stay raw bytes here */
    SPLIT_PATTERN,    /* by pattern and behavior; invert: the pattern is what lies between */
    SPLIT_METASPACE,  /* blanks become `replacement`, and one is put before the text as `prepend`
                         says; a piece begins at each, unless !split */
    SPLIT_BERT,       /* white space removed, punctuation isolated */
    SPLIT_WHITESPACE, /* \w+|[^\w\s]+ */
    SPLIT_WHITESPACE_SPLIT,
    SPLIT_DIGITS,     /* runs of digits, or each where individual_digits */
    SPLIT_PUNCTUATION /* by behavior */
} split_kind;

/* What becomes of a match, as in Hugging Face's SplitDelimiterBehavior. */
typedef enum split_behavior {
    SPLIT_REMOVED,
    SPLIT_ISOLATED,
    SPLIT_MERGED_WITH_PREVIOUS,
    SPLIT_MERGED_WITH_NEXT,
    SPLIT_CONTIGUOUS
} split_behavior;
#define SPLIT_BEHAVIOR_NAMES "Removed|Isolated|MergedWithPrevious|MergedWithNext|Contiguous"

typedef enum split_prepend {
    SPLIT_PREPEND_ALWAYS,
    SPLIT_PREPEND_FIRST,
    SPLIT_PREPEND_NEVER
} split_prepend;
#define SPLIT_PREPEND_NAMES "always|first|never"

typedef struct split_step {
    split_kind kind;
    bool use_regex, add_prefix_space; /* byte level */
    bool invert;                      /* pattern */
    bool split;                       /* metaspace */
    bool individual_digits;
    split_prepend prepend;
    split_behavior behavior;
    str replacement;  /* metaspace: usually "▁" */
    pattern *pattern; /* pattern */
} split_step;

/* How type word splits: white space but for line breaks only separates (SPLIT_REMOVED); a word is
 * letters and digits with apostrophes inside, every other character stands alone (SPLIT_ISOLATED).
 */
#define SPLIT_BLANKS_PATTERN "[^\\S\\n]+"
#define SPLIT_WORDS_PATTERN  "\\n|[\\p{L}\\p{M}\\p{N}]+(?:['’][\\p{L}\\p{M}\\p{N}]+)*|."

/* Steps in order, each cutting the pieces of the one before. Zeroed = the whole text is one
 * piece. */
typedef struct splitter {
    split_step *steps;
    size_t n;
    /* Set by tok_finish (cuts.h): a model gives the same ids when the text is cut before "▁" behind
     * another character, and between the characters of these pairs (NULL = none), although the
     * splitter does not ask for it. */
    bool cut_at_blanks;
    char_pairs *cut_pairs;
} splitter;

#define SPLIT_METASPACE_CHAR "\xE2\x96\x81" /* "▁", U+2581 */

enum { SPLITTER_MAX_STEPS = SCRATCH_TEXTS }; /* readers refuse more */

split_step *splitter_add(splitter *sp, split_kind kind);
void splitter_free(splitter *sp);

/* Calls take with each piece of text[0..n) in order, none empty. `first`: the text begins the whole
 * text, where SPLIT_PREPEND_FIRST puts its blank. A stretch of bytes that are not UTF-8 is a piece
 * by itself, and the text before and behind it is split as if it stood alone. */
typedef void split_take(void *context, const char *piece, size_t n);
void splitter_run(const splitter *sp, tok_scratch *s, const char *text, size_t n, bool first,
                  split_take *take, void *context);
/* The same after the first n_steps steps only, to explain them. */
void splitter_run_steps(const splitter *sp, size_t n_steps, tok_scratch *s, const char *text,
                        size_t n, bool first, split_take *take, void *context);
/* The first place at `from` or later where text[0..n) may be cut for threads without changing any
 * piece but for `first`: before a blank between two ASCII letters, n when there is none or when a
 * regular expression is not known to be safe. Where there is no step but cut_at_blanks, the caller
 * knows that its normalizer writes blanks as "▁". */
size_t splitter_cut(const splitter *sp, const char *text, size_t n, size_t from);

#endif
