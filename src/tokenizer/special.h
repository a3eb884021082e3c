/* Tokens that stand beside the model's: special ones, which text from outside never becomes, and
 * added ones such as NeoX's runs of blanks, which are found in every text before it is split.
 * Private to this folder. */
#ifndef TOKENIZER_SPECIAL_H
#define TOKENIZER_SPECIAL_H

#include "base/err.h"
#include "tokenizer/scratch.h"
#include "tokenizer/text/normalizer.h"
#include "tokenizer/vocab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As an entry of added_tokens in tokenizer.json. */
typedef struct special_token {
    int32_t id;
    str content;
    bool special;
    bool single_word;    /* not inside a word */
    bool lstrip, rstrip; /* takes the white space beside it */
    bool normalized;     /* looked for in the normalized text */
} special_token;

/* Zeroed = none. */
typedef struct specials {
    special_token *tokens; /* by rising id */
    size_t n, capacity;
    bool any_plain;                /* some are found in every text */
    struct special_search *search; /* for special_find; made by specials_prepare */
} specials;

/* Appends a token with a copy of content[0..len) and returns it for its flags to be set, until the
 * next call. */
special_token *special_add(specials *sp, int32_t id, const char *content, size_t len);
void specials_free(specials *sp);
/* Puts the tokens in order; two with one id are an error of the file `name`. */
bool specials_sort(specials *sp, const char *name, err *e);
/* Checks the ids, which must be those of vocab entries with the same content or follow them without
 * a hole, and appends what is missing to v; readies the search, where `normalized` tokens are what
 * the normalizer makes of them. May be called again when tokens were added. */
bool specials_prepare(specials *sp, vocab *v, const normalizer *norm, tok_scratch *s,
                      const char *name, err *e);
/* The token with that id, or NULL. After specials_sort or specials_prepare. */
const special_token *special_of(const specials *sp, int32_t id);
const special_token *special_named(const specials *sp, const char *content, size_t len);

/* The first token found in text[from..n), the longest at its place, of those with that `normalized`
 * and, unless allow_special, not special; *begin and *end with the white space it takes, none of it
 * before `from`. A `single_word` token inside a word is passed over as a whole. NULL when there is
 * none. */
const special_token *special_find(const specials *sp, bool normalized, bool allow_special,
                                  const char *text, size_t n, size_t from, size_t *begin,
                                  size_t *end);

#endif
