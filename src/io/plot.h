/* Pictures of a run: line plots through gnuplot, heat maps through stb_image_write. */
#ifndef IO_PLOT_H
#define IO_PLOT_H

#include "base/err.h"
#include "base/real.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes FOLDER/loss.gp, a gnuplot script that draws FOLDER/log.csv (columns step, train_loss,
 * val_loss, lr, grad_norm, tokens_per_s; empty cells where a step was not evaluated) into
 * FOLDER/loss.png: a large panel with training loss (thin, with its smoothed curve over it) and
 * validation loss with its best value marked, and three small panels: learning rate, gradient
 * norm, tokens per second. Someone can run the script by hand inside the folder. */
bool io_plot_write_script(const char *folder, const char *title, err *e);

/* Runs gnuplot on that script and waits for it. gnuplot that is missing or fails is an error with
 * one line that says which; the caller decides whether that matters. */
bool io_plot_draw(const char *folder, err *e);

/* Whether gnuplot is on the PATH. */
bool io_plot_available(void);

/* Writes a heat map of the matrix x (rows, cols), row-major, as a PNG: blue below zero, white at
 * zero, red above, symmetric about zero, saturated at the 99th percentile of |x|; at most max_rows
 * rows and max_cols columns (evenly chosen) drawn, each cell a square of whole pixels, so that the
 * picture is about 1000 pixels wide where it can be; a colour bar with its limits (and the title)
 * drawn in a small built-in font. Written beside and renamed. */
bool io_heatmap_write(const char *path, const real *x, int64_t rows, int64_t cols,
                      const char *title, err *e);

#endif
