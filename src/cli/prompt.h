/* Texts that a command is given: a file, or the prompt that a sample continues. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "tokenizer/tokenizer.h"

/* Appends the tokens of the whole file. */
bool prompt_encode_file(const tokenizer *tok, const char *path, tok_ids *ids, err *e);

/* Appends the tokens of the prompt, of the file NAME when it is "FILE:NAME", or of a line break
 * when it is empty. A prompt that has no token at all is an error. */
bool prompt_encode(const tokenizer *tok, const char *prompt, tok_ids *ids, err *e);

#endif
