/* Text from a model as it comes: whole characters, printed as soon as their last token is there. */
#ifndef CLI_PRINTER_H
#define CLI_PRINTER_H

#include "tokenizer/tokenizer.h"

typedef struct printer {
    const tokenizer *tok;
    tok_decoding decoding;
    str text; /* decoded, not printed yet */
} printer;

/* Prints what the token adds on stdout; false where nobody reads it. */
bool printer_add(printer *p, int32_t id);
/* Prints what is left, be it half a character, and forgets everything but the tokenizer. */
void printer_end(printer *p);

#endif
