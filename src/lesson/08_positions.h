/* What lesson 8 computes: one small GPT for each way to tell a token its place, and what becomes of
 * one word at two places and of two orders of the same words. */
#ifndef LESSON_08_POSITIONS_H
#define LESSON_08_POSITIONS_H

#include "lesson/lesson.h"
#include "nn/gpt.h"

enum { POSITIONS_MODELS = 5, POSITIONS_PLACES = 24, POSITIONS_WIDTH = 32, POSITIONS_APART = 7 };

typedef struct positions_model {
    const char *name;
    nn_position position;
    int64_t n_layer;
    nn_gpt *model;
    double loss; /* on its text after training; every model had the same steps */
    /* Cosines of "dog" at places 3 and 6 of "dog bites man dog bites man dog": as it goes into the
     * first block, as that block's query, and after all blocks. */
    double into, query, out;
    /* The vector of "then" after all blocks, behind "dog bites man and" and behind "man bites dog
     * and": the largest difference, and the word that each foresees. */
    double order;
    const char *next[2];
} positions_model;

typedef struct positions {
    positions_model models[POSITIONS_MODELS];
    real rope[POSITIONS_PLACES][POSITIONS_WIDTH];    /* ag_rope of a vector of ones at each place */
    real scores[POSITIONS_PLACES][POSITIONS_PLACES]; /* of one q at place t, one k at s, by RoPE */
    double alike[POSITIONS_APART]; /* mean cosine of learned rows 1, 2, ... apart; [0] is 0 */
    double uneven;                 /* largest difference between scores of the same t - s */
} positions;

/* learned, sinusoidal, rope, none, and none in two blocks, each trained for `steps` on a text in
 * which three words come round again and again. Returns new (free with positions_free). */
positions *positions_new(int64_t steps, lesson_progress progress);
void positions_free(positions *p);

/* Tells the lesson of models trained for so many steps. */
void positions_tell(const lesson_room *room, int64_t steps);

#endif
