#include "io/figure.h"

#include "base/array.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "io/figure_axis.h"
#include "io/figure_key.h"
#include "io/figure_text.h"
#include "io/gnuplot_run.h"
#include "io/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

static const double up[] = {1, 2, 3}, y[] = {4, NAN, 2}, cells[] = {-1, 0, 0.25, NAN, 0.5, 2};
static const char *const names[] = {"one", "two", "three"};
static const io_series series[] = {{"loss", up, y, 3, false}, {"dots", up, up, 3, true}};
static const io_point points[] = {{0, 0, "south west"}, {1, 0, "south east"}, {0, 1, "north"}};
static const io_arrow arrows[] = {{0, 1}, {2, 2}};

#define CURVES                                                                                     \
    { .kind = IO_CURVES, .title = "curves", .x_title = "step", .series = series, .n_series = 2 }
#define BARS                                                                                       \
    { .kind = IO_BARS, .y_title = "memory (MiB)", .names = names, .values = up, .n_values = 3 }
#define MATRIX                                                                                     \
    { .kind = IO_MATRIX, .cells = cells, .rows = 2, .cols = 3, .digits = 2 }
#define MAP                                                                                        \
    { .kind = IO_MAP, .points = points, .n_points = 3, .arrows = arrows, .n_arrows = 2 }

static char *path_with_gnuplot;

/* Scripts are looked at without gnuplot: what they draw does not depend on it. */
static int set_up(void **state) {
    path_with_gnuplot = strdup(getenv("PATH"));
    return folder_make(state) == 0 ? setenv("PATH", folder, 1) : -1;
}

static int tear_down(void **state) {
    setenv("PATH", path_with_gnuplot, 1);
    free(path_with_gnuplot);
    return folder_remove(state);
}

/* The script of a figure, NUL-closed; to be freed. */
static char *script_of(const char *title, const io_panel *panels, int64_t n, int64_t columns) {
    err e = {0};
    file_map map;
    assert_false(io_figure_write(folder_path("figure.png"), title, panels, n, columns, &e));
    assert_non_null(strstr(e.message, "figure.png: gnuplot is not on the PATH"));
    assert_false(file_exists(folder_path("figure.png")));
    e = (err){0};
    assert_true(file_open_map(&map, folder_path("figure.gp"), &e));
    char *script = mem_copy_string(map.data, map.size);
    file_close_map(&map);
    return script;
}

static int count(const char *script, const char *part) {
    int n = 0;
    for (const char *at = script; (at = strstr(at, part)); at++) n++;
    return n;
}

static void need_gnuplot(void) {
    setenv("PATH", path_with_gnuplot, 1);
    bool available = io_gnuplot_available();
    setenv("PATH", folder, 1);
    if (available) return;
    puts("skipped: gnuplot is not installed");
    skip();
}

/* Draws the panels; returns the height of the picture, whose width is 1200. */
static int assert_draws(const io_panel *panels, int64_t n, int64_t columns) {
    err e = {0};
    file_map png;
    setenv("PATH", path_with_gnuplot, 1);
    bool ok = io_figure_write(folder_path("drawn.png"), "a figure", panels, n, columns, &e);
    setenv("PATH", folder, 1);
    if (!ok) fail_msg("%s", e.message);
    assert_true(file_open_map(&png, folder_path("drawn.png"), &e));
    assert_true(png.size > 1000);
    assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\4\xb0\0\0", 22);
    int height = (unsigned char)png.data[22] << 8 | (unsigned char)png.data[23];
    file_close_map(&png);
    assert_false(file_exists(folder_path("drawn.png.tmp")));
    return height;
}

static void test_draws_every_kind(void **state) {
    (void)state;
    need_gnuplot();
    const io_panel panels[] = {CURVES, BARS, MATRIX, MAP};
    for (int i = 0; i < 4; i++) assert_draws(&panels[i], 1, 1);
    int two_rows = assert_draws(panels, 4, 2), four_rows = assert_draws(panels, 4, 1);
    assert_true(assert_draws(panels, 2, 2) < two_rows && two_rows < four_rows);
}

static void test_script_draws_again(void **state) {
    (void)state;
    need_gnuplot();
    char words[256];
    const io_panel map = MAP;
    assert_draws(&map, 1, 1);
    unlink(folder_path("drawn.png"));
    setenv("PATH", path_with_gnuplot, 1);
    assert_true(io_program_run(folder, (const char *const[]){"gnuplot", "drawn.gp", NULL}, words,
                               sizeof words));
    setenv("PATH", folder, 1);
    assert_true(file_exists(folder_path("drawn.png")));
}

