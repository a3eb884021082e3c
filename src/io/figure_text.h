/* Text in a figure: any bytes, as wide as there is room. Private to src/io. */
#ifndef IO_FIGURE_TEXT_H
#define IO_FIGURE_TEXT_H

#include "base/str.h"
#include "io/figure_panel.h"

typedef enum io_align { IO_LEFT, IO_CENTRE, IO_RIGHT } io_align;

typedef struct io_text_style {
    double points; /* the size */
    io_align align;
    bool upward;        /* rotated to the left */
    const char *colour; /* NULL = IO_INK */
} io_text_style;

/* A text as UTF-8: each byte that is none becomes U+FFFD; what is wider than `room` ends in an
 * ellipsis. Free with str_free. */
str io_legible(const char *text, double points, double room);

/* About how wide a text is in letters of that size, rather more than less. */
double io_text_width(const char *text, double points);
/* The widest of names[0..n). */
double io_widest(const char *const *names, int64_t n, double points);

/* Writes a text of at most `room` at (x, y): where it begins, its centre or where it ends; y, or x
 * of upward text, is the middle of its letters' height. */
void io_write_text(const io_canvas *c, const char *text, double x, double y, double room,
                   io_text_style style);

#endif
