/* Points with names in the plane, and arrows between them, drawn by gnuplot. */
#ifndef IO_LABELLED_MAP_H
#define IO_LABELLED_MAP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct io_point {
    double x, y;
    const char *label; /* any bytes; what gnuplot would read as markup is escaped */
} io_point;

typedef struct io_arrow {
    int64_t from, to; /* points */
} io_arrow;

/* Draws the points, their labels beside them kept apart as far as simple shifts can, and the
 * arrows, into the PNG at `path` (beside and renamed), with its gnuplot script beside as PATH with
 * .gp for .png, which draws it again by hand. gnuplot that is missing or fails is an error. */
bool io_labelled_map_write(const char *path, const char *title, const char *x_title,
                           const char *y_title, const io_point *points, int64_t n_points,
                           const io_arrow *arrows, int64_t n_arrows, err *e);

#endif
