/* Running other programs: gnuplot, Graphviz. */
#ifndef IO_PROGRAM_H
#define IO_PROGRAM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a program of that name is on the PATH. */
bool io_program_available(const char *name);

/* Runs arguments[0], found on the PATH, with these arguments (closed with NULL) inside the folder
 * and waits for it; it reads nothing, and what it prints on stdout is lost. Returns false with the
 * last line of its messages, or what kept it from running, in words[0..size). */
bool io_program_run(const char *folder, const char *const *arguments, char *words, size_t size);

/* The same for a program that writes PATH.tmp, at most 1088 bytes long, which then takes the name
 * `path`. Where that fails it is removed, what was at `path` stays, and the error names the program
 * as `called`. */
bool io_program_make(const char *path, const char *called, const char *folder,
                     const char *const *arguments, err *e);

#endif
