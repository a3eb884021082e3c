/* What lesson 4 computes: rows of W taken two ways, forward and backward. */
#ifndef LESSON_04_LOOKUP_H
#define LESSON_04_LOOKUP_H

#include "lesson/lesson.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lookup_way {
    double seconds; /* forward and backward, the best of the runs */
    size_t bytes;   /* of what the way needs beside W and its result */
} lookup_way;

typedef struct lookup_case {
    int64_t V, D, T;
    lookup_way product; /* one-hot (T, V) times W (V, D): needs the one-hot matrix and all of dW */
    lookup_way lookup;  /* needs the ids and the rows of dW that are touched */
    int64_t n_rows;     /* of dW that the lookup touched */
    bool outputs_equal; /* bit for bit */
    int64_t n_differ;   /* numbers of dW whose bits differ */
    double apart;       /* of those, the largest |difference| as a share of the largest |dW| */
} lookup_case;

/* T random tokens of V, each a row of D random numbers; the one-hot matrix is there when time
 * begins. */
lookup_case lookup_compare(int64_t V, int64_t D, int64_t T, int runs);

/* Tells the lesson with T tokens of width D, at the sizes of V that it is about; the lesson itself
 * is of GPT-2's width, 768, and 1,024 tokens. */
void lookup_tell(const lesson_room *room, int64_t D, int64_t T);

#endif
