/* A text of any length to token ids, of which only those of a stretch are in memory at a time. */
#ifndef TRAIN_ENCODE_TEXT_H
#define TRAIN_ENCODE_TEXT_H

#include "tokenizer/tokenizer.h"

enum { ENCODE_STRETCH = 64 << 20 }; /* bytes */

/* Told of the ids of the next stretch and which share of the text is done; returns false to stop.
 */
typedef bool train_take_ids(void *context, const tok_ids *ids, double done);

/* Gives `take` the ids of text[0..n), those of tok_encode in one call, in stretches of about
 * `stretch` bytes, at least one. A stretch ends behind a line break that follows a printable ASCII
 * character and precedes an ASCII letter or digit; a tokenizer that does not always cut a text
 * there, as one that puts a blank before each text, gets the whole text at once. */
bool train_encode_text(const tokenizer *tok, const char *text, size_t n, size_t stretch,
                       train_take_ids *take, void *context);

#endif
