#include "io/figure_axis.h"
#include "io/figure_text.h"

#include <math.h>
#include <string.h>

static bool check(const io_panel *p, const char *path, err *e) {
    return p->n_values > 0 || err_set(e, ERR_INPUT, "%s: no bars to draw", path);
}

/* The width of a bar as a share of its place. */
static double bar_share(const io_panel *p, double width) {
    const double share = 0.7, widest = 140;
    return fmin(share, widest * (double)p->n_values / width);
}

/* The bytes of as many words of a name as fit on a line, at least one word. */
static size_t line_length(const char *name, double room) {
    size_t n = strcspn(name, " ");
    while (name[n]) {
        size_t longer = n + 1 + strcspn(name + n + 1, " ");
        str s = {0};
        str_append(&s, name, longer);
        bool fits = io_text_width(s.data, IO_SMALL) <= room;
        str_free(&s);
        if (!fits) break;
        n = longer;
    }
    return n;
}

/* The next line of a name, which *name is moved behind. Free with str_free. */
static str take_line(const char **name, double room) {
    str s = {0};
    size_t n = line_length(*name, room);
    str_append(&s, *name, n);
    *name += n + strspn(*name + n, " ");
    return s;
}

/* How many lines a name takes, 0 where a word of it is too wide. */
static int lines_of(const char *name, double room) {
    int lines = 0;
    bool fits = true;
    do {
        str s = take_line(&name, room);
        fits = fits && io_text_width(s.data, IO_SMALL) <= room;
        str_free(&s);
        lines++;
    } while (*name);
    return fits ? lines : 0;
}

/* How the names stand below the bars: side by side, in lines, where they have room, else upward. */
typedef struct names_row {
    bool upward;
    double height, line_room;
    int64_t step; /* every so manyth */
} names_row;

enum { LINE = 18, MOST_LINES = 3 };

/* In a panel of that width. */
static names_row row_of(const io_panel *p, double width) {
    const double longest = 170, gap = 8, beside = 110;
    double place = fmax(width - beside, IO_LEAST) / (double)p->n_values;
    int most = 1;
    bool upward = false;
    for (int64_t i = 0; i < p->n_values; i++) {
        int lines = lines_of(p->names[i], place - gap);
        upward = upward || lines == 0 || lines > MOST_LINES;
        most = lines > most ? lines : most;
    }
    if (!upward) return (names_row){false, LINE * most + 6, place - gap, 1};
    double widest = io_widest(p->names, p->n_values, IO_SMALL);
    return (names_row){true, fmin(widest, longest) + 8, 0, (int64_t)ceil(16 / place)};
}

static double height(const io_panel *p, double width) {
    const double highest = 480, lowest = 280, share = 0.55;
    return row_of(p, width).height + fmax(fmin(share * width, highest), lowest);
}

static io_extent extent_of(const io_panel *p) {
    io_extent ends = IO_NO_EXTENT;
    for (int64_t i = 0; i < p->n_values; i++) io_extend(&ends, p->values[i], p->log_y);
    if (p->log_y) {
        ends = io_widen(ends, 0.15, true);
        return (io_extent){pow(10, floor(log10(ends.low))), ends.high};
    }
    io_extend(&ends, 0, false);
    io_extent wide = io_widen(ends, 0.1, false);
    if (ends.low < ends.high && ends.low == 0) wide.low = 0;
    if (ends.low < ends.high && ends.high == 0) wide.high = 0;
    return wide;
}

static void write_lines(const io_canvas *c, const char *name, double x, double top, double room) {
    do {
        str s = take_line(&name, room);
        io_write_text(c, s.data, x, top -= LINE, INFINITY,
                      (io_text_style){.points = IO_SMALL, .align = IO_CENTRE});
        str_free(&s);
    } while (*name);
}

static void write_names(const io_canvas *c, const io_panel *p, io_box plot, names_row row) {
    const double below = 6, place = plot.width / (double)p->n_values;
    for (int64_t i = 0; i < p->n_values; i += row.step) {
        double x = plot.x + ((double)i + 0.5) * place;
        if (row.upward)
            io_write_text(c, p->names[i], x, plot.y - below, row.height - below,
                          (io_text_style){.points = IO_SMALL, .align = IO_RIGHT, .upward = true});
        else
            write_lines(c, p->names[i], x, plot.y + 4, row.line_room);
    }
}

/* Whether there is a bar for value i. */
static bool is_shown(const io_panel *p, int64_t i) {
    return io_has_place(p->values[i], p->log_y);
}

static bool values_fit(const io_panel *p, double place) {
    for (int64_t i = 0; i < p->n_values; i++) {
        char text[32];
        io_format_number(text, sizeof text, p->values[i]);
        if (io_text_width(text, IO_SMALL) + 4 > place) return false;
    }
    return true;
}

/* The values behind the ends of their bars, where there is room for the widest. */
static void write_values(const io_canvas *c, const io_panel *p, io_box plot, const io_axis *y) {
    const double place = plot.width / (double)p->n_values;
    if (!values_fit(p, place)) return;
    for (int64_t i = 0; i < p->n_values; i++) {
        if (!is_shown(p, i)) continue;
        char text[32];
        io_format_number(text, sizeof text, p->values[i]);
        double end = plot.y + plot.height * io_axis_share(y, p->values[i]);
        io_write_text(c, text, plot.x + ((double)i + 0.5) * place,
                      end + (p->values[i] < 0 ? -10 : 10), INFINITY,
                      (io_text_style){.points = IO_SMALL, .align = IO_CENTRE});
    }
}

static void write_bars(const io_canvas *c, const io_panel *p, double width) {
    fprintf(c->out, "$bars << END\n");
    for (int64_t i = 0; i < p->n_values; i++)
        if (is_shown(p, i)) fprintf(c->out, "%lld %.10g\n", (long long)i, p->values[i]);
    fprintf(c->out, "END\nset boxwidth %g\n", bar_share(p, width));
    if (!p->log_y) fprintf(c->out, "set xzeroaxis linetype 1 linecolor rgb '#999999'\n");
    fprintf(c->out,
            "plot $bars using 1:2 with boxes fillstyle solid noborder linecolor rgb '%s', "
            "NaN\n",
            IO_BLUE);
}

static void draw(const io_canvas *c, const io_panel *p, io_box room) {
    names_row row = row_of(p, room.width);
    io_margins around = {.right = 8, .above = 8, .below = row.height};
    io_box plot = io_plot_box(p, room, around);
    io_axis y = io_axis_make(extent_of(p), p->log_y, plot.height, 42);
    around.left = io_axis_names_width(&y) + 14;
    plot = io_plot_box(p, room, around);
    io_write_frame(c, p, room, plot);
    io_axis_write(c, "y", &y);
    fprintf(c->out,
            "unset xtics\nset xrange [-0.5:%lld.5]\n"
            "set grid ytics linetype 1 linewidth 1 linecolor rgb '#e8e8e8'\n",
            (long long)p->n_values - 1);
    write_names(c, p, plot, row);
    write_values(c, p, plot, &y);
    write_bars(c, p, plot.width);
}

const io_panel_type io_bars_panel = {check, height, draw};
