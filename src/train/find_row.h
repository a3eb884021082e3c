/* How words that people type are found among the rows of an embedding. */
#ifndef TRAIN_FIND_ROW_H
#define TRAIN_FIND_ROW_H

#include "embed/table.h"
#include "tokenizer/tokenizer.h"

/* The row of a word as typed, else in lower case, or -1. For the tokens of a run, whose tokenizer
 * is tok (else NULL), any text that is one token, alone or behind a blank (which "▁" may stand
 * for), or is printed as one. Where it is one either way, *other is the row behind a blank, else
 * -1. */
int64_t train_find_row(const embed_table *table, const tokenizer *tok, const char *typed,
                       int64_t *other);

/* Says that a word was not found among the rows of `owner`, with the nearest name; returns false.
 */
bool train_fail_row(const embed_table *table, const tokenizer *tok, const char *typed,
                    const char *owner, err *e);

#endif
