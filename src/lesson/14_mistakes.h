/* Lesson 14: mistakes made on purpose, with what the library says or shows. */
#ifndef LESSON_14_MISTAKES_H
#define LESSON_14_MISTAKES_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The messages, each provoked from the function that gives it. */
typedef struct mistakes_said {
    char init_wte[512];   /* train_loop: vectors of another width than n_embd */
    char checkpoint[512]; /* train_checkpoint_load: into a model of another shape */
    char tokens[512];     /* train_tokens_open: an id outside the vocabulary */
    char lookup[512];   /* ag_embedding, the same: the last line of a process that it ended, ... */
    int signal;         /* ... by this signal; 0 = it went on */
    char frozen[512];   /* train_loop at the start of a run with freeze_wte */
    char diverged[512]; /* train_loop with a learning rate of MISTAKES_RATE */
} mistakes_said;

enum { MISTAKES_RATE = 1000 };

/* Makes these mistakes with small files in FOLDER/14_mistakes, which is gone afterwards. False
 * only where the folder cannot be written. */
bool mistakes_provoke(mistakes_said *said, const char *folder, err *e);

/* How a training loop was written. */
typedef enum mistakes_loop {
    MISTAKES_NONE,
    MISTAKES_FROZEN,   /* the embedding's learning rate is 0 */
    MISTAKES_UNCLEARED /* gradients are never cleared */
} mistakes_loop;

enum { MISTAKES_STEPS = 60 };

/* What a small GPT made of it, by plain gradient descent. */
typedef struct mistakes_course {
    double losses[MISTAKES_STEPS]; /* before each step */
    double norms[MISTAKES_STEPS];  /* of the gradient that each step used */
    double drift;                  /* |E - E_0| of the embedding matrix at the end */
    double embedding_norm;         /* of its gradient in the last step */
} mistakes_course;

mistakes_course mistakes_train(mistakes_loop loop);

/* Gradients of two batches at one point: apart, and one after the other without clearing. */
typedef struct mistakes_sum {
    double first, second, both; /* norms: of g1, of g2, and of what is there after both */
    double difference;          /* largest |both - (g1 + g2)| over all elements */
    double largest;             /* largest |both| */
} mistakes_sum;

mistakes_sum mistakes_add_gradients(void);

#endif
