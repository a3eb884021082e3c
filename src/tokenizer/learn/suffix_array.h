/* Suffixes of a text of numbers in order, up to a depth. Private to this folder. */
#ifndef TOKENIZER_SUFFIX_ARRAY_H
#define TOKENIZER_SUFFIX_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* Puts the suffixes[0..n) of text, places of it, into rising order of what begins there. A suffix
 * ends at the first 0, which must follow it, or after `depth` numbers; the order of equals is not
 * defined. Multikey quicksort (Bentley and Sedgewick 1997), all threads. */
void suffix_sort(const uint32_t *text, uint32_t *suffixes, size_t n, int depth);
/* How many numbers two suffixes have in common at their beginnings, up to `depth`. */
int suffix_common(const uint32_t *text, uint32_t a, uint32_t b, int depth);
/* How many numbers a suffix has, up to `depth`. */
int suffix_length(const uint32_t *text, uint32_t a, int depth);

#endif
