/* Lesson 10: word vectors of the kingdom corpus, kept after every epoch. */
#ifndef LESSON_10_MEANING_H
#define LESSON_10_MEANING_H

#include "lesson/lesson.h"
#include "lesson/small_vectors.h"

enum { MEANING_WIDTH = 50 };

/* The vectors before training and after each epoch. */
typedef struct meaning {
    small_vectors trained;
    int64_t n_snapshots; /* epochs + 1 */
    small_table **snapshots;
    double *losses; /* of the epoch before each snapshot; NAN for the first */
} meaning;

/* Writes so many sentences to FOLDER/kingdom.txt, to be gone through `epochs` times, and draws the
 * vectors of their words: snapshot 0. Release with meaning_free in any case. */
bool meaning_make(meaning *m, const char *folder, int64_t sentences, int64_t epochs, err *e);
/* Trains, the other snapshots. */
void meaning_learn(meaning *m, lesson_progress progress);
void meaning_free(meaning *m);

/* The mean cosine of all pairs of words. */
double meaning_any_cosine(const small_table *t);

/* The cosine of the arrow from ends[0] to ends[1] and the one from ends[2] to ends[3]. */
double meaning_arrows(const small_table *t, const char *const ends[4]);

enum { MEANING_ANSWERS = 3 };

/* What king - man + woman gives. */
typedef struct meaning_answers {
    const char *best[MEANING_ANSWERS]; /* best first */
    double scores[MEANING_ANSWERS];    /* their cosines with it */
    int64_t queen;                     /* place of queen among all answers, 1 = best */
} meaning_answers;

meaning_answers meaning_ask(const small_table *t);

/* The share of all questions of the kingdom that the vectors answer. */
double meaning_accuracy(const small_table *t);

/* Draws curves and maps into the room's folder and says where. */
void meaning_draw(const lesson_room *room, const meaning *m);

#endif
