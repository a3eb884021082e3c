/* The curves of a run, drawn by gnuplot. */
#ifndef IO_GNUPLOT_H
#define IO_GNUPLOT_H

#include "base/err.h"

#include <stdbool.h>

/* Writes FOLDER/loss.gp, a gnuplot script that draws FOLDER/log.csv (columns step, train_loss,
 * val_loss, lr, grad_norm, tokens_per_s; empty cells where a step was not evaluated) into
 * FOLDER/loss.png: a large panel with training loss (thin, with its smoothed curve over it) and
 * validation loss with its best value marked, and three small panels: learning rate, gradient
 * norm, tokens per second. Someone can run the script by hand inside the folder. */
bool io_plot_write_script(const char *folder, const char *title, err *e);

/* Runs gnuplot on that script and waits for it; the picture is replaced when the new one is whole.
 * gnuplot that is missing or fails is an error with one line that says which; the caller decides
 * whether that matters. */
bool io_plot_draw(const char *folder, err *e);

#endif
