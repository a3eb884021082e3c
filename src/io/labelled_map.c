#include "io/labelled_map.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/gnuplot_run.h"
#include "io/label_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In pixels, from the lower left corner. */
enum { WIDTH = 1600, HEIGHT = 1200, LEFT = 110, RIGHT = 50, TOP = 100, BOTTOM = 100 };
enum { INNER_WIDTH = WIDTH - LEFT - RIGHT, INNER_HEIGHT = HEIGHT - TOP - BOTTOM };
enum { RADIUS = 7, FONT_SIZE = 15, ARROW_GAP = 11 };
static const double em = 20, line_height = 25; /* of that font */

/* How the plane lies in the picture: the same scale for both axes, so that distances are true. */
typedef struct frame {
    double x, y;  /* what is at the lower left corner inside the axes */
    double scale; /* of a pixel */
} frame;

static frame frame_of(const io_point *points, int64_t n) {
    const double share = 0.84; /* of the room; the rest is for labels */
    double low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        low_x = fmin(low_x, points[i].x);
        high_x = fmax(high_x, points[i].x);
        low_y = fmin(low_y, points[i].y);
        high_y = fmax(high_y, points[i].y);
    }
    double middle_x = (low_x + high_x) / 2, middle_y = (low_y + high_y) / 2;
    double scale = fmax((high_x - low_x) / INNER_WIDTH, (high_y - low_y) / INNER_HEIGHT) / share;
    if (scale == 0) scale = fmax(fmax(fabs(middle_x), fabs(middle_y)), 1) / INNER_WIDTH;
    return (frame){middle_x - scale * INNER_WIDTH / 2, middle_y - scale * INNER_HEIGHT / 2, scale};
}

/* A label as UTF-8: each byte that is none becomes U+FFFD. Free with str_free. */
static str legible(const char *label) {
    str s = {0};
    for (size_t n = strlen(label); n > 0;) {
        size_t valid = str_utf8_valid(label, n);
        str_append(&s, label, valid);
        if (valid < n) str_append(&s, "\xEF\xBF\xBD", 3);
        valid += valid < n;
        label += valid;
        n -= valid;
    }
    str_append(&s, "", 0);
    return s;
}

/* About how wide a label is: characters from U+1000 on, most of them CJK, are as wide as high. */
static double width_of(const char *label) {
    double width = 0;
    for (size_t n = strlen(label), length; n > 0; n -= length, label += length) {
        length = str_utf8_length(label, n);
        width += length >= 3 ? em : 0.58 * em;
    }
    return width;
}

/* An arrow from point to point, in pixels, that stops short of both; of no length where they are
 * too near each other. */
static io_line line_between(io_spot from, io_spot to) {
    double x = to.x - from.x, y = to.y - from.y, length = hypot(x, y);
    double gap = length > 3 * ARROW_GAP ? ARROW_GAP / length : 0.5;
    return (io_line){{from.x + gap * x, from.y + gap * y}, {to.x - gap * x, to.y - gap * y}};
}

static void write_head(FILE *out, const char *name, frame f) {
    fprintf(out, "# Draws a map of named points. By hand: gnuplot and the name of this file.\n"
                 "if (!exists('picture')) { picture = ");
    str file = {0};
    str_printf(&file, "%s.png", name);
    io_gnuplot_write_string(out, file.data);
    str_free(&file);
    fprintf(out,
            " }\n"
            "set encoding utf8\n"
            "if (strstrt(GPVAL_TERMINALS, 'pngcairo')) {\n"
            "    set terminal pngcairo size %d,%d font 'sans,%d' noenhanced\n"
            "} else {\n"
            "    set terminal png truecolor size %d,%d noenhanced\n"
            "}\n"
            "set output picture\n"
            "ink = '#333333'\n"
            "set border 3 linecolor rgb '#999999'\n"
            "set tics nomirror scale 0.5 textcolor rgb '#777777'\n"
            "unset key\n",
            WIDTH, HEIGHT, FONT_SIZE, WIDTH, HEIGHT);
    fprintf(out,
            "set lmargin at screen %.6f\n"
            "set rmargin at screen %.6f\n"
            "set bmargin at screen %.6f\n"
            "set tmargin at screen %.6f\n",
            (double)LEFT / WIDTH, 1 - (double)RIGHT / WIDTH, (double)BOTTOM / HEIGHT,
            1 - (double)TOP / HEIGHT);
    fprintf(out, "set xrange [%.17g:%.17g]\nset yrange [%.17g:%.17g]\n", f.x,
            f.x + f.scale * INNER_WIDTH, f.y, f.y + f.scale * INNER_HEIGHT);
}

static void write_titles(FILE *out, const char *title, const char *x_title, const char *y_title) {
    static const char *const commands[] = {"set label 1 ", "set xlabel ", "set ylabel "};
    const char *const texts[] = {title, x_title, y_title};
    for (int i = 0; i < 3; i++) {
        str text = legible(texts[i]);
        fputs(commands[i], out);
        io_gnuplot_write_string(out, text.data);
        str_free(&text);
        if (i == 0)
            fprintf(out, " at screen %.6f, %.6f font ',%d'", (double)LEFT / WIDTH,
                    1 - TOP / 2.0 / HEIGHT, FONT_SIZE + 6);
        fprintf(out, " textcolor rgb ink\n");
    }
}

/* "x, y" of a place in the picture, in the units of the axes. */
static void write_place(FILE *out, frame f, io_spot spot) {
    fprintf(out, "%.17g, %.17g", f.x + f.scale * spot.x, f.y + f.scale * spot.y);
}

