/* Running gnuplot. */
#ifndef IO_GNUPLOT_RUN_H
#define IO_GNUPLOT_RUN_H

#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* Whether gnuplot is on the PATH. */
bool io_gnuplot_available(void);

/* Writes text as a gnuplot string on one line. */
void io_gnuplot_write_string(FILE *out, const char *text);

/* Runs the script FOLDER/NAME.gp inside FOLDER and waits for it. The script draws a PNG into the
 * file that the gnuplot variable `picture` names; that becomes FOLDER/NAME.png when it is whole.
 * gnuplot that is missing or fails is an error with one line that says which. */
bool io_gnuplot_run(const char *folder, const char *name, err *e);

#endif
