/* The `kingdom` corpus: generated English sentences over a small world whose relations are known:
 * royalty by gender, capital by country, singular and plural, comparatives, family words, among
 * filler words with Zipf's distribution. Tests and lessons know that its analogies hold. */
#ifndef TRAIN_KINGDOM_H
#define TRAIN_KINGDOM_H

#include <stdint.h>
#include <stdio.h>

/* Writes n sentences, one a line. The same seed gives the same text on every machine. */
void train_kingdom_write(FILE *out, int64_t n_sentences, uint64_t seed);

/* One analogy question of that world: a is to b as c is to d. */
typedef struct train_kingdom_question {
    const char *section, *a, *b, *c, *d;
} train_kingdom_question;

/* All questions; *n says how many. Borrows (static). */
const train_kingdom_question *train_kingdom_questions(int *n);
/* Writes them in the form of questions-words.txt: ": section" and "a b c d" a line. */
void train_kingdom_write_questions(FILE *out);

#endif
