/* A picture of one or several panels, drawn by gnuplot: curves, bars, matrices, labelled points. */
#ifndef IO_FIGURE_H
#define IO_FIGURE_H

#include "base/err.h"
#include "io/labelled_map.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct io_series {
    const char *name;    /* in the key; NULL = not named */
    const double *x, *y; /* n; a y that is not a number is a gap */
    int64_t n;
    bool dots; /* a dot at each point, joined by the line */
} io_series;

typedef enum io_panel_kind {
    IO_CURVES, /* series over x */
    IO_BARS,   /* a value for each name */
    IO_MATRIX, /* a colour for each cell: blue below zero, white at zero, orange above, as
                  deep on either side */
    IO_MAP     /* labelled points, arrows between them, labels kept apart */
} io_panel_kind;

typedef struct io_panel {
    io_panel_kind kind;
    const char *title, *x_title, *y_title; /* NULL = none; axes with their units */
    bool log_x, log_y;                     /* curves; bars: log_y */

    const io_series *series; /* curves */
    int64_t n_series;

    const char *const *names; /* bars: n */
    const double *values;
    int64_t n_values;

    const double *cells; /* matrix: (rows, cols), the first row on top; NaN is grey */
    int64_t rows, cols;
    const char *const *row_names, *const *col_names; /* NULL = their numbers, from 0 */
    int digits; /* behind the point of the number written in each cell; < 0 = none is written */

    const io_point *points; /* map */
    int64_t n_points;
    const io_arrow *arrows;
    int64_t n_arrows;
    double low[2], high[2]; /* of the axes of a map or of curves; both 0 = as the points need */
} io_panel;

/* Whether a figure can have that name, which ends in .png: to know before any work is done. */
bool io_figure_check_name(const char *path, err *e);

/* Draws the panels, `columns` (at most 16) side by side, under one title, into the PNG at `path`
 * (beside and renamed), about 1200 pixels wide, with its gnuplot script beside as PATH with .gp for
 * .png, which draws it again by hand. Colours can be told apart by colour-blind readers (Okabe and
 * Ito 2008). gnuplot that is missing or fails is an error. */
bool io_figure_write(const char *path, const char *title, const io_panel *panels, int64_t n_panels,
                     int64_t columns, err *e);

#endif
