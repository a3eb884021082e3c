/* word2vec.c's sampling: a stretch of running text becomes windows with right and wrong words.
 *   - a word of count c among N is kept with probability (sqrt(c / (t N)) + 1) t N / c;
 *   - a sentence ends with its line, or after 1000 kept words;
 *   - each kept word is the center of a window of 1 .. `window` words to either side, equally
 *     likely, cut at the ends of the sentence;
 *   - wrong words are drawn by count^ns_exponent, never </s>; one that is the right one is left
 *     out.
 * Every random number is a function of the key, so a job gives the same windows whenever it runs.
 */
#ifndef TRAIN_SAMPLER_H
#define TRAIN_SAMPLER_H

#include "base/rng.h"
#include "nn/word2vec.h"
#include "tokenizer/words/words.h"
#include "train/alias.h"

#include <stdbool.h>

typedef struct sampler_settings {
    int64_t window, negative;
    double sample, ns_exponent;
    bool shared_negatives;   /* the inputs of a window share its wrong words (Ji et al. 2016) */
    int64_t stretch_windows; /* centers of one stretch */
    int64_t min_n, max_n, bucket; /* n-grams; bucket 0 = none */
} sampler_settings;

typedef struct sampler {
    sampler_settings settings;
    uint32_t *keep; /* of each word: kept when a random word is not above it */
    alias_table noise;
    int32_t *bag_begin, *bag; /* rows of each word and its n-grams, or NULL */
} sampler;

/* The windows of one job, in stretches; its memory is reused from job to job. Zeroed = empty. */
typedef struct sampler_job {
    nn_stretch *stretches;
    int64_t n_stretches, n_pairs; /* inputs, over all windows */
    struct sampler_memory *memory;
} sampler_job;

/* The buckets of a word's n-grams, at most SAMPLER_MAX_NGRAMS; "</s>" has none. Returns how many.
 */
enum { SAMPLER_MAX_NGRAMS = 8192 };
int64_t sampler_ngrams(const char *word, int64_t min_n, int64_t max_n, int64_t bucket,
                       int32_t *buckets);

sampler sampler_new(const sampler_settings *settings, const words *w);
void sampler_free(sampler *s);

/* Makes the windows of tokens[0..n), ids of words. */
void sampler_fill(const sampler *s, rng_key key, const int32_t *tokens, int64_t n,
                  sampler_job *job);
void sampler_job_free(sampler_job *job);

#endif
