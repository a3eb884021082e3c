/* What lesson 7 computes: one GPT with one matrix for embedding and head, one with two. */
#ifndef LESSON_07_TYING_H
#define LESSON_07_TYING_H

#include "lesson/lesson.h"
#include "lesson/small_text.h"
#include "nn/gpt.h"
#include "train/token_set.h"
#include "train/trace.h"

/* A generated text in words, its last tenth held out. */
typedef struct tying_text {
    word_text words;
    int64_t n_train;    /* tokens to train on, from the first */
    train_set held_out; /* borrows words */
} tying_text;

tying_text tying_text_new(int64_t n_sentences);
void tying_text_free(tying_text *text);

typedef struct tying_run {
    nn_gpt *model;
    int64_t n_parameters;
    double *losses; /* of each step, before it */
    double train_loss, held_out_loss;
    double seconds;
} tying_run;

/* Trains a small GPT on the first `share`, 0 to 1, of what is to train on; all but the tie is the
 * same either way. Release with tying_run_free. */
tying_run tying_train(const tying_text *text, double share, bool tied, int64_t n_steps,
                      lesson_progress progress);
void tying_run_free(tying_run *run);

/* The gradient of one text in a tied model: the matrix as a whole. */
typedef struct tying_gradient {
    double input, output, sum; /* norms */
    double cosine;             /* between the sides */
    double apart; /* largest |sum of the sides - what training itself computes|, as a share of the
                     largest number of it */
} tying_gradient;
tying_gradient tying_compare(nn_gpt *model, const train_trace *trace);

/* Parameters of a GPT-2 of 124 million, or of the same with a head of its own. */
int64_t tying_gpt2_parameters(bool tied);

/* How the lesson is told: what is trained on all of a text, and on a share of it. */
typedef struct tying_plan {
    int64_t n_sentences, n_steps;
    double share;
} tying_plan;
void tying_tell(const lesson_room *room, const tying_plan *plan);

#endif
