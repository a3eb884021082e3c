#include "base/mem.h"
#include "io/figure_axis.h"
#include "io/figure_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 64 };             /* rows, or columns, whose names are written; of more, numbers */
enum { BAR = 16, BAR_GAP = 14 }; /* the colour bar */
static const double least_pitch = 14, tallest = 52, widest = 110; /* of a cell */

static bool check(const io_panel *p, const char *path, err *e) {
    return (p->rows > 0 && p->cols > 0) || err_set(e, ERR_INPUT, "%s: no cells to draw", path);
}

/* The largest number without its sign, which has the deepest colour. */
static double limit_of(const io_panel *p) {
    double limit = 0;
    for (int64_t i = 0; i < p->rows * p->cols; i++)
        if (isfinite(p->cells[i])) limit = fmax(limit, fabs(p->cells[i]));
    return limit > 0 ? limit : 1;
}

/* The ends of the colours: zero, and the limit on the sides of it where there are numbers. */
static io_extent colours_of(const io_panel *p, double limit) {
    io_extent ends = {0, 0};
    for (int64_t i = 0; i < p->rows * p->cols; i++) {
        if (p->cells[i] < 0) ends.low = -limit;
        if (p->cells[i] > 0) ends.high = limit;
    }
    return ends.low == ends.high ? (io_extent){0, limit} : ends;
}

/* The names along one side. */
typedef struct side {
    const char *const *names; /* NULL = numbers */
    int64_t n;
    double width; /* of the widest */
} side;

static side side_of(const char *const *names, int64_t n, double longest) {
    if (n > NAMED) names = NULL;
    char last[32];
    snprintf(last, sizeof last, "%lld", (long long)n - 1);
    double width = names ? io_widest(names, n, IO_SMALL) : io_text_width(last, IO_SMALL);
    return (side){names, n, fmin(width, longest)};
}

/* The colour bar's axis: both ends and the middle, of a long one what is between as well. */
static io_axis scale_of(io_extent colours, double length) {
    io_axis a = {.low = colours.low, .high = colours.high, .n_tics = length < 160 ? 3 : 5};
    for (int i = 0; i < a.n_tics; i++) {
        a.tics[i] = colours.low + (colours.high - colours.low) * i / (a.n_tics - 1);
        io_format_number(a.names[i], sizeof a.names[i], a.tics[i]);
    }
    return a;
}

/* Where all of a matrix stands. */
typedef struct layout {
    side rows, cols;
    double limit, cell_width, cell_height;
    io_extent colours;
    bool upward; /* the names of columns */
    io_margins around;
} layout;

static double clamp(double x, double low, double high) {
    return fmax(low, fmin(x, high));
}

static layout layout_of(const io_panel *p, double width) {
    layout l = {.rows = side_of(p->row_names, p->rows, fmin(0.3 * width, 180)),
                .cols = side_of(p->col_names, p->cols, 150),
                .limit = limit_of(p)};
    l.colours = colours_of(p, l.limit);
    io_axis scale = scale_of(l.colours, INFINITY);
    l.around.left = l.rows.width + 12;
    l.around.right = BAR_GAP + BAR + io_axis_names_width(&scale) + 14;
    double room = io_plot_box(p, (io_box){.width = width}, l.around).width;
    l.cell_width = fmin(room / (double)p->cols, widest);
    double low = p->rows <= NAMED ? least_pitch : 1,
           most = p->rows <= NAMED ? tallest : 700.0 / (double)p->rows;
    l.cell_height = fmax(clamp(l.cell_width, low, fmax(low, most)), 70.0 / (double)p->rows);
    l.upward = l.cols.names && l.cols.width + 8 > l.cell_width && l.cell_width >= least_pitch;
    l.around.below = l.upward ? l.cols.width + 12 : IO_LINE + 4;
    return l;
}

static double height(const io_panel *p, double width) {
    layout l = layout_of(p, width);
    return io_height_around(p, l.around) + l.cell_height * (double)p->rows;
}

