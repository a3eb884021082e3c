#include "io/figure_panel.h"

#include "io/figure_text.h"

#include <math.h>

static const double title_height = 1.4 * IO_LINE;

static double above_of(const io_panel *p) {
    return p->title ? title_height : 0;
}

static double below_of(const io_panel *p) {
    return p->x_title ? IO_LINE : 0;
}

static double left_of(const io_panel *p) {
    return p->y_title ? IO_LINE : 0;
}

double io_height_around(const io_panel *p, io_margins around) {
    return above_of(p) + around.above + around.below + below_of(p);
}

io_box io_plot_box(const io_panel *p, io_box room, io_margins around) {
    double left = left_of(p) + around.left;
    return (io_box){room.x + left, room.y + below_of(p) + around.below,
                    fmax(room.width - left - around.right, IO_LEAST),
                    fmax(room.height - io_height_around(p, around), IO_LEAST)};
}

void io_write_frame(const io_canvas *c, const io_panel *p, io_box room, io_box plot) {
    const double half = IO_LINE / 2.0;
    fprintf(c->out,
            "set lmargin at screen %.6f\nset rmargin at screen %.6f\n"
            "set bmargin at screen %.6f\nset tmargin at screen %.6f\n",
            plot.x / c->width, (plot.x + plot.width) / c->width, plot.y / c->height,
            (plot.y + plot.height) / c->height);
    if (p->title)
        io_write_text(c, p->title, room.x, room.y + room.height - half, room.width,
                      (io_text_style){.points = IO_TITLE});
    if (p->x_title)
        io_write_text(c, p->x_title, plot.x + plot.width / 2, room.y + half, room.width,
                      (io_text_style){.points = IO_TEXT, .align = IO_CENTRE});
    if (p->y_title)
        io_write_text(c, p->y_title, room.x + half, plot.y + plot.height / 2, plot.height,
                      (io_text_style){.points = IO_TEXT, .align = IO_CENTRE, .upward = true});
}
