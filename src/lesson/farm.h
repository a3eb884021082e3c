/* The `farm` corpus: generated sentences over animals, fruits and vehicles. Words of a class keep
 * the same company (animals eat and sleep, fruits are peeled), and the two words of a kin a little
 * more of it (dog and puppy the kennel), among words that go with everything. */
#ifndef LESSON_FARM_H
#define LESSON_FARM_H

#include <stdint.h>
#include <stdio.h>

enum { FARM_CLASSES = 3, FARM_KINS = 6, FARM_WORDS = 2 * FARM_KINS };

/* The words of a class: number 2k and 2k + 1 are kin. */
typedef struct farm_class {
    const char *name;
    const char *words[FARM_WORDS];
} farm_class;

extern const farm_class farm_classes[FARM_CLASSES];

/* Writes n sentences, one a line, words between blanks. The same seed gives the same text on every
 * machine. */
void farm_write(FILE *out, int64_t n_sentences, uint64_t seed);

#endif
