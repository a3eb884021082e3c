/* The text that a sample continues. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "train/run.h"

/* Appends the tokens of the prompt, or of the file NAME when it is "FILE:NAME"; of an empty one
 * <|bos|><|assistant|> for a run on conversations, else a line break, or a full stop where that is
 * no token. With allow_special the special tokens written in it become what they are. A prompt that
 * has no token at all is an error.
 */
bool prompt_encode(const train_run *run, const char *prompt, bool allow_special, tok_ids *ids,
                   err *e);

/* Whether the token ends what the model has to say. */
bool prompt_is_end(const train_run *run, int32_t id);

#endif
