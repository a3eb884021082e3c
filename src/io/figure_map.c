#include "base/check.h"
#include "base/mem.h"
#include "io/figure_axis.h"
#include "io/figure_text.h"
#include "io/label_layout.h"

#include <math.h>
#include <stdlib.h>

enum { RADIUS = 5, ARROW_GAP = 8, NARROW = 500 };

static bool check(const io_panel *p, const char *path, err *e) {
    if (p->n_points == 0) return err_set(e, ERR_INPUT, "%s: no points to draw", path);
    for (int64_t i = 0; i < p->n_points; i++)
        if (!io_has_place(p->points[i].x, false) || !io_has_place(p->points[i].y, false))
            return err_set(e, ERR_INPUT, "%s: the place of '%.60s' is not a number", path,
                           p->points[i].label);
    for (int64_t a = 0; a < p->n_arrows; a++)
        CHECK(p->arrows[a].from >= 0 && p->arrows[a].from < p->n_points && p->arrows[a].to >= 0 &&
                  p->arrows[a].to < p->n_points,
              "arrow %lld of a map leads to no point", (long long)a);
    return true;
}

static double height(const io_panel *p, double width) {
    (void)p;
    const double alone = 816, share = 1; /* alone, it fills a picture of 4 by 3 */
    return width > 900 ? alone : share * width;
}

/* How the plane lies in the picture. */
typedef struct frame {
    io_box plot;
    io_axis x, y;
    int points; /* the size of labels */
} frame;

static io_spot spot_of(const frame *f, const io_point *p) {
    return (io_spot){f->plot.width * io_axis_share(&f->x, p->x),
                     f->plot.height * io_axis_share(&f->y, p->y)};
}

static bool inside(const frame *f, io_spot s) {
    return s.x >= 0 && s.y >= 0 && s.x <= f->plot.width && s.y <= f->plot.height;
}

/* The extents of both axes: as they are given, or with the same scale for both, so that distances
 * are true, about all points, with some room for labels. */
static void extents_of(const io_panel *p, io_box plot, io_extent *x, io_extent *y) {
    const double share = 0.84; /* of the room that points take */
    *x = IO_NO_EXTENT;
    *y = IO_NO_EXTENT;
    for (int64_t i = 0; i < p->n_points; i++) {
        io_extend(x, p->points[i].x, false);
        io_extend(y, p->points[i].y, false);
    }
    double middle_x = (x->low + x->high) / 2, middle_y = (y->low + y->high) / 2;
    double scale = fmax((x->high - x->low) / plot.width, (y->high - y->low) / plot.height) / share;
    if (scale == 0) scale = fmax(fmax(fabs(middle_x), fabs(middle_y)), 1) / plot.width;
    double half_x = scale * plot.width / 2, half_y = scale * plot.height / 2;
    *x = (io_extent){middle_x - half_x, middle_x + half_x};
    *y = (io_extent){middle_y - half_y, middle_y + half_y};
    if (p->low[0] != 0 || p->high[0] != 0) *x = (io_extent){p->low[0], p->high[0]};
    if (p->low[1] != 0 || p->high[1] != 0) *y = (io_extent){p->low[1], p->high[1]};
}

static frame frame_of(const io_panel *p, io_box room) {
    io_box plot = io_plot_box(p, room, (io_margins){.left = 62, .right = 14, .below = 26});
    io_extent x, y;
    extents_of(p, plot, &x, &y);
    return (frame){plot, io_axis_make(x, false, plot.width, 52),
                   io_axis_make(y, false, plot.height, 48),
                   room.width < NARROW ? IO_SMALL : IO_TEXT};
}

/* An arrow from point to point that stops short of both; of no length where they are too near each
 * other. */
static io_line line_between(io_spot from, io_spot to) {
    double x = to.x - from.x, y = to.y - from.y, length = hypot(x, y);
    double gap = length > 3 * ARROW_GAP ? ARROW_GAP / length : 0.5;
    return (io_line){{from.x + gap * x, from.y + gap * y}, {to.x - gap * x, to.y - gap * y}};
}