static void write_arrow(FILE *out, frame f, io_line line) {
    if (line.from.x == line.to.x && line.from.y == line.to.y) return;
    fprintf(out, "set arrow from ");
    write_place(out, f, line.from);
    fprintf(out, " to ");
    write_place(out, f, line.to);
    fprintf(out, " back filled size screen 0.009, 16 linewidth 1.5 linecolor rgb '#b8b8b8'\n");
}

/* Aligned to the point beside it, since `width` is only about right. */
static void write_label(FILE *out, frame f, const char *text, io_label label, double width) {
    static const char *const alignments[] = {"right", "center", "left"};
    io_spot at = {label.centre.x - label.side * width / 2, label.centre.y};
    fprintf(out, "set label ");
    io_gnuplot_write_string(out, text);
    fprintf(out, " at ");
    write_place(out, f, at);
    fprintf(out, " %s front textcolor rgb ink\n", alignments[label.side + 1]);
}

/* Points that arrows lead to are orange, all others blue. */
static void write_points(FILE *out, const io_point *points, int64_t n_points,
                         const io_arrow *arrows, int64_t n_arrows) {
    bool *is_end = mem_new((size_t)n_points, sizeof *is_end);
    for (int64_t a = 0; a < n_arrows; a++) is_end[arrows[a].to] = true;
    fprintf(out, "$points << END\n");
    for (int64_t i = 0; i < n_points; i++)
        fprintf(out, "%.17g %.17g %s\n", points[i].x, points[i].y,
                is_end[i] ? "0xd55e00" : "0x0072b2");
    fprintf(out, "END\n"
                 "plot $points using 1:2:3 with points pointtype 7 pointsize 1.5 "
                 "linecolor rgb variable\n"
                 "unset output\n");
    free(is_end);
}

/* Places and writes the labels. */
static void write_labels(FILE *out, frame f, const io_point *points, io_scene *scene) {
    size_t n = (size_t)scene->n_points;
    str *texts = mem_new(n, sizeof *texts);
    double *widths = mem_new(n, sizeof *widths);
    io_label *labels = mem_new(n, sizeof *labels);
    for (size_t i = 0; i < n; i++) {
        texts[i] = legible(points[i].label);
        widths[i] = width_of(texts[i].data);
    }
    scene->label_widths = widths;
    io_label_layout(scene, labels);
    for (size_t i = 0; i < n; i++) write_label(out, f, texts[i].data, labels[i], widths[i]);
    for (size_t i = 0; i < n; i++) str_free(&texts[i]);
    free(labels);
    free(widths);
    free(texts);
}

/* Writes all that is drawn inside the axes. */
static void write_map(FILE *out, frame f, const io_point *points, int64_t n_points,
                      const io_arrow *arrows, int64_t n_arrows) {
    io_spot *spots = mem_new((size_t)n_points, sizeof *spots);
    io_line *lines = mem_new((size_t)n_arrows, sizeof *lines);
    for (int64_t i = 0; i < n_points; i++)
        spots[i] = (io_spot){(points[i].x - f.x) / f.scale, (points[i].y - f.y) / f.scale};
    for (int64_t a = 0; a < n_arrows; a++) {
        lines[a] = line_between(spots[arrows[a].from], spots[arrows[a].to]);
        write_arrow(out, f, lines[a]);
    }
    io_scene scene = {.width = INNER_WIDTH,
                      .height = INNER_HEIGHT,
                      .points = spots,
                      .label_height = line_height,
                      .radius = RADIUS,
                      .n_points = n_points,
                      .lines = lines,
                      .n_lines = n_arrows};
    write_labels(out, f, points, &scene);
    write_points(out, points, n_points, arrows, n_arrows);
    free(lines);
    free(spots);
}

/* Splits the path of a picture into its folder and its name without .png, each of 1024 bytes. */
static bool split_path(const char *path, char *folder, char *name, err *e) {
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    size_t length = strlen(file), ending = strlen(".png");
    if (length <= ending || strcmp(file + length - ending, ".png") != 0)
        return err_set(e, ERR_USAGE, "%s: expected a name that ends in .png", path);
    if (strlen(path) >= 1024)
        return err_set(e, ERR_INPUT, "%.60s...: path longer than %d bytes", path, 1024);
    snprintf(folder, 1024, "%.*s", slash && slash > path ? (int)(slash - path) : 1,
             slash ? path : ".");
    snprintf(name, 1024, "%.*s", (int)(length - ending), file);
    return true;
}

bool io_labelled_map_write(const char *path, const char *title, const char *x_title,
                           const char *y_title, const io_point *points, int64_t n_points,
                           const io_arrow *arrows, int64_t n_arrows, err *e) {
    char folder[1024], name[1024], script[1100];
    if (n_points == 0) return err_set(e, ERR_INPUT, "%s: no points to draw", path);
    for (int64_t i = 0; i < n_points; i++)
        if (!isfinite(points[i].x) || !isfinite(points[i].y))
            return err_set(e, ERR_INPUT, "%s: the place of '%.60s' is not a number", path,
                           points[i].label);
    if (!split_path(path, folder, name, e)) return false;
    snprintf(script, sizeof script, "%.*s.gp", (int)(strlen(path) - strlen(".png")), path);
    file_writer w;
    if (!file_begin(&w, script, e)) return false;
    frame f = frame_of(points, n_points);
    write_head(w.stream, name, f);
    write_titles(w.stream, title, x_title, y_title);
    write_map(w.stream, f, points, n_points, arrows, n_arrows);
    return file_commit(&w, e) && io_gnuplot_run(folder, name, e);
}
