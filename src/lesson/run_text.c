#include "lesson/run_text.h"

#include <string.h>

bool run_text_open(run_text *t, const lesson_room *room, err *e) {
    *t = (run_text){.text = room->text ? room->text : "the king and the queen of the land"};
    if (!train_run_open(&t->run, room->run, false, e)) return false;
    tok_encode(t->run.tok, t->text, strlen(t->text), NULL, &t->ids);
    return t->ids.len >= 2 || err_set(e, ERR_INPUT, "the text '%.*s' is less than two tokens of %s",
                                      page_fit(t->text, 40), t->text, room->run);
}

void run_text_close(run_text *t) {
    tok_ids_free(&t->ids);
    train_run_close(&t->run);
}
