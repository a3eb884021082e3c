/* An axis: its ends, and the tics between them with their numbers. Private to src/io. */
#ifndef IO_FIGURE_AXIS_H
#define IO_FIGURE_AXIS_H

#include "io/figure_panel.h"

enum { IO_MAX_TICS = 16 };

typedef struct io_axis {
    double low, high;
    bool log;
    int n_tics;
    double tics[IO_MAX_TICS];
    char names[IO_MAX_TICS][24];
} io_axis;

/* Whether an axis has a place for x: it is finite, not astronomical, and above 0 if log. */
bool io_has_place(double x, bool log);

/* What numbers extend over. Starts as IO_NO_EXTENT. */
typedef struct io_extent {
    double low, high;
} io_extent;
#define IO_NO_EXTENT ((io_extent){INFINITY, -INFINITY})

/* Extends it to x if that has a place. */
void io_extend(io_extent *extent, double x, bool log);
/* The same and the share `part` of it more at both ends; about its one number, or whatever can be
 * shown, where it has no length. */
io_extent io_widen(io_extent extent, double part, bool log);

/* An axis from end to end, with as many tics as fit, each of that width, or two. */
io_axis io_axis_make(io_extent ends, bool log, double length, double tic_width);
/* Puts the tics at x[0..n) instead, rising, where their numbers fit beside each other on an axis of
 * that length. */
void io_axis_put_tics(io_axis *a, const double *x, int64_t n, double length);
/* Where x lies between the ends, 0 to 1. */
double io_axis_share(const io_axis *a, double x);
/* The width of the widest number at a tic. */
double io_axis_names_width(const io_axis *a);
/* Writes the settings of the axis 'x', 'y' or 'cb'. */
void io_axis_write(const io_canvas *c, const char *which, const io_axis *a);

/* Puts a number to be read by itself: its first three digits, and all before the point. */
void io_format_number(char *out, size_t size, double x);

#endif
