/* The part of lesson 9 about a GPT of the user's. */
#ifndef LESSON_09_ATTENTION_RUN_H
#define LESSON_09_ATTENTION_RUN_H

#include "lesson/lesson.h"

/* Tells what the heads of room->run look at in a text: room->text, or one in plain words. */
bool attention_tell_run(const lesson_room *room, err *e);

#endif
