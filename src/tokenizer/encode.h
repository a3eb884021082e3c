/* Encoding one part of a text. Private to this folder. */
#ifndef TOKENIZER_ENCODE_H
#define TOKENIZER_ENCODE_H

#include "tokenizer/parts.h"

/* Text[begin..end) without added tokens, which may be empty, and the token behind it. */
typedef struct text_stretch {
    size_t begin, end;
    int32_t token; /* -1: the text ends */
} text_stretch;

/* Takes the next stretch of text[*at..n) that holds none of the tokens looked for in normalized
 * text, or else in the text as it is; *at moves behind the token. False at the end. */
bool next_stretch(const tokenizer *tok, bool normalized, bool allow_special, const char *text,
                  size_t n, size_t *at, text_stretch *stretch);

/* A stretch of a text, or a part of one. */
typedef struct text_part {
    const char *text;
    size_t n;
    bool begins_text;                  /* the whole text */
    bool begins_stretch, ends_stretch; /* what lies between two added tokens */
    uint64_t number;                   /* of its random numbers */
} text_part;

/* Appends the ids of the part on the calling thread: normalizer, added tokens in normalized text,
 * splitter, model. */
void encode_part(const tokenizer *tok, const text_part *part, const tok_options *options,
                 tok_ids *out);

#endif
