/* The pictures of a lesson. */
#ifndef LESSON_DRAW_H
#define LESSON_DRAW_H

#include "io/figure.h"
#include "lesson/lesson.h"

/* Draws the panels, `columns` side by side, into FOLDER/NAME.png and prints where it is, or why
 * there is none: pictures are a help, not the lesson. */
void lesson_draw(const lesson_room *room, const char *name, const char *title,
                 const io_panel *panels, int64_t n_panels, int64_t columns);

#endif
