#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

bool err_set(err *e, int code, const char *fmt, ...) {
    if (e->code != ERR_NONE) return false;
    va_list args;
    va_start(args, fmt);
    e->code = code;
    vsnprintf(e->message, sizeof e->message, fmt, args);
    va_end(args);
    /* Names from a hostile file must not move a terminal's cursor. */
    for (char *c = e->message; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F) *c = ' ';
    return false;
}
