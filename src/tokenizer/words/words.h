/* The vocabulary of word vectors: words between blanks with their counts, as word2vec.c reads them.
 * Counting streams over the text: memory is bounded by the vocabulary, not by the text. */
#ifndef TOKENIZER_WORDS_H
#define TOKENIZER_WORDS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word of a text ends at a blank, tab, carriage return, NUL or line break, and is cut after this
 * many bytes. Two endings differ from word2vec.c: it joins what a carriage return parts, and drops
 * the last word of a text that ends without a blank or line break. */
enum { WORDS_LONGEST = 98 };

struct vocab;

/* Words by falling count, equals by bytes; id 0 is "</s>", the end of a line, whatever its
 * count. */
typedef struct words {
    int64_t n;
    char **names;        /* n, closed with a NUL; in `vocab` */
    int64_t *counts;     /* n; of </s>, the line breaks */
    int64_t total;       /* sum of the counts */
    struct vocab *vocab; /* the memory of the names and their hash table */
} words;

/* Counts the text file at `path` in blocks, all threads, and keeps the words that occur at least
 * min_count times. The result does not depend on the number of threads. When the table of all words
 * would exceed max_bytes, words seen least are forgotten as word2vec.c does (its ReduceVocab), and
 * *pruned, unless NULL, becomes true. A text where no word is frequent enough, as an empty one, is
 * an error. Release with words_free in any case. */
bool words_count(words *w, const char *path, int64_t min_count, size_t max_bytes, bool *pruned,
                 err *e);
/* The same of words that are known: n names, with counts. For vocabularies from elsewhere; </s> is
 * added where it is missing; the order is kept but for </s>, which comes first. A name that repeats
 * is one word. */
void words_of(words *w, const char *const *names, const int64_t *counts, int64_t n);
void words_free(words *w);

/* The id of name[0..length), or -1. */
int32_t words_find(const words *w, const char *name, size_t length);
/* A number that differs (almost surely) between different vocabularies. */
uint64_t words_fingerprint(const words *w);

/* "word count" lines, as word2vec.c's -save-vocab and GloVe's vocab.txt. Loading keeps the order as
 * words_of does; a word on two lines is an error. Release with words_free in any case. Saving a
 * name that is empty or holds a line break is an error. */
bool words_save(const words *w, const char *path, err *e);
bool words_load(words *w, const char *path, err *e);

/* Calls `take` with the ids of stretches of the text file, in order; words without an id are left
 * out, a line break is id 0. Blocks are read and looked up by all threads, and handed on by the
 * calling one, so that `take` may use all threads itself. Ends early, with false, where `take`
 * returns false. */
typedef bool words_take(void *context, const int32_t *ids, int64_t n);
bool words_read(const words *w, const char *path, words_take *take, void *context, err *e);

#endif
