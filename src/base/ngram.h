/* Character n-grams of a word as fastText counts them (Bojanowski et al. 2017). */
#ifndef BASE_NGRAM_H
#define BASE_NGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Writes to out[0..capacity) the buckets, in [0, bucket), bucket > 0, of all n-grams of min_n to
 * max_n characters (UTF-8) of "<word>", but those of one character at either edge: FNV-1a of the
 * bytes, 32 bits, each byte sign-extended as fastText's own hash does, modulo bucket. In fastText's
 * order. Returns how many there are, which may be above capacity; 0 when max_n is 0. That fastText
 * itself gives "</s>", the end of a line, no n-grams is the caller's matter. */
int64_t ngram_buckets(const char *word, size_t length, int64_t min_n, int64_t max_n, int64_t bucket,
                      int32_t *out, int64_t capacity);

#endif
