/* What lesson 11 computes: the vectors of one word in two or three sentences, layer by layer, and
 * the model that they come from. */
#ifndef LESSON_11_CONTEXT_H
#define LESSON_11_CONTEXT_H

#include "lesson/lesson.h"
#include "train/run.h"

enum { CONTEXT_STEPS = 300, CONTEXT_LOSSES = 7, CONTEXT_SENTENCES = 3, CONTEXT_NEXT = 3 };

/* A GPT and its tokenizer: of a run, or trained for the lesson. */
typedef struct context_model {
    const nn_gpt *gpt;
    const tokenizer *tok;
    const char *name; /* of the run, borrowed; NULL = trained here */
    train_run run;    /* or, of one that was trained here, ... */
    int64_t steps;
    double losses[CONTEXT_LOSSES]; /* at evenly spaced steps, the first and the last with them */
} context_model;

/* Opens the best checkpoint of a run. Release with context_model_free in any case. */
bool context_open(context_model *m, const char *folder, err *e);
/* Trains a small GPT on the text of banks.h for `steps`, at least CONTEXT_LOSSES. */
void context_train(context_model *m, int64_t steps, lesson_progress progress);
void context_model_free(context_model *m);

typedef struct context_next {
    int32_t id;
    double probability;
} context_next;

/* The first sentence, one with another sense of the word, and perhaps one with the same sense. */
typedef struct context_words {
    int n_sentences; /* 2 or 3 */
    int64_t place[CONTEXT_SENTENCES];
    int64_t n_layers; /* 0 is the row of wte, then come the blocks and the last norm */
    double *cosine[CONTEXT_SENTENCES];                  /* with that of the first: n_layers */
    context_next next[CONTEXT_SENTENCES][CONTEXT_NEXT]; /* the likeliest tokens behind the word */
} context_words;

/* Whether a token of the model is the word, blanks before it aside. */
bool context_has_word(const context_model *m, const char *word);
/* Compares the word in the n sentences; each must hold it, as the same token. Release with
 * context_words_free in any case. */
bool context_compare(context_words *w, const context_model *m, const char *word,
                     const char *const *sentences, int n, err *e);
void context_words_free(context_words *w);

/* Tells the lesson; a GPT that is trained for it, for `steps`. */
bool context_tell(const lesson_room *room, int64_t steps, err *e);

#endif
