#include "lesson/lesson.h"

#include "base/check.h"
#include "base/str.h"
#include "lesson/answer.h"
#include "train/run.h"

#include <string.h>

#define LESSON(name) extern const lesson lesson_##name;
#include "lesson/lessons.def"
#undef LESSON

static const lesson *const lessons[] = {
#define LESSON(name) &lesson_##name,
#include "lesson/lessons.def"
#undef LESSON
};
enum { N_LESSONS = sizeof lessons / sizeof *lessons };

const lesson *const *lesson_all(int *n) {
    *n = N_LESSONS;
    return lessons;
}

static void print_exercises(int number, const lesson *l, const page *p) {
    page_heading(p, "Your turn");
    for (int i = 0; i < l->n_exercises; i++) {
        page_text(p, "%d. %s", i + 1, l->exercises[i].question);
        if (i == 0)
            page_line(p, "gradus lesson %d --check ANSWER", number);
        else
            page_line(p, "gradus lesson %d --exercise %d --check ANSWER", number, i + 1);
        page_gap(p);
    }
}

/* What the user gave by a flag, or NULL. */
static bool check_utf8(const char *flag, const char *given, err *e) {
    return !given || str_utf8_valid(given, strlen(given)) == strlen(given) ||
           err_set(e, ERR_USAGE, "--%s is not valid UTF-8", flag);
}

/* Whether there is such a run: to say it before the lesson begins. */
static bool check_run(const char *run, err *e) {
    config c;
    return train_run_config(&c, run, e);
}

bool lesson_tell(int number, const lesson_room *room, err *e) {
    CHECK(number >= 1 && number <= N_LESSONS, "there is no lesson %d", number);
    const lesson *l = lessons[number - 1];
    if (!check_utf8("text", room->text, e) || !check_utf8("word", room->word, e)) return false;
    if (l->takes_run && room->run && !check_run(room->run, e)) return false;
    page_title(&room->page, "Lesson %d: %s", number, l->title);
    if (!l->tell(room, e)) return false;
    print_exercises(number, l, &room->page);
    return true;
}

static bool is_right(const lesson_exercise *x, const char *answer) {
    return x->words ? answer_is_word(answer, x->words)
                    : answer_is_number(answer, x->number(), x->tolerance);
}

bool lesson_check(int number, int exercise, const char *answer, err *e) {
    CHECK(number >= 1 && number <= N_LESSONS, "there is no lesson %d", number);
    const lesson *l = lessons[number - 1];
    if (exercise < 1 || exercise > l->n_exercises)
        return err_set(e, ERR_USAGE, "lesson %d has no exercise %d, only %d", number, exercise,
                       l->n_exercises);
    const lesson_exercise *x = &l->exercises[exercise - 1];
    return is_right(x, answer) ||
           err_set(e, ERR_INPUT, "lesson %d, exercise %d: '%.40s' is not it: %s", number, exercise,
                   answer, x->hint);
}
