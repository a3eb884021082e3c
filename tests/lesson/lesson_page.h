/* What tests of lessons share: a room whose page is kept, to look at what a lesson tells. */
#ifndef TESTS_LESSON_PAGE_H
#define TESTS_LESSON_PAGE_H

#include "base/thread.h"
#include "lesson/lesson.h"

#include <string.h>

#include "folder.h"

static char *page_told;
static size_t page_bytes;

/* A group fixture: a folder, one thread, and no programs on the PATH: the same on every machine,
 * and no time goes into pictures. */
static inline int lesson_set_up(void **state) {
    thread_set_count(1); /* on work this small threads would mostly wait for each other */
    return folder_make(state) == 0 ? setenv("PATH", folder, 1) : -1;
}

/* A room in the folder of folder.h. */
static inline lesson_room room_open(void) {
    lesson_room room = {.folder = folder};
    room.page.out = open_memstream(&page_told, &page_bytes);
    assert_non_null(room.page.out);
    return room;
}

/* What was told is in page_told from now on, to be freed. Every line fits the page. */
static inline void room_close(lesson_room *room) {
    fclose(room->page.out);
    for (const char *line = page_told, *end; (end = strchr(line, '\n')); line = end + 1) {
        int columns = 0;
        for (const char *c = line; c < end; c++) columns += ((unsigned char)*c & 0xc0) != 0x80;
        if (columns > PAGE_WIDTH) fail_msg("%d columns: %.*s", columns, (int)(end - line), line);
    }
}

/* Tells lesson number `number`, which must go well. */
static inline void tell_lesson(int number) {
    err e = {0};
    lesson_room room = room_open();
    if (!lesson_tell(number, &room, &e)) fail_msg("lesson %d: %s", number, e.message);
    room_close(&room);
}

/* What is wrong with a run, text or word of the user's, each may be NULL, in the words of lesson
 * `number`; "" where nothing is. Good until the next call. */
static inline const char *complaint(int number, const char *run, const char *text,
                                    const char *word) {
    static err e;
    e = (err){0};
    lesson_room room = room_open();
    room.run = run;
    room.text = text;
    room.word = word;
    assert_true(lesson_tell(number, &room, &e) == (e.code == ERR_NONE));
    room_close(&room);
    free(page_told);
    return e.message;
}

/* What the lesson told has `part` in it. */
static inline void assert_told(const char *part) {
    if (!strstr(page_told, part)) fail_msg("expected '%s' in:\n%s", part, page_told);
}

#endif
