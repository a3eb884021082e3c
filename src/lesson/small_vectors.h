/* Word vectors trained by word2vec on a small text, in seconds, epoch by epoch. */
#ifndef LESSON_SMALL_VECTORS_H
#define LESSON_SMALL_VECTORS_H

#include "embed/table.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/words/words.h"
#include "train/word2vec.h"

typedef struct small_vectors {
    config config;
    words vocabulary;
    tok_ids ids;
    train_tokens tokens; /* those ids */
    word2vec word2vec;
    int64_t step; /* done */
} small_vectors;

/* Skip-gram with negative sampling, vectors of that width; the text, c.dataset, is not named yet.
 */
config small_vectors_config(int64_t width, int64_t epochs, double alpha, uint64_t seed);

/* Reads the text c->dataset, words between blanks, and draws the vectors of those that occur
 * c->min_count times; nothing is trained yet. Release with small_vectors_free in any case. */
bool small_vectors_make(small_vectors *s, const config *c, err *e);
void small_vectors_free(small_vectors *s);

/* One of c->epochs times through the text; the mean loss of what was to be told. */
double small_vectors_epoch(small_vectors *s);

/* The vectors as they are now. */
typedef struct small_table {
    io_vectors vectors; /* names are borrowed from the vocabulary */
    embed_table table;
} small_table;

/* Returns new (free with small_table_free). */
small_table *small_table_new(const small_vectors *s);
void small_table_free(small_table *t);

/* The row of a word, which must be there. */
int64_t small_table_row(const small_table *t, const char *word);
/* The cosine of the vectors of two such words. */
double small_table_cosine(const small_table *t, const char *a, const char *b);

#endif
