/* What lesson 2 computes: whether a way to write words as numbers knows that dog is more like puppy
 * than like banana. */
#ifndef LESSON_02_SIMILARITY_H
#define LESSON_02_SIMILARITY_H

#include "base/err.h"
#include "embed/table.h"
#include "lesson/farm.h"
#include "lesson/progress.h"

enum { SIMILARITY_WORDS = FARM_CLASSES * FARM_WORDS };

typedef enum similarity_kind {
    SIMILARITY_IDS,     /* the id itself, a vector of one number */
    SIMILARITY_NEAR,    /* no vectors: minus the distance of the ids */
    SIMILARITY_ONE_HOT, /* as many numbers as words, one of them 1 */
    SIMILARITY_RANDOM,  /* drawn from N(0, 1) */
    SIMILARITY_TRAINED, /* by word2vec on the text */
    SIMILARITY_KINDS
} similarity_kind;

/* How alike one of them takes the words of the farm to be. */
typedef struct similarity {
    double score[SIMILARITY_WORDS][SIMILARITY_WORDS]; /* cosines, but for SIMILARITY_NEAR */
    /* Triples (word, one of its class, one of another): the score of word and first is above that
     * of word and second, equals it, or is below. */
    int64_t right, tied, wrong;
} similarity;

typedef struct similarity_plan {
    const char *folder; /* for the text, farm.txt */
    int64_t n_sentences, epochs, vector_size;
    uint64_t seed;
    lesson_progress progress;
} similarity_plan;

typedef struct similarity_lesson {
    similarity of[SIMILARITY_KINDS];
    int64_t vocabulary; /* words of the text */
    int64_t ids[SIMILARITY_WORDS];
} similarity_lesson;

/* The word number i of the farm, by classes. */
const char *similarity_word(int i);
/* Its number, or -1. */
int similarity_find(const char *word);

/* The share of the triples that are right. */
double similarity_share(const similarity *s);
/* The deviation of the scores of different words from 0: root of the mean square. */
double similarity_spread(const similarity *s);

/* Writes the text, trains, and scores all kinds. */
bool similarity_compute(similarity_lesson *out, const similarity_plan *plan, err *e);

#endif
