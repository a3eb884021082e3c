/* Where a text may be cut for a model that gives the same ids to its parts. Private to this
 * folder. */
#ifndef TOKENIZER_CUTS_H
#define TOKENIZER_CUTS_H

#include "tokenizer/parts.h"

/* Sets cut_at_blanks and cut_pairs of the splitter by the vocabulary: pieces become shorter, and
 * more of them are met again. */
void find_cuts(tokenizer *tok);

#endif
