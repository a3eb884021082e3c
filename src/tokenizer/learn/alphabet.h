/* The characters that get tokens of their own. Private to this folder. */
#ifndef TOKENIZER_ALPHABET_H
#define TOKENIZER_ALPHABET_H

#include "tokenizer/learn/count.h"

typedef struct alphabet_char {
    int64_t count; /* in the texts */
    uint32_t code;
} alphabet_char;

typedef struct alphabet {
    alphabet_char *chars; /* by falling count, then by code */
    size_t n;
    bool *has; /* by code, TOK_CODES of them */
} alphabet;

/* The most frequent characters of the pieces that make up the share `coverage` of all. NUL and
 * bytes that are not UTF-8 are no characters. Free with alphabet_free. */
void alphabet_choose(alphabet *a, const counted_pieces *c, double coverage);
void alphabet_free(alphabet *a);

#endif