#define UGLY "it's\nexit status 3\n`false` $x_{1} ^2 \\ %d \" @a \xff\xe5\xa4\xa7"

static void test_texts_are_only_text(void **state) {
    (void)state;
    static const char *const ugly[] = {UGLY, "", "  "}, *const quotes[] = {"'", "''", "'s, 's'"};
    static const io_series one[] = {{UGLY, up, up, 3, true}};
    static const io_point points_of[] = {{0, 0, UGLY}, {1, 1, ""}};
    const io_panel panels[] = {
        {.kind = IO_CURVES, .title = UGLY, .series = one, .n_series = 1},
        {.kind = IO_BARS, .x_title = UGLY, .names = ugly, .values = up, .n_values = 3},
        {.kind = IO_MATRIX, .cells = up, .rows = 1, .cols = 3, .col_names = ugly, .digits = 1},
        {.kind = IO_MATRIX, .cells = up, .rows = 3, .cols = 1, .row_names = quotes, .digits = -1},
        {.kind = IO_MAP, .y_title = UGLY, .points = points_of, .n_points = 2},
    };
    char *script = script_of(UGLY, panels, COUNT(panels), 3);
    assert_int_equal(str_utf8_valid(script, strlen(script)), strlen(script));
    assert_int_equal(count(script, "\nexit"), 0);
    free(script);
    need_gnuplot();
    assert_draws(panels, COUNT(panels), 3);
}

/* Constant, alone, absent, huge, tiny: all are drawn. */
static void test_numbers_that_leave_no_room(void **state) {
    (void)state;
    need_gnuplot();
    static const double same[] = {3, 3, 3}, huge[] = {1e300, 1, -1e300}, tiny[] = {1e-9, 2e-9, 0},
                        none[] = {NAN, NAN, NAN}, zero[3], wide[] = {-INFINITY, INFINITY, 1};
    static const double *const all[] = {same, huge, tiny, none, zero, wide};
    enum { KINDS = 6, PANELS = 2 * COUNT(all) * KINDS };
    io_series alone[2 * COUNT(all)];
    io_panel panels[PANELS];
    for (size_t i = 0; i < 2 * COUNT(all); i++) {
        const double *numbers = all[i / 2];
        const int64_t n = i % 2 ? 3 : 1;
        alone[i] = (io_series){"s", up, numbers, n, false};
        const io_panel of_these[KINDS] = {
            {.kind = IO_CURVES, .series = &alone[i], .n_series = 1},
            {.kind = IO_CURVES, .series = &alone[i], .n_series = 1, .log_x = true, .log_y = true},
            {.kind = IO_BARS, .names = names, .values = numbers, .n_values = n},
            {.kind = IO_BARS, .names = names, .values = numbers, .n_values = n, .log_y = true},
            {.kind = IO_MATRIX, .cells = numbers, .rows = n, .cols = 1, .digits = 1},
            {.kind = IO_MATRIX, .cells = numbers, .rows = 1, .cols = n, .digits = 1},
        };
        memcpy(&panels[i * KINDS], of_these, sizeof of_these);
    }
    assert_draws(panels, PANELS, 5);
    assert_draws(panels, PANELS, 16);
}

/* A y that is not a number, or has no logarithm, is an empty line: a gap. */
static void test_gaps_in_curves(void **state) {
    (void)state;
    const io_panel linear = CURVES;
    char *script = script_of("", &linear, 1, 1);
    assert_non_null(strstr(script, "$series0 << END\n1 4\n\n3 2\nEND"));
    assert_int_equal(count(script, "$series0 using 1:2 with linespoints"), 1); /* lone points */
    free(script);
    static const double with_zero[] = {5, 10, 0};
    const io_series s = {"s", up, with_zero, 3, false};
    const io_panel log = {.kind = IO_CURVES, .series = &s, .n_series = 1, .log_y = true};
    script = script_of("", &log, 1, 1);
    assert_non_null(strstr(script, "$series0 << END\n1 5\n2 10\n\nEND"));
    assert_int_equal(count(script, "set logscale y"), 1);
    assert_int_equal(count(script, "$series0 using 1:2 with lines "), 1);
    free(script);
}