/* The number of cells from one that is named to the next, where a name takes `need`: 1, 2, 5, 10,
 * ... */
static int64_t step_of(double pitch, double need) {
    static const int64_t factors[] = {1, 2, 5};
    for (int64_t power = 1;; power *= 10)
        for (int i = 0; i < 3; i++)
            if ((double)(factors[i] * power) * pitch >= need) return factors[i] * power;
}

/* The name of cell i along a side, its number where it has none. */
static const char *name_of(const side *s, int64_t i, bool named, char number[32]) {
    snprintf(number, 32, "%lld", (long long)i);
    return named && s->names ? s->names[i] : number;
}

static void write_row_names(const io_canvas *c, const layout *l, io_box plot) {
    int64_t step = l->cell_height >= least_pitch ? 1 : step_of(l->cell_height, 2 * least_pitch);
    char number[32];
    for (int64_t i = 0; i < l->rows.n; i += step)
        io_write_text(c, name_of(&l->rows, i, step == 1, number), plot.x - 8,
                      plot.y + plot.height - ((double)i + 0.5) * l->cell_height,
                      l->around.left - 10, (io_text_style){.points = IO_SMALL, .align = IO_RIGHT});
}

static void write_col_names(const io_canvas *c, const layout *l, io_box plot) {
    bool named = l->cols.names && (l->upward || l->cols.width + 8 <= l->cell_width);
    char last[32];
    name_of(&l->cols, l->cols.n - 1, false, last);
    double need = l->upward ? least_pitch : named ? 0 : io_text_width(last, IO_SMALL) + 8;
    int64_t step = step_of(l->cell_width, need);
    io_text_style style = {.points = IO_SMALL, .align = IO_CENTRE};
    double y = plot.y - IO_LINE / 2.0 - 2;
    if (l->upward) {
        style = (io_text_style){.points = IO_SMALL, .align = IO_RIGHT, .upward = true};
        y = plot.y - 6;
    }
    char number[32];
    for (int64_t i = 0; i < l->cols.n; i += step)
        io_write_text(c, name_of(&l->cols, i, named, number),
                      plot.x + ((double)i + 0.5) * l->cell_width, y,
                      l->upward ? l->cols.width + 2 : INFINITY, style);
}

/* The size in which the widest of these numbers fits into a cell, 0 = none. */
static double size_of_numbers(const io_panel *p, const layout *l, char (*numbers)[32]) {
    const double smallest = 8;
    for (double points = IO_TEXT; points >= smallest; points--) {
        double width = 0;
        for (int64_t i = 0; i < p->rows * p->cols; i++)
            width = fmax(width, io_text_width(numbers[i], points));
        if (width + 4 <= l->cell_width && 1.5 * points <= l->cell_height) return points;
    }
    return 0;
}

/* A number as it stands in its cell, without the sign of a zero; nothing where there is none. */
static void format_cell(char out[32], double x, int digits) {
    snprintf(out, 32, "%.*f", digits, x);
    if (out[0] == '-' && strspn(out, "-0.") == strlen(out)) memmove(out, out + 1, strlen(out));
    if (!isfinite(x)) snprintf(out, 32, "%s", isnan(x) ? "" : x < 0 ? "-inf" : "inf");
}

/* Whether white stands out more than black on the colour of that share of the limit, -1 to 1, by
 * the ratio of contrast of WCAG 2, which black wins above a luminance of 0.179. */
static bool is_dark(double share) {
    static const double below[] = {0, 0x72, 0xb2}, above[] = {0xd5, 0x5e, 0},
                        weights[] = {0.2126, 0.7152, 0.0722};
    const double *end = share < 0 ? below : above;
    double luminance = 0;
    for (int i = 0; i < 3; i++)
        luminance += weights[i] * pow(1 + fabs(share) * (end[i] / 255 - 1), 2.2);
    return luminance < 0.179;
}

