/* What lesson 5 computes: a text of two words through a model that is nothing but its embedding. */
#ifndef LESSON_05_ROWS_H
#define LESSON_05_ROWS_H

#include "base/real.h"

#include <stdbool.h>
#include <stdint.h>

enum { ROWS_V = 5, ROWS_D = 3 };

/* A matrix with a row a word. */
typedef struct rows_matrix {
    real at[ROWS_V][ROWS_D];
} rows_matrix;

/* E before, and what one step of it, or of E and a head of its own, comes to. */
typedef struct rows_step {
    rows_matrix E;
    double loss, probability; /* of the word to tell */
    bool moved[ROWS_V];       /* rows of E */
    int n_moved;
} rows_step;

typedef struct rows_numbers {
    const char *const *words; /* ROWS_V */
    int32_t read, told;
    rows_matrix E;
    real h[ROWS_D];                                  /* the row that was looked up */
    real logits[ROWS_V], p[ROWS_V], dlogits[ROWS_V]; /* h E^T, its softmax, p - onehot */
    double loss;
    rows_matrix input, output; /* dloss/dE by side */
    rows_matrix sum;           /* by backward through one shared matrix */
    double sum_apart;          /* largest |sum - (input + output)| */
    double learning_rate;
    rows_step tied, untied;
    /* Central differences of the loss, computed apart in double: of either side. */
    rows_matrix input_numeric, output_numeric;
    double worst; /* largest |gradient - difference|, of both sides */
} rows_numbers;

rows_numbers rows_compute(void);

/* How many rows of E get a gradient on the input side where these n words are read. */
int64_t rows_touched(const int32_t *read, int64_t n);

#endif
