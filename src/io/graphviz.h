/* Graphs drawn by Graphviz's program dot. */
#ifndef IO_GRAPHVIZ_H
#define IO_GRAPHVIZ_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether dot is on the PATH. */
bool io_graphviz_available(void);

/* The name of the graph beside a picture, "NAME.dot" for "NAME.svg", .png or .pdf, and of a graph
 * its own, in out[0..size). Any other ending is an error. */
bool io_graphviz_name(const char *path, char *out, size_t size, err *e);

/* Writes the graph text[0..n), in DOT, under the name of io_graphviz_name and, unless that is
 * `path`, draws it into `path`. dot that is missing or fails is an error with one line that says
 * which; the graph stays. */
bool io_graphviz_write(const char *path, const char *text, size_t n, err *e);

#endif