static void write_numbers(const io_canvas *c, const io_panel *p, const layout *l, io_box plot) {
    if (p->digits < 0 || p->rows > NAMED || p->cols > NAMED) return;
    int64_t n = p->rows * p->cols;
    char(*numbers)[32] = mem_new((size_t)n, sizeof *numbers);
    for (int64_t i = 0; i < n; i++) format_cell(numbers[i], p->cells[i], p->digits);
    double points = size_of_numbers(p, l, numbers);
    for (int64_t i = 0; i < n && points > 0; i++) {
        io_text_style style = {.points = points, .align = IO_CENTRE, .colour = "#000000"};
        if (is_dark(p->cells[i] / l->limit)) style.colour = "#ffffff";
        io_write_text(c, numbers[i], plot.x + ((double)(i % p->cols) + 0.5) * l->cell_width,
                      plot.y + plot.height - ((double)(i / p->cols) + 0.5) * l->cell_height,
                      INFINITY, style);
    }
    free(numbers);
}

/* The cells, row 0 on top, over grey, which shows where there is no number. gnuplot wants at least
 * two rows and columns of an image: one alone is written twice, as halves. */
static void write_cells(const io_canvas *c, const io_panel *p, const layout *l) {
    const int row_parts = p->rows > 1 ? 1 : 2, col_parts = p->cols > 1 ? 1 : 2;
    fprintf(c->out, "$cells << END\n");
    for (int64_t r = 0; r < row_parts * p->rows; r++) {
        for (int64_t k = 0; k < col_parts * p->cols; k++) {
            double x = p->cells[r / row_parts * p->cols + k / col_parts];
            if (isinf(x)) x = x < 0 ? -l->limit : l->limit;
            fprintf(c->out, "%s%.6g", k ? " " : "", x);
        }
        fprintf(c->out, "\n");
    }
    fprintf(c->out,
            "END\n"
            "set xrange [-0.5:%lld.5]\nset yrange [%lld.5:-0.5]\n"
            "set object 1 rectangle from graph 0, 0 to graph 1, 1 behind fillcolor rgb '#c0c0c0' "
            "fillstyle solid noborder\n"
            "plot $cells matrix using (($1 + 0.5) / %d - 0.5):(($2 + 0.5) / %d - 0.5):3 "
            "with image\n",
            (long long)p->cols - 1, (long long)p->rows - 1, col_parts, row_parts);
}

static void write_colour_bar(const io_canvas *c, const layout *l, io_box plot) {
    const double tallest_bar = 240;
    double bar = fmin(plot.height, tallest_bar);
    fprintf(c->out, "set palette defined (");
    if (l->colours.low < 0) fprintf(c->out, "-1 '%s', ", IO_BLUE);
    fprintf(c->out, "0 '#ffffff'");
    if (l->colours.high > 0) fprintf(c->out, ", 1 '%s'", IO_VERMILION);
    fprintf(
        c->out,
        ")\nset colorbox vertical user origin screen %.6f, %.6f size screen %.6f, %.6f noborder\n",
        (plot.x + plot.width + BAR_GAP) / c->width, (plot.y + plot.height - bar) / c->height,
        BAR / c->width, bar / c->height);
    io_axis scale = scale_of(l->colours, bar);
    io_axis_write(c, "cb", &scale);
}

static void draw(const io_canvas *c, const io_panel *p, io_box room) {
    layout l = layout_of(p, room.width);
    double spare = room.height - height(p, room.width);
    room.y += spare;
    room.height -= spare;
    io_box plot = io_plot_box(p, room, l.around);
    plot.width = l.cell_width * (double)p->cols;
    io_write_frame(c, p, room, plot);
    fprintf(c->out, "unset xtics\nunset ytics\nset border 15 linecolor rgb '#d8d8d8'\n");
    write_row_names(c, &l, plot);
    write_col_names(c, &l, plot);
    write_numbers(c, p, &l, plot);
    write_colour_bar(c, &l, plot);
    write_cells(c, p, &l);
}

const io_panel_type io_matrix_panel = {check, height, draw};
