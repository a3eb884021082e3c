/* What lesson 12 computes: the same text learned by vectors of different widths. */
#ifndef LESSON_12_DIMENSION_H
#define LESSON_12_DIMENSION_H

#include "lesson/lesson.h"

#include <stdint.h>

typedef struct dimension_plan {
    const char *folder; /* for the text, kingdom.txt */
    const int64_t *widths;
    int64_t n_widths;
    int64_t n_sentences, epochs;
    uint64_t seed;
    lesson_progress progress;
} dimension_plan;

/* What vectors of one width came to. */
typedef struct dimension_result {
    int64_t width;
    int64_t n_words;     /* rows of the matrix */
    int64_t n_questions; /* analogies asked */
    double accuracy;     /* share answered right */
    double low, high;    /* its 95 % interval */
    double seconds;      /* of training */
    double bytes;        /* of the matrix */
} dimension_result;

/* Writes the text and trains on it once for each width; results[0..plan->n_widths). */
bool dimension_compute(dimension_result *results, const dimension_plan *plan, err *e);

/* The first of the results whose accuracy is within `margin` of the best. */
int64_t dimension_first_within(const dimension_result *results, int64_t n, double margin);

/* Tells the lesson of a text of that many sentences. */
bool dimension_tell(const lesson_room *room, int64_t n_sentences, int64_t epochs, err *e);

#endif
