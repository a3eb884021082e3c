/* WordPiece: the longest token that begins a word, then the longest that continues it (Wu et al.
 * 2016, as BERT does it). Private to this folder. */
#ifndef TOKENIZER_WORDPIECE_H
#define TOKENIZER_WORDPIECE_H

#include "tokenizer/parts.h"

typedef struct wordpiece {
    str prefix;                  /* of tokens that continue a word: "##" */
    int64_t longest;             /* max_input_chars_per_word: longer words are unknown; 100 */
    struct trie *start, *inside; /* made by prepare */
} wordpiece;

wordpiece *wordpiece_new(void);

#endif