/* A logarithmic axis has its tics where something was measured, if they are few. */
static void test_tics_at_the_points(void **state) {
    (void)state;
    enum { MANY = 100 };
    double x[MANY];
    for (int i = 0; i < MANY; i++) x[i] = 8 * (i + 1);
    io_series s = {"s", (const double[]){8, 64, 512}, up, 3, true};
    const io_panel panel = {.kind = IO_CURVES, .series = &s, .n_series = 1, .log_x = true};
    char *script = script_of("", &panel, 1, 1);
    assert_non_null(strstr(script, "set xtics ('8' 8, '64' 64, '512' 512)\n"));
    free(script);
    s = (io_series){"s", x, x, MANY, true};
    script = script_of("", &panel, 1, 1);
    assert_non_null(strstr(script, "'100' 100"));
    free(script);
}

static void test_series_differ_without_colours(void **state) {
    (void)state;
    for (int64_t i = 0; i < 8; i++)
        for (int64_t j = 0; j < i; j++) {
            io_look a = io_look_of(i), b = io_look_of(j);
            assert_string_not_equal(a.colour, b.colour);
            assert_true(strcmp(a.dashes, b.dashes) != 0 || a.shape != b.shape);
        }
}

static void test_numbers_stand_in_cells_that_hold_them(void **state) {
    (void)state;
    io_panel matrix = MATRIX;
    char *script = script_of("", &matrix, 1, 1);
    assert_non_null(strstr(script, "'-1.00'"));
    assert_non_null(strstr(script, "'0.25'"));
    assert_null(strstr(script, "nan'"));
    free(script);
    double *many = mem_new(64 * 64, sizeof *many);
    many[5] = -1e-9;
    matrix = (io_panel){.kind = IO_MATRIX, .cells = many, .rows = 64, .cols = 64, .digits = 3};
    script = script_of("", &matrix, 1, 1);
    assert_null(strstr(script, "'0.000'"));
    free(script);
    matrix.rows = matrix.cols = 8;
    script = script_of("", &matrix, 1, 1);
    assert_int_equal(count(script, "'0.000'"), 64); /* a zero has no sign */
    free(script);
    free(many);
}

/* Where no number is below zero, no colour is kept for such. */
static void test_colours_on_one_side(void **state) {
    (void)state;
    io_panel matrix = MATRIX;
    char *script = script_of("", &matrix, 1, 1);
    assert_non_null(strstr(script, "set cbrange [-2:2]\n"));
    free(script);
    matrix.cells = up;
    matrix.rows = 1;
    script = script_of("", &matrix, 1, 1);
    assert_non_null(strstr(script, "set cbrange [0:3]\n"));
    assert_non_null(strstr(script, "set palette defined (0 '#ffffff', 1 '"));
    free(script);
}

/* Up to 64 rows are named, more have a few numbers. */
static void test_names_of_rows(void **state) {
    (void)state;
    enum { MANY = 65 };
    static double zeros[MANY];
    static char texts[MANY][24];
    const char *rows[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "row %d.", i);
        rows[i] = texts[i];
    }
    io_panel matrix = {
        .kind = IO_MATRIX, .cells = zeros, .rows = 64, .cols = 1, .row_names = rows, .digits = -1};
    char *script = script_of("", &matrix, 1, 3);
    assert_int_equal(count(script, "'row "), 64);
    free(script);
    matrix.rows = MANY;
    script = script_of("", &matrix, 1, 3);
    assert_int_equal(count(script, "'row "), 0);
    assert_non_null(strstr(script, "'0'"));
    free(script);
}

static void test_a_map_shows_what_is_inside(void **state) {
    (void)state;
    io_panel map = MAP;
    map.low[0] = -1;
    map.high[0] = 0.5;
    char *script = script_of("", &map, 1, 1);
    assert_non_null(strstr(script, "'north'"));
    assert_null(strstr(script, "'south east'"));
    assert_int_equal(count(script, "set arrow"), 0);
    free(script);
}

