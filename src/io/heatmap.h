/* A matrix as a picture. */
#ifndef IO_HEATMAP_H
#define IO_HEATMAP_H

#include "base/err.h"
#include "base/real.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes a heat map of the matrix x (rows, cols), row-major, as a PNG, beside and renamed: blue
 * below zero, white at zero, red above, grey where it is not a number; symmetric about zero,
 * saturated at the 99th percentile of what is drawn. Of more than 1000 rows, or columns, as many
 * are drawn, evenly chosen, as make the picture square; each cell is a square of whole pixels, so
 * that the picture is about 1000 pixels wide where it can be. The title stands above, the extents
 * beside, a colour bar with its limits below, in the built-in font. */
bool io_heatmap_write(const char *path, const real *x, int64_t rows, int64_t cols,
                      const char *title, err *e);

#endif
