/* Chosen words of an embedding while it is learned: how near they are to each other, their
 * neighbours, and the analogies that they make. Private to src/train. */
#ifndef TRAIN_WATCH_WORDS_H
#define TRAIN_WATCH_WORDS_H

#include "embed/analogy.h"
#include "tokenizer/tokenizer.h"

enum { WATCH_WORDS = 16, WATCH_ANALOGIES = WATCH_WORDS / 4 };

/* Each four words in a row, as king, queen, man, woman: a - c + d = b. */
typedef struct watch_analogy {
    int64_t a, b, c, d; /* rows */
} watch_analogy;

typedef struct watch_words {
    int64_t rows[WATCH_WORDS]; /* each once, in the order of the list */
    int n;
    watch_analogy analogies[WATCH_ANALOGIES];
    int n_analogies;
} watch_words;

/* Told of what a list may have meant otherwise. */
typedef void watch_note(void *context, const char *message);

/* Reads a list, "king, queen, man, woman"; the list "layers" has no words. One that is not found
 * is an error with the nearest name. tok (NULL = none) and `owner` as for train_find_row. */
bool watch_words_find(watch_words *w, const char *list, const embed_table *table,
                      const tokenizer *tok, const char *owner, watch_note *note, void *context,
                      err *e);

/* The cosine of a - c + d with b, *score, and the place of b among all rows but a, c and d. */
int64_t watch_words_rank(const embed_table *table, const watch_analogy *q, double *score);

#endif
