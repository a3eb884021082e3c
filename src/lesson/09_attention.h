/* What lesson 9 computes: attention step by step, of a sentence whose word vectors are made by hand
 * and of a GPT, and how far that is from what ag_attention gives. */
#ifndef LESSON_09_ATTENTION_H
#define LESSON_09_ATTENTION_H

#include "base/err.h"
#include "nn/gpt.h"

/* One head, all (1, T, ...): scores q k^T / sqrt(HS), weights softmax(scores, causal), out weights
 * v.
 */
typedef struct attention_steps {
    ag_var *scores, *weights, *out;
} attention_steps;

/* The steps of q, k and v (1, T, HS), each an op on the tape. */
attention_steps attention_by_steps(ag_tape *t, ag_var *q, ag_var *k, ag_var *v);

enum { ATTENTION_WORDS = 8, ATTENTION_WIDTH = 8 };

/* What a number of a word's vector stands for. */
extern const char *const attention_columns[ATTENTION_WIDTH];

typedef struct attention_sentence {
    ag_tape *tape;
    int n;
    const char *words[ATTENTION_WORDS]; /* n */
    ag_var *x;                          /* their vectors: (1, n, ATTENTION_WIDTH) */
    attention_steps alike;              /* q = k = v = x */
    double error;                       /* largest difference of its out to ag_attention's */
    attention_steps doers; /* q = x W: what is done asks for what is alive; k = v = x */
} attention_sentence;

/* The sentence of up to ATTENTION_WORDS words between blanks, each with a vector of the lesson.
 * Release with attention_sentence_free in any case. */
bool attention_sentence_make(attention_sentence *s, const char *text, err *e);
void attention_sentence_free(attention_sentence *s);

typedef struct attention_heads {
    ag_tape *tape;
    int64_t n_layer, n_head, T;
    ag_var **weights; /* (1, T, T) of head h of block l at [l n_head + h] */
    double error;     /* largest difference of all heads' out to the model's own */
} attention_heads;

/* What each head of the model does with ids[0..T), T at least 2 and at most its block size. Release
 * with attention_heads_free. */
attention_heads attention_heads_of(const nn_gpt *m, const int32_t *ids, int64_t T);
void attention_heads_free(attention_heads *a);

/* Weight that row `from` gives to `to`. */
double attention_weight(const ag_var *weights, int64_t from, int64_t to);

#endif
