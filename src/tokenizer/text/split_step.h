/* One step of a splitter. Private to this folder. */
#ifndef TOKENIZER_SPLIT_STEP_H
#define TOKENIZER_SPLIT_STEP_H

#include "tokenizer/text/splitter.h"

/* What a step works with beside its text. */
typedef struct split_means {
    tok_scratch *s;
    str *changed;       /* for a text that the step changes: its pieces lie there */
    bool first;         /* the text begins the whole text */
    const splitter *of; /* that the step belongs to */
} split_means;

/* Calls take with each piece of text[0..n), n > 0, which is valid UTF-8 unless it is for GPT-2's
 * regular expression. */
void split_step_run(const split_step *step, const split_means *means, const char *text, size_t n,
                    split_take *take, void *context);

/* What stands for a blank; each: also behind another one a piece begins. */
typedef struct split_marks {
    const char *mark;
    size_t len;
    bool each;
} split_marks;

/* Cuts text[0..n) before the marks, and between the characters of cut_pairs, which may be NULL. */
void split_before_marks(const split_marks *marks, const char_pairs *cut_pairs, const char *text,
                        size_t n, split_take *take, void *context);

/* Whether the step's pieces do not depend on what is beyond the blank that separates two ASCII
 * words, and whether it always begins a piece at such a blank. */
bool split_step_is_local(const split_step *step);
bool split_step_cuts(const split_step *step, bool cut_at_blanks);
/* Whether the step is GPT-2's regular expression and nothing else. */
bool split_step_is_gpt2(const split_step *step);

#endif
