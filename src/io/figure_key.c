#include "io/figure_key.h"

#include "io/figure_text.h"

#include <math.h>

/* Okabe and Ito's colours, with grey for their yellow, which is faint on white. */
static const io_look looks[] = {
    {IO_BLUE, "solid", 7},         {IO_VERMILION, "(9,4)", 5},   {"#009e73", "(3,3)", 9},
    {"#cc79a7", "(12,4,3,4)", 13}, {"#e69f00", "solid", 11},     {"#56b4e9", "(9,4)", 6},
    {"#000000", "(3,3)", 4},       {"#8a8a8a", "(12,4,3,4)", 8},
};
enum { LOOKS = sizeof looks / sizeof *looks };

io_look io_look_of(int64_t series) {
    return looks[series % LOOKS];
}

enum { SAMPLE = 40, BESIDE = 8, BETWEEN = 26 };

/* The next place in rows of entries that fill a width. */
typedef struct flow {
    double x, width;
    int row;
} flow;

/* Advances to the place of an entry with a name of that width; returns where it begins. */
static double place(flow *f, double name_width) {
    double entry = SAMPLE + BESIDE + name_width;
    if (f->x > 0 && f->x + entry > f->width) {
        f->x = 0;
        f->row++;
    }
    double x = f->x;
    f->x += entry + BETWEEN;
    return x;
}

/* A name takes what it needs, at most a row. */
static double name_width(const char *name, double width) {
    return fmin(io_text_width(name, IO_TEXT), width - SAMPLE - BESIDE);
}

double io_key_height(const io_panel *p, double width) {
    flow f = {.width = width};
    bool any = false;
    for (int64_t s = 0; s < p->n_series; s++)
        if (p->series[s].name) {
            place(&f, name_width(p->series[s].name, width));
            any = true;
        }
    return any ? IO_LINE * (f.row + 1) + 6 : 0;
}

static void write_sample(const io_canvas *c, io_look look, bool dots, double x, double y) {
    fprintf(c->out,
            "set arrow from screen %.6f, %.6f to screen %.6f, %.6f nohead linewidth 2.2 "
            "dashtype %s linecolor rgb '%s'\n",
            x / c->width, y / c->height, (x + SAMPLE) / c->width, y / c->height, look.dashes,
            look.colour);
    if (dots)
        fprintf(c->out,
                "set label '' at screen %.6f, %.6f point pointtype %d pointsize 1.1 "
                "linecolor rgb '%s'\n",
                (x + SAMPLE / 2.0) / c->width, y / c->height, look.shape, look.colour);
}

void io_write_key(const io_canvas *c, const io_panel *p, double x, double top, double width) {
    flow f = {.width = width};
    for (int64_t s = 0; s < p->n_series; s++) {
        const io_series *series = &p->series[s];
        if (!series->name) continue;
        double at = x + place(&f, name_width(series->name, width));
        double y = top - IO_LINE * (f.row + 0.5);
        write_sample(c, io_look_of(s), series->dots, at, y);
        io_write_text(c, series->name, at + SAMPLE + BESIDE, y, width - SAMPLE - BESIDE,
                      (io_text_style){.points = IO_TEXT});
    }
}
