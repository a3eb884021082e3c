/* How the series of a panel look, and the key that names them. Private to src/io. */
#ifndef IO_FIGURE_KEY_H
#define IO_FIGURE_KEY_H

#include "io/figure_panel.h"

/* Told apart by colour, and without colours by dashes and by dots of other shapes. */
typedef struct io_look {
    const char *colour, *dashes;
    int shape;
} io_look;

io_look io_look_of(int64_t series);

/* The key stands above the plot, where it hides no data: the height it takes in that width. */
double io_key_height(const io_panel *p, double width);
void io_write_key(const io_canvas *c, const io_panel *p, double x, double top, double width);

#endif
