/* How far long work is. */
#ifndef LESSON_PROGRESS_H
#define LESSON_PROGRESS_H

#include <stdint.h>

/* Told what is being done and the share of it that is done, 0 to 1; NULL where nobody looks. */
typedef void (*lesson_progress)(const char *what, double done);

/* Work in so many equal steps. */
typedef struct lesson_work {
    lesson_progress progress;
    const char *what;
    int64_t steps, done;
} lesson_work;

/* One more step is done. */
void lesson_work_step(lesson_work *w);

#endif
