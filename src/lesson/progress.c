#include "lesson/progress.h"

void lesson_work_step(lesson_work *w) {
    w->done++;
    if (w->progress) w->progress(w->what, (double)w->done / (double)w->steps);
}
