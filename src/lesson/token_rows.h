/* Tokens on a page: rows of pieces, each with its id below. */
#ifndef LESSON_TOKEN_ROWS_H
#define LESSON_TOKEN_ROWS_H

#include "lesson/page.h"
#include "tokenizer/tokenizer.h"

/* Prints the first tokens, a few rows of them, "..." where there are more, and an empty line. */
void token_rows_print(const page *p, const tokenizer *tok, const tok_ids *ids);

#endif
