/* How tokens become text again. Private to this folder. */
#ifndef TOKENIZER_DECODER_H
#define TOKENIZER_DECODER_H

#include "base/str.h"

#include <stdbool.h>

typedef enum decoder_kind {
    DECODE_FUSED,     /* pieces follow one another: byte level, char */
    DECODE_METASPACE, /* `space` stands for a blank; one at the very beginning goes if `strip` */
    DECODE_WORDPIECE, /* a blank before each piece but the first, unless it begins with `prefix` */
    DECODE_SUFFIX,    /* `suffix` ends a word: BPEDecoder */
    DECODE_WORDS      /* as one writes words and marks: type word; also files without a decoder */
} decoder_kind;

typedef struct decoder {
    decoder_kind kind;
    str space, prefix, suffix;
    bool strip;
    bool line_blanks; /* metaspace: a blank at the beginning of a line goes as well */
    bool cleanup;     /* wordpiece: no blank before . , ! ? n't 'm 's 've 're */
} decoder;

void decoder_free(decoder *d);

struct tok_decoding;
/* Appends what piece[0..len) adds: the byte where it stands for one, which is -1 else; a special
 * token is its content as it is. */
void decoder_next(const decoder *d, struct tok_decoding *state, const char *piece, size_t len,
                  int byte, bool special, str *out);

#endif
