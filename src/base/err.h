/* What went wrong outside the program: a file, a flag, a config, a diverged loss. The level that
 * knows the facts sets the one message; only `main` prints it. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* The exit code of the program for each kind of error. */
enum { ERR_NONE = 0, ERR_INPUT = 1, ERR_USAGE = 2, ERR_DIVERGED = 3, ERR_INTERRUPTED = 130 };

typedef struct err {
    int code;           /* ERR_NONE or one of the codes above */
    char message[1024]; /* one line, without the program's name */
} err;

/* Sets code and message unless one is set already (the first cause is the one to tell). Always
 * returns false, so that `return err_set(e, ...)` reads well. */
bool err_set(err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
