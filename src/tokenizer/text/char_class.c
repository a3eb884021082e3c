#include "tokenizer/text/char_class.h"

#include "tokenizer/text/chars.h"

#include <utf8proc.h>

#define BETWEEN(c, low, high) ((c) >= (low) && (c) <= (high))
#define LETTER(c)             (BETWEEN(c, 'A', 'Z') || BETWEEN(c, 'a', 'z'))
#define CLASS(c)                                                                                   \
    (BETWEEN(c, '\t', '\r') || (c) == ' ' ? CHAR_SPACE                                             \
     : LETTER(c)                          ? CHAR_LETTER | CHAR_WORD                                \
     : BETWEEN(c, '0', '9')               ? CHAR_NUMBER | CHAR_WORD                                \
     : (c) == '_'                         ? CHAR_PUNCT | CHAR_WORD                                 \
     : BETWEEN(c, '!', '~')               ? CHAR_PUNCT                                             \
                                          : 0)
#define CLASS_4(c)  CLASS(c), CLASS((c) + 1), CLASS((c) + 2), CLASS((c) + 3)
#define CLASS_16(c) CLASS_4(c), CLASS_4((c) + 4), CLASS_4((c) + 8), CLASS_4((c) + 12)

const unsigned char char_class_ascii[128] = {CLASS_16(0),  CLASS_16(16), CLASS_16(32),
                                             CLASS_16(48), CLASS_16(64), CLASS_16(80),
                                             CLASS_16(96), CLASS_16(112)};

static const unsigned char of_category[] = {
    [UTF8PROC_CATEGORY_LU] = CHAR_LETTER | CHAR_WORD,
    [UTF8PROC_CATEGORY_LL] = CHAR_LETTER | CHAR_WORD,
    [UTF8PROC_CATEGORY_LT] = CHAR_LETTER | CHAR_WORD,
    [UTF8PROC_CATEGORY_LM] = CHAR_LETTER | CHAR_WORD,
    [UTF8PROC_CATEGORY_LO] = CHAR_LETTER | CHAR_WORD,
    [UTF8PROC_CATEGORY_MN] = CHAR_WORD,
    [UTF8PROC_CATEGORY_MC] = CHAR_WORD,
    [UTF8PROC_CATEGORY_ME] = CHAR_WORD,
    [UTF8PROC_CATEGORY_ND] = CHAR_NUMBER | CHAR_WORD,
    [UTF8PROC_CATEGORY_NL] = CHAR_NUMBER | CHAR_WORD,
    [UTF8PROC_CATEGORY_NO] = CHAR_NUMBER,
    [UTF8PROC_CATEGORY_PC] = CHAR_PUNCT | CHAR_WORD,
    [UTF8PROC_CATEGORY_PD] = CHAR_PUNCT,
    [UTF8PROC_CATEGORY_PS] = CHAR_PUNCT,
    [UTF8PROC_CATEGORY_PE] = CHAR_PUNCT,
    [UTF8PROC_CATEGORY_PI] = CHAR_PUNCT,
    [UTF8PROC_CATEGORY_PF] = CHAR_PUNCT,
    [UTF8PROC_CATEGORY_PO] = CHAR_PUNCT,
    [UTF8PROC_CATEGORY_ZS] = CHAR_SPACE,
    [UTF8PROC_CATEGORY_ZL] = CHAR_SPACE,
    [UTF8PROC_CATEGORY_ZP] = CHAR_SPACE,
    [UTF8PROC_CATEGORY_CO] = 0,
};

/* Alphabetic without being a letter, a mark or a number: circled and squared Latin letters. */
static int is_enclosed_letter(uint32_t code) {
    return BETWEEN(code, 0x24B6, 0x24E9) || BETWEEN(code, 0x1F130, 0x1F149) ||
           BETWEEN(code, 0x1F150, 0x1F169) || BETWEEN(code, 0x1F170, 0x1F189);
}

unsigned char_class_beyond_ascii(uint32_t code) {
    if (code >= TOK_LONE_BYTE) return 0;
    if (code == 0x85) return CHAR_SPACE; /* a control character by its category */
    if (code == 0x200C || code == 0x200D || is_enclosed_letter(code)) return CHAR_WORD;
    return of_category[utf8proc_category((utf8proc_int32_t)code)];
}