static void write_arrow(const io_canvas *c, const frame *f, io_line line) {
    if (line.from.x == line.to.x && line.from.y == line.to.y) return;
    fprintf(c->out,
            "set arrow from screen %.6f, %.6f to screen %.6f, %.6f back filled "
            "size screen 0.009, 16 linewidth 1.2 linecolor rgb '#b0b0b0'\n",
            (f->plot.x + line.from.x) / c->width, (f->plot.y + line.from.y) / c->height,
            (f->plot.x + line.to.x) / c->width, (f->plot.y + line.to.y) / c->height);
}

/* Points that arrows lead to are vermilion, all others blue. */
static void write_points(const io_canvas *c, const io_panel *p) {
    bool *is_end = mem_new((size_t)p->n_points, sizeof *is_end);
    for (int64_t a = 0; a < p->n_arrows; a++) is_end[p->arrows[a].to] = true;
    fprintf(c->out, "$points << END\n");
    for (int64_t i = 0; i < p->n_points; i++)
        fprintf(c->out, "%.17g %.17g %s\n", p->points[i].x, p->points[i].y,
                is_end[i] ? "0xd55e00" : "0x0072b2");
    fprintf(c->out, "END\n"
                    "plot $points using 1:2:3 with points pointtype 7 pointsize 1.1 "
                    "linecolor rgb variable, NaN\n");
    free(is_end);
}

/* Aligned to the point beside it, since `width` is only about right. */
static void write_label(const io_canvas *c, const frame *f, const char *text, io_label label,
                        double width) {
    static const io_align alignments[] = {IO_RIGHT, IO_CENTRE, IO_LEFT};
    io_write_text(c, text, f->plot.x + label.centre.x - label.side * width / 2,
                  f->plot.y + label.centre.y, INFINITY,
                  (io_text_style){.points = f->points, .align = alignments[label.side + 1]});
}

/* Places and writes the labels of the points at which[0..n). */
static void write_labels(const io_canvas *c, const io_panel *p, const frame *f, io_scene *scene,
                         const int64_t *which) {
    size_t n = (size_t)scene->n_points;
    str *texts = mem_new(n, sizeof *texts);
    double *widths = mem_new(n, sizeof *widths);
    io_label *labels = mem_new(n, sizeof *labels);
    for (size_t i = 0; i < n; i++) {
        texts[i] = io_legible(p->points[which[i]].label, f->points, 0.6 * f->plot.width);
        widths[i] = io_text_width(texts[i].data, f->points);
    }
    scene->label_widths = widths;
    io_label_layout(scene, labels);
    for (size_t i = 0; i < n; i++) write_label(c, f, texts[i].data, labels[i], widths[i]);
    for (size_t i = 0; i < n; i++) str_free(&texts[i]);
    free(labels);
    free(widths);
    free(texts);
}

/* Writes arrows and labels, of what is inside the axes. */
static void write_names(const io_canvas *c, const io_panel *p, const frame *f) {
    io_spot *spots = mem_new((size_t)p->n_points, sizeof *spots);
    int64_t *which = mem_new((size_t)p->n_points, sizeof *which);
    io_line *lines = mem_new((size_t)p->n_arrows, sizeof *lines);
    io_scene scene = {.width = f->plot.width,
                      .height = f->plot.height,
                      .points = spots,
                      .label_height = 1.7 * f->points,
                      .radius = RADIUS,
                      .lines = lines};
    for (int64_t a = 0; a < p->n_arrows; a++) {
        io_spot from = spot_of(f, &p->points[p->arrows[a].from]),
                to = spot_of(f, &p->points[p->arrows[a].to]);
        if (!inside(f, from) || !inside(f, to)) continue;
        lines[scene.n_lines] = line_between(from, to);
        write_arrow(c, f, lines[scene.n_lines++]);
    }
    for (int64_t i = 0; i < p->n_points; i++) {
        io_spot spot = spot_of(f, &p->points[i]);
        if (!inside(f, spot)) continue;
        which[scene.n_points] = i;
        spots[scene.n_points++] = spot;
    }
    write_labels(c, p, f, &scene, which);
    free(lines);
    free(which);
    free(spots);
}

static void draw(const io_canvas *c, const io_panel *p, io_box room) {
    frame f = frame_of(p, room);
    io_write_frame(c, p, room, f.plot);
    io_axis_write(c, "x", &f.x);
    io_axis_write(c, "y", &f.y);
    write_names(c, p, &f);
    write_points(c, p);
}

const io_panel_type io_map_panel = {check, height, draw};
