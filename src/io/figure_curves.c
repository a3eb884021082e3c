#include "io/figure_axis.h"
#include "io/figure_key.h"

#include <math.h>

static bool check(const io_panel *p, const char *path, err *e) {
    if (p->n_series == 0) return err_set(e, ERR_INPUT, "%s: no curves to draw", path);
    for (int64_t s = 0; s < p->n_series; s++) {
        const io_series *series = &p->series[s];
        const char *name = series->name ? series->name : "";
        if (series->n == 0) return err_set(e, ERR_INPUT, "%s: '%.60s' has no points", path, name);
        for (int64_t i = 0; i < series->n; i++)
            if (!isfinite(series->x[i]))
                return err_set(e, ERR_INPUT, "%s: a place of '%.60s' is not a number", path, name);
    }
    return true;
}

static double height(const io_panel *p, double width) {
    const double highest = 560, lowest = 300, share = 0.62;
    return io_key_height(p, width) + fmax(fmin(share * width, highest), lowest);
}

/* Whether the axes have a place for point i. */
static bool is_shown(const io_panel *p, const io_series *s, int64_t i) {
    return io_has_place(s->x[i], p->log_x) && io_has_place(s->y[i], p->log_y);
}

/* Whether a point has gaps on both sides: no line would show it. */
static bool has_lone_point(const io_panel *p, const io_series *s) {
    for (int64_t i = 0; i < s->n; i++)
        if (is_shown(p, s, i) && (i == 0 || !is_shown(p, s, i - 1)) &&
            (i + 1 == s->n || !is_shown(p, s, i + 1)))
            return true;
    return false;
}

static void extents_of(const io_panel *p, io_extent *x, io_extent *y) {
    *x = *y = IO_NO_EXTENT;
    for (int64_t s = 0; s < p->n_series; s++)
        for (int64_t i = 0; i < p->series[s].n; i++)
            if (is_shown(p, &p->series[s], i)) {
                io_extend(x, p->series[s].x[i], p->log_x);
                io_extend(y, p->series[s].y[i], p->log_y);
            }
    *x = io_widen(*x, 0.02, p->log_x);
    *y = io_widen(*y, 0.06, p->log_y);
    if (p->low[0] != 0 || p->high[0] != 0) *x = (io_extent){p->low[0], p->high[0]};
    if (p->low[1] != 0 || p->high[1] != 0) *y = (io_extent){p->low[1], p->high[1]};
}

static void write_data(const io_canvas *c, const io_panel *p) {
    for (int64_t s = 0; s < p->n_series; s++) {
        const io_series *series = &p->series[s];
        fprintf(c->out, "$series%lld << END\n", (long long)s);
        for (int64_t i = 0; i < series->n; i++)
            if (is_shown(p, series, i))
                fprintf(c->out, "%.10g %.10g\n", series->x[i], series->y[i]);
            else
                fprintf(c->out, "\n"); /* a gap */
        fprintf(c->out, "END\n");
    }
}

static void write_plot(const io_canvas *c, const io_panel *p) {
    fprintf(c->out, "plot ");
    for (int64_t s = 0; s < p->n_series; s++) {
        const io_series *series = &p->series[s];
        io_look look = io_look_of(s);
        bool dots = series->dots || has_lone_point(p, series);
        fprintf(c->out,
                "$series%lld using 1:2 with %s linewidth 2.2 dashtype %s linecolor rgb '%s'",
                (long long)s, dots ? "linespoints" : "lines", look.dashes, look.colour);
        if (dots) fprintf(c->out, " pointtype %d pointsize 1.1", look.shape);
        fprintf(c->out, ", \\\n     ");
    }
    fprintf(c->out, "NaN\n");
}

static void draw(const io_canvas *c, const io_panel *p, io_box room) {
    io_extent x_ends, y_ends;
    extents_of(p, &x_ends, &y_ends);
    io_margins around = {.right = 24, .below = 28, .above = 8 + io_key_height(p, room.width)};
    io_box plot = io_plot_box(p, room, around);
    io_axis y = io_axis_make(y_ends, p->log_y, plot.height, 42);
    around.left = io_axis_names_width(&y) + 14;
    plot = io_plot_box(p, room, around);
    io_axis x = io_axis_make(x_ends, p->log_x, plot.width, 80);
    /* Layers 0, 1, 2, widths 8, 16, 32: a few places say more than round numbers between them. */
    const int64_t few = 8;
    if (p->log_x || p->series[0].n <= few)
        io_axis_put_tics(&x, p->series[0].x, p->series[0].n, plot.width);
    io_write_frame(c, p, room, plot);
    io_write_key(c, p, room.x, plot.y + plot.height + around.above - 2, room.width);
    io_axis_write(c, "x", &x);
    io_axis_write(c, "y", &y);
    fprintf(c->out, "set grid linetype 1 linewidth 1 linecolor rgb '#e8e8e8'\n");
    write_data(c, p);
    write_plot(c, p);
}

const io_panel_type io_curves_panel = {check, height, draw};
