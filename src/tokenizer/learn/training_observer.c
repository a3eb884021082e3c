#include "tokenizer/learn/training_observer.h"

#include <stdarg.h>
#include <stdio.h>

bool training_progress(const tok_training *how, const char *stage, double done, err *e) {
    const tok_observer *o = how->observer;
    if (!o || !o->progress || o->progress(o->context, stage, done)) return true;
    return err_set(e, ERR_INTERRUPTED, "stopped while %s", stage);
}

void training_warn(const tok_training *how, const char *fmt, ...) {
    const tok_observer *o = how->observer;
    if (!o || !o->warned) return;
    char message[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    o->warned(o->context, message);
}
