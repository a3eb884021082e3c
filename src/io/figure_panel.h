/* What the kinds of panels share. A picture is 1200 units wide, one of them a pixel of a picture
 * that is not enlarged; places count from its lower left corner. Private to src/io. */
#ifndef IO_FIGURE_PANEL_H
#define IO_FIGURE_PANEL_H

#include "io/figure.h"

#include <stdio.h>

/* A picture, being written as a gnuplot script. */
typedef struct io_canvas {
    FILE *out;
    double width, height;
} io_canvas;

typedef struct io_box {
    double x, y, width, height;
} io_box;

typedef struct io_panel_type {
    /* Whether there is something to draw, at finite places. */
    bool (*check)(const io_panel *p, const char *path, err *e);
    /* How high it wants to be, its titles included, where it is that wide. */
    double (*height)(const io_panel *p, double width);
    void (*draw)(const io_canvas *c, const io_panel *p, io_box room);
} io_panel_type;

extern const io_panel_type io_curves_panel, io_bars_panel, io_matrix_panel, io_map_panel;

/* Sizes of letters, in points. */
enum { IO_HEADLINE = 16, IO_TITLE = 13, IO_TEXT = 11, IO_SMALL = 10 };
/* The height of a line of text. */
enum { IO_LINE = 22 };
/* A plot has that width and height, however many panels stand side by side. */
enum { IO_LEAST = 40 };

#define IO_INK       "#333333"
#define IO_BLUE      "#0072b2"
#define IO_VERMILION "#d55e00"

/* io_figure_write into a picture enlarged by `scale`. */
bool io_figure_write_scaled(const char *path, const char *title, const io_panel *panels,
                            int64_t n_panels, int64_t columns, double scale, err *e);

/* What stands around a plot besides the titles. */
typedef struct io_margins {
    double left, right, above, below;
} io_margins;

/* The height that titles and margins take. */
double io_height_around(const io_panel *p, io_margins around);
/* Where the plot is in the room of its panel. */
io_box io_plot_box(const io_panel *p, io_box room, io_margins around);
/* Writes where the axes of the next plot stand, and the titles: the panel's own at the top left of
 * the room, those of the axes at its edges, beside the middle of the plot. */
void io_write_frame(const io_canvas *c, const io_panel *p, io_box room, io_box plot);

#endif
