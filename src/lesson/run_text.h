/* A text as a run of the user's reads it. */
#ifndef LESSON_RUN_TEXT_H
#define LESSON_RUN_TEXT_H

#include "lesson/lesson.h"
#include "train/run.h"

typedef struct run_text {
    train_run run;
    const char *text; /* room->text, or one in plain words; borrowed */
    tok_ids ids;      /* two at least */
} run_text;

/* Opens room->run, which is there, and cuts the text into its tokens. Release with run_text_close
 * in any case. */
bool run_text_open(run_text *t, const lesson_room *room, err *e);
void run_text_close(run_text *t);

#endif
