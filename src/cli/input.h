/* Texts that commands read: files, mapped, or what comes through a pipe, in memory. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct input {
    const char *name; /* for messages */
    const char *data; /* never NULL once open; not closed with a NUL */
    size_t size;
    file_map map; /* one of these holds it */
    str text;
} input;

/* Opens the file at `path`, which may be a pipe, or standard input for "-". Close with input_close
 * in any case. */
bool input_open(input *in, const char *path, err *e);
void input_close(input *in);

#endif
