/* Lesson 13: conversations with role tokens and without, and what a model makes of each. */
#ifndef LESSON_13_SPECIAL_H
#define LESSON_13_SPECIAL_H

#include "lesson/lesson.h"
#include "lesson/small_gpt.h"
#include "train/chat.h"

/* Conversations by template, and their tokens. */
typedef struct special_text {
    chat_file chat;
    tok_ids ids;     /* of all conversations, one after the other */
    tok_ids counts;  /* 1 for what training may count: what the assistant says, its <|eos|> */
    tok_ids answers; /* 1 for the first word of an answer, 2 for the others, 0 elsewhere */
    tok_ids starts;  /* of each conversation, and the end */
} special_text;

/* n conversations of that seed; as text for chat_parse they need no tokenizer. */
bool special_converse(special_text *t, int64_t n, uint64_t seed, err *e);
/* Their tokens, with the special ones of roles or without any. */
void special_render(special_text *t, const tokenizer *tok, bool with_roles);
void special_text_free(special_text *t);

/* The words of the conversations, and behind them the special tokens. Returns new (tok_free). */
tokenizer *special_tokenizer(const special_text *t, err *e);

/* What is read in place of the role tokens. */
typedef enum special_reading {
    SPECIAL_AS_WRITTEN,
    SPECIAL_SWAPPED,
    SPECIAL_UNKNOWN
} special_reading;

/* Mean losses over the words of answers, each conversation read from its beginning. */
typedef struct special_loss {
    double first, others, all; /* the first word of each answer, the others, both */
    int64_t n;                 /* words */
} special_loss;

special_loss special_evaluate(const nn_gpt *model, const tokenizer *tok, const special_text *t,
                              special_reading reading);

enum { SPECIAL_CONVERSATIONS = 400, SPECIAL_HELD_OUT = 100 /* more */ };

/* Three models of one size, trained on the same conversations for the same number of steps. */
typedef struct special {
    tokenizer *tok;
    special_text plain, roles;         /* to train on */
    special_text held_plain, held_out; /* others, to be asked */
    nn_gpt *without;                   /* no roles in the text */
    nn_gpt *with;                      /* roles in it; every token counts */
    nn_gpt *masked;                    /* roles in it; what the assistant says counts */
    nn_gpt *drawn;                     /* as `with` and `masked` before training */
} special;

/* Release with special_free in any case. */
bool special_learn(special *s, int64_t steps, lesson_progress progress, err *e);
void special_free(special *s);

/* Tells the lesson of models trained for so many steps. */
bool special_tell(const lesson_room *room, int64_t steps, err *e);

#endif
