/* Lesson 3: what the embedding matrix takes in models that are known. */
#ifndef LESSON_03_MATRIX_H
#define LESSON_03_MATRIX_H

#include "nn/gpt.h"

/* A published model. What its family has in common with nn_gpt is counted as that is. */
typedef struct matrix_model {
    const char *name;
    nn_gpt_config shape;
    int64_t hidden;   /* width of the MLP */
    int64_t beside;   /* numbers of parts that nn_gpt has not */
    double published; /* the size that its authors state */
} matrix_model;

/* The models of the lesson. */
enum { MATRIX_GPT2 = 1, MATRIX_MODELS = 4 };
extern const matrix_model matrix_models[MATRIX_MODELS];

/* The parameters of a GPT of that shape, nothing allocated: V D for the embedding, again where the
 * head is not tied, T D for learned positions, and in each layer 4 D^2 for attention and 2 D H for
 * the MLP (3 D H with a gate), with biases and norms. */
int64_t matrix_count(const nn_gpt_config *c, int64_t hidden);

typedef struct matrix_size {
    int64_t numbers;     /* of one matrix: V D */
    int64_t matrices;    /* 1 if tied, 2 if the output has its own */
    int64_t parameters;  /* of the whole model */
    double mib32, mib16; /* MiB of one matrix in float32 and bfloat16 */
    double share;        /* of all matrices (V, D) in the parameters */
} matrix_size;

matrix_size matrix_size_of(const nn_gpt_config *c, int64_t parameters);

#endif
