/* What kind of character it is by Unicode's properties. Private to this folder. */
#ifndef TOKENIZER_CHAR_CLASS_H
#define TOKENIZER_CHAR_CLASS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CHAR_SPACE = 1,  /* White_Space */
    CHAR_LETTER = 2, /* \p{L} */
    CHAR_NUMBER = 4, /* \p{N} */
    CHAR_PUNCT = 8,  /* \p{P} and all of ASCII's marks, as BERT has it */
    CHAR_WORD =
        16 /* \w of Rust's regular expressions: Alphabetic, \p{M}, \p{Nd}, \p{Pc}, joiners */
};

extern const unsigned char char_class_ascii[128];
unsigned char_class_beyond_ascii(uint32_t code);

/* The flags above of a character's code (chars.h); none for a byte that is not UTF-8. */
static inline unsigned char_class(uint32_t code) {
    return code < 128 ? char_class_ascii[code] : char_class_beyond_ascii(code);
}

static inline bool is_ascii_letter(char c) {
    return (unsigned)(c | 32) - 'a' < 26;
}

#endif
