/* The questions of an analogy benchmark. Private to src/embed. */
#ifndef EMBED_QUESTIONS_H
#define EMBED_QUESTIONS_H

#include "embed/evaluate.h"
#include "embed/names.h"

/* "a is to b as c is to d", all four of them known. */
typedef struct embed_question {
    int32_t a, b, c, d; /* rows */
    int32_t section;
} embed_question;

/* Zeroed = empty. */
typedef struct embed_questions {
    embed_question *items;
    int64_t n, capacity;
} embed_questions;

/* Reads the n bytes of text, called `name` in errors: appends its sections to out, their questions
 * counted (asked or skipped), and those that all words are known of to q. Free q->items with free
 * and release out in any case. */
bool embed_questions_read(embed_questions *q, embed_analogies *out, const embed_names *words,
                          const char *text, size_t n, const char *name, err *e);

#endif