static void test_refused(void **state) {
    (void)state;
    static const double nowhere[] = {0, NAN, 1};
    static const io_series lost = {"lost", nowhere, up, 3, false}, empty = {"no", up, up, 0, false};
    static const io_point bad[] = {{0, INFINITY, "bad"}};
    const struct {
        io_panel panel;
        const char *message;
    } cases[] = {
        {{.kind = IO_CURVES}, "figure.png: no curves to draw"},
        {{.kind = IO_CURVES, .series = &lost, .n_series = 1}, "a place of 'lost' is not a number"},
        {{.kind = IO_CURVES, .series = &empty, .n_series = 1}, "'no' has no points"},
        {{.kind = IO_BARS}, "figure.png: no bars to draw"},
        {{.kind = IO_MATRIX, .rows = 3}, "figure.png: no cells to draw"},
        {{.kind = IO_MAP}, "figure.png: no points to draw"},
        {{.kind = IO_MAP, .points = bad, .n_points = 1}, "the place of 'bad' is not a number"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        err e = {0};
        assert_false(io_figure_write(folder_path("figure.png"), "", &cases[i].panel, 1, 1, &e));
        assert_non_null(strstr(e.message, cases[i].message));
    }
    const io_panel good = MAP;
    err e = {0};
    assert_false(io_figure_write(folder_path("figure.png"), "", &good, 0, 1, &e));
    assert_non_null(strstr(e.message, "figure.png: no panels to draw"));
    e = (err){0};
    assert_false(io_figure_write(folder_path("figure.jpg"), "", &good, 1, 1, &e));
    assert_non_null(strstr(e.message, "expected a name that ends in .png"));
    assert_int_equal(e.code, ERR_USAGE);
    e = (err){0};
    assert_false(io_figure_write(folder_path("absent/figure.png"), "", &good, 1, 1, &e));
    assert_non_null(strstr(e.message, "No such file"));
}

/* Whatever the ends: tics lie between them, rise, have numbers of their own, and fit. */
static void assert_good_axis(double low, double high, bool log, double length) {
    io_axis a = io_axis_make((io_extent){low, high}, log, length, 60);
    assert_true(a.n_tics >= 2);
    assert_true(a.n_tics <= fmax(5, length / 60 + 1));
    for (int i = 0; i < a.n_tics; i++) {
        double share = io_axis_share(&a, a.tics[i]);
        assert_true(share >= -1e-6 && share <= 1 + 1e-6);
        if (i == 0) continue;
        assert_true(a.tics[i] > a.tics[i - 1]);
        assert_string_not_equal(a.names[i], a.names[i - 1]);
    }
}

static void test_axes(void **state) {
    (void)state;
    static const double lows[] = {-1e9, -3.7, -1, 0, 1e-7, 0.02, 1, 99.5, 12345, 1e9},
                        spans[] = {1e-3, 0.3, 1, 7, 250, 1e5, 3e7};
    for (size_t i = 0; i < COUNT(lows); i++)
        for (size_t j = 0; j < COUNT(spans); j++)
            for (double length = 100; length < 1200; length += 300) {
                assert_good_axis(lows[i], lows[i] + spans[j], false, length);
                if (lows[i] > 0) assert_good_axis(lows[i], lows[i] + spans[j], true, length);
            }
    io_axis a = io_axis_make((io_extent){0, 1}, false, 400, 60);
    assert_string_equal(a.names[0], "0.0");
    assert_string_equal(a.names[a.n_tics - 1], "1.0");
    a = io_axis_make((io_extent){0.1, 1e7}, true, 1200, 60);
    assert_string_equal(a.names[0], "0.1");
    assert_string_equal(a.names[1], "1");
    assert_string_equal(a.names[a.n_tics - 1], "1e7");
}

static void test_long_texts_end_in_an_ellipsis(void **state) {
    (void)state;
    const double room = 120;
    str s = io_legible("a name that is much longer than its room", 11, room);
    assert_string_equal(s.data + s.len - 3, "\xE2\x80\xA6");
    assert_true(io_text_width(s.data, 11) <= room);
    assert_memory_equal(s.data, "a name", 6);
    str_free(&s);
    s = io_legible("short", 11, room);
    assert_string_equal(s.data, "short");
    str_free(&s);
    s = io_legible("none", 11, 1);
    assert_string_equal(s.data, "\xE2\x80\xA6");
    str_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_every_kind),
        cmocka_unit_test(test_script_draws_again),
        cmocka_unit_test(test_texts_are_only_text),
        cmocka_unit_test(test_numbers_that_leave_no_room),
        cmocka_unit_test(test_gaps_in_curves),
        cmocka_unit_test(test_tics_at_the_points),
        cmocka_unit_test(test_series_differ_without_colours),
        cmocka_unit_test(test_numbers_stand_in_cells_that_hold_them),
        cmocka_unit_test(test_colours_on_one_side),
        cmocka_unit_test(test_names_of_rows),
        cmocka_unit_test(test_a_map_shows_what_is_inside),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_axes),
        cmocka_unit_test(test_long_texts_end_in_an_ellipsis),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
