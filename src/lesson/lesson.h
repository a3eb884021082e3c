/* The course: short lessons in the terminal, each a real computation by this library that prints
 * numbers, draws a picture, says what to see in them, and asks a question or two. One lesson a
 * file, its number first; what a lesson computes stands in its header, apart from how it is told,
 * so that tests can hold it to its claims. */
#ifndef LESSON_LESSON_H
#define LESSON_LESSON_H

#include "base/err.h"
#include "lesson/page.h"
#include "lesson/progress.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a lesson takes place. */
typedef struct lesson_room {
    page page;
    const char *folder;      /* where pictures go; it exists */
    const char *run;         /* the user's run that --run names, or NULL */
    const char *text, *word; /* what --text and --word say, or NULL: the lesson has its own */
    lesson_progress progress;
} lesson_room;

/* A question whose answer is checked. */
typedef struct lesson_exercise {
    const char *question;
    const char *hint;       /* for who has it wrong */
    const char *words;      /* the answer, case ignored, "ONE|OTHER"; or NULL for a number, ... */
    double (*number)(void); /* ... computed */
    double tolerance;       /* of a number, relative; 0 = exact */
} lesson_exercise;

typedef struct lesson {
    const char *name;                       /* "05_rows": of its file, and of its pictures */
    const char *title;                      /* "Backprop into the rows" */
    const char *about;                      /* one line */
    bool takes_run, takes_text, takes_word; /* what of the user's it looks at */
    /* Tells the lesson: prints on room->page, draws into room->folder. */
    bool (*tell)(const lesson_room *room, err *e);
    const lesson_exercise *exercises;
    int n_exercises;
} lesson;

/* All lessons in order; *n says how many. Borrows (static). */
const lesson *const *lesson_all(int *n);

/* Lesson number 1, 2, ... as a whole: its title, what it tells, its exercises. */
bool lesson_tell(int number, const lesson_room *room, err *e);

/* Whether `answer` is right for exercise 1, 2, ... of the lesson; if it is not, e has the hint. */
bool lesson_check(int number, int exercise, const char *answer, err *e);

#endif
