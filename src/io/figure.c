#include "io/figure.h"

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "io/figure_panel.h"
#include "io/figure_text.h"
#include "io/gnuplot_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 1200, EDGE = 24, GAP = 32, HEADLINE = 60, MOST_COLUMNS = 16 };

static const io_panel_type *const types[] = {
    [IO_CURVES] = &io_curves_panel,
    [IO_BARS] = &io_bars_panel,
    [IO_MATRIX] = &io_matrix_panel,
    [IO_MAP] = &io_map_panel,
};

/* What stands behind the last slash. */
static const char *file_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool io_figure_check_name(const char *path, err *e) {
    const char *file = file_of(path);
    size_t length = strlen(file), ending = strlen(".png");
    return (length > ending && strcmp(file + length - ending, ".png") == 0) ||
           err_set(e, ERR_USAGE, "%s: expected a name that ends in .png", path);
}

/* Splits the path of a picture into its folder and its name without .png, each of 1024 bytes. */
static bool split_path(const char *path, char *folder, char *name, err *e) {
    const char *file = file_of(path), *slash = file > path ? file - 1 : NULL;
    size_t length = strlen(file), ending = strlen(".png");
    if (!io_figure_check_name(path, e)) return false;
    if (strlen(path) >= 1024)
        return err_set(e, ERR_INPUT, "%.60s...: path longer than %d bytes", path, 1024);
    snprintf(folder, 1024, "%.*s", slash && slash > path ? (int)(slash - path) : 1,
             slash ? path : ".");
    snprintf(name, 1024, "%.*s", (int)(length - ending), file);
    return true;
}

static void write_head(const io_canvas *c, const char *name, double scale) {
    fprintf(c->out, "# Draws a figure. By hand: gnuplot and the name of this file.\n"
                    "if (!exists('picture')) { picture = ");
    str file = {0};
    str_printf(&file, "%s.png", name);
    io_gnuplot_write_string(c->out, file.data);
    str_free(&file);
    int width = (int)lround(scale * c->width), height = (int)lround(scale * c->height);
    fprintf(c->out,
            " }\n"
            "set encoding utf8\n"
            "if (strstrt(GPVAL_TERMINALS, 'pngcairo')) {\n"
            "    set terminal pngcairo size %d,%d font 'sans,%d' fontscale %g linewidth %g \\\n"
            "        pointscale %g noenhanced\n"
            "} else {\n"
            "    set terminal png truecolor size %d,%d noenhanced\n"
            "}\n"
            "set output picture\n"
            "set multiplot\n",
            width, height, IO_TEXT, scale, scale, scale, width, height);
}

/* What every plot begins with. */
static void write_defaults(const io_canvas *c) {
    fprintf(c->out,
            "reset\n"
            "set border 3 linecolor rgb '#999999'\n"
            "set tics nomirror scale 0.5 font ',%d' textcolor rgb '#555555'\n"
            "unset key\n",
            IO_SMALL);
}

/* The panels of a figure side by side, row by row. */
typedef struct grid {
    const io_panel *panels;
    int64_t n, columns;
    double width; /* of each */
} grid;

/* The height of the row that begins with panel `first`: of its highest panel. */
static double row_height(const grid *g, int64_t first) {
    double height = 0;
    for (int64_t i = first; i < g->n && i < first + g->columns; i++)
        height = fmax(height, types[g->panels[i].kind]->height(&g->panels[i], g->width));
    return height;
}

static double figure_height(const grid *g, double headline) {
    double height = headline;
    for (int64_t i = 0; i < g->n; i += g->columns) height += row_height(g, i) + GAP;
    return ceil(height - GAP + EDGE);
}

static void write_panels(const io_canvas *c, const grid *g, double headline) {
    double top = c->height - headline;
    for (int64_t first = 0; first < g->n; first += g->columns) {
        double height = row_height(g, first);
        for (int64_t i = first; i < g->n && i < first + g->columns; i++) {
            double x = EDGE + (double)(i - first) * (g->width + GAP);
            if (i > 0) write_defaults(c);
            types[g->panels[i].kind]->draw(c, &g->panels[i],
                                           (io_box){x, top - height, g->width, height});
        }
        top -= height + GAP;
    }
}

static bool check(const char *path, const io_panel *panels, int64_t n, int64_t columns, err *e) {
    if (n == 0) return err_set(e, ERR_INPUT, "%s: no panels to draw", path);
    CHECK(n > 0 && columns > 0 && columns <= MOST_COLUMNS,
          "a figure of %lld panels in %lld columns", (long long)n, (long long)columns);
    for (int64_t i = 0; i < n; i++) {
        CHECK((size_t)panels[i].kind < sizeof types / sizeof *types, "panel of kind %d",
              (int)panels[i].kind);
        if (!types[panels[i].kind]->check(&panels[i], path, e)) return false;
    }
    return true;
}

bool io_figure_write_scaled(const char *path, const char *title, const io_panel *panels,
                            int64_t n_panels, int64_t columns, double scale, err *e) {
    char folder[1024], name[1024], script[1100];
    file_writer w;
    if (!check(path, panels, n_panels, columns, e) || !split_path(path, folder, name, e))
        return false;
    snprintf(script, sizeof script, "%.*s.gp", (int)(strlen(path) - strlen(".png")), path);
    if (!file_begin(&w, script, e)) return false;
    double width = (WIDTH - 2 * EDGE - (double)(columns - 1) * GAP) / (double)columns;
    double headline = title ? HEADLINE : EDGE;
    grid g = {panels, n_panels, columns, width};
    io_canvas c = {w.stream, WIDTH, figure_height(&g, headline)};
    write_head(&c, name, scale);
    write_defaults(&c);
    if (title)
        io_write_text(&c, title, EDGE, c.height - headline / 2, WIDTH - 2 * EDGE,
                      (io_text_style){.points = IO_HEADLINE});
    write_panels(&c, &g, headline);
    fprintf(c.out, "unset multiplot\nunset output\n");
    return file_commit(&w, e) && io_gnuplot_run(folder, name, e);
}

bool io_figure_write(const char *path, const char *title, const io_panel *panels, int64_t n_panels,
                     int64_t columns, err *e) {
    return io_figure_write_scaled(path, title, panels, n_panels, columns, 1, e);
}
