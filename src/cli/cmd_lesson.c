#include "base/file.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/bar.h"
#include "cli/cmd.h"
#include "lesson/lesson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "lesson [N | all] [--check ANSWER] [--run RUN] [--text TEXT] [--word WORD]"

static bar progress_bar;

static void show_progress(const char *what, double done) {
    if (done >= 1)
        bar_clear(&progress_bar);
    else
        bar_draw(&progress_bar, what, done, "");
}

static bool print_list(void) {
    int n;
    const lesson *const *all = lesson_all(&n);
    puts("A course, from token ids to meaning; each lesson computes its numbers anew.\n");
    for (int i = 0; i < n; i++)
        printf("  %2d  %s\n      %s\n", i + 1, all[i]->title, all[i]->about);
    puts(
        "\n'gradus lesson N' runs lesson N; 'gradus lesson N --check ANSWER' checks the exercise.");
    return true;
}

/* The number of the lesson that is asked for: 1, 2, ..., 0 = all, or -1 and e. */
static int number_of(const char *typed, err *e) {
    int n;
    char *end;
    lesson_all(&n);
    if (strcmp(typed, "all") == 0) return 0;
    long number = strtol(typed, &end, 10);
    if (*typed && *end == '\0' && number >= 1 && number <= n) return (int)number;
    err_set(e, ERR_USAGE, "lesson '%.40s': expected 1 to %d, or all", typed, n);
    return -1;
}

static bool check(int number, int64_t exercise, const char *answer, err *e) {
    if (number == 0) return err_set(e, ERR_USAGE, "--check is for one lesson, not for all");
    return lesson_check(number, exercise ? (int)exercise : 1, answer, e) && puts("right") >= 0;
}

/* Whether the lesson looks at all that it was given. */
static bool check_takes(int number, const lesson_room *room, err *e) {
    int n;
    const lesson *l = lesson_all(&n)[number - 1];
    const struct {
        const char *flag, *given;
        bool taken;
    } all[] = {{"run", room->run, l->takes_run},
               {"text", room->text, l->takes_text},
               {"word", room->word, l->takes_word}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].given && !all[i].taken)
            return err_set(e, ERR_USAGE, "lesson %d takes no --%s", number, all[i].flag);
    return true;
}

static bool tell(int number, const lesson_room *room, err *e) {
    int first = number, last = number;
    if (number == 0) {
        if (room->text || room->word)
            return err_set(e, ERR_USAGE, "--text and --word are for one lesson, not for all");
        first = 1;
        lesson_all(&last);
    } else if (!check_takes(number, room, e)) {
        return false;
    }
    if (!file_make_folder(room->folder, e)) return false;
    for (int i = first; i <= last; i++)
        if (!lesson_tell(i, room, e)) return false;
    return true;
}

static bool run(int argc, char **argv, err *e) {
    const bool terminal = isatty(STDOUT_FILENO);
    lesson_room room = {.page = {stdout, terminal ? PAGE_TERMINAL : PAGE_PLAIN},
                        .folder = "runs/lessons",
                        .progress = terminal ? show_progress : NULL};
    const char *answer = NULL;
    bool markdown = false;
    int64_t exercise = 0, threads = 0;
    const args_flag flags[] = {
        {"check", ARGS_TEXT, &answer, 0, 0, "your answer to the exercise"},
        {"exercise", ARGS_INT, &exercise, 1, 100, "which of the exercises --check is for (1)"},
        {"run", ARGS_TEXT, &room.run, 0, 0,
         "a GPT that you have trained, for lessons 1, 3, 5, 9 and 11"},
        {"text", ARGS_TEXT, &room.text, 0, 0, "a text of yours, for lessons 1, 5, 9 and 11"},
        {"word", ARGS_TEXT, &room.word, 0, 0, "a word of yours, for lessons 10 and 11"},
        {"markdown", ARGS_SWITCH, &markdown, 0, 0, "print Markdown, for docs/course.md"},
        {"out", ARGS_TEXT, &room.folder, 0, 0, "folder of the pictures (runs/lessons)"},
        ARGS_THREADS(threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, 1, USAGE, e))
        return false;
    thread_set_count((int)threads);
    if (markdown) room.page.style = PAGE_MARKDOWN;
    if (a.n_positional == 0 && answer)
        return err_set(e, ERR_USAGE, "--check takes a lesson: gradus lesson N --check ANSWER");
    if (a.n_positional == 0) return print_list();
    int number = number_of(a.positional[0], e);
    if (number < 0) return false;
    if (exercise && !answer)
        return err_set(e, ERR_USAGE, "--exercise says which one --check ANSWER is for");
    return answer ? check(number, exercise, answer, e) : tell(number, &room, e);
}

const cmd cmd_lesson = {
    "lesson", "[N | all]", "a course: from token ids to meaning, every number computed",
    "Without a number: the list of lessons. Each prints what it computes, draws a picture into\n"
    "runs/lessons/ and ends with an exercise or two. --check ANSWER checks your answer to the first\n"
    "one, with --exercise 2 to the second: '50,257', '3/4', '75 %' and 'Yes.' are fine as answers.\n\n"
    "    gradus lesson 5                 what a training step does to the rows of an embedding\n"
    "    gradus lesson 5 --check 3       right, or a hint\n"
    "    gradus lesson 9 --run runs/demo --text \"in the beginning god created\"",
    run};
