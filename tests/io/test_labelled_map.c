#include "io/labelled_map.h"

#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "io/gnuplot_run.h"
#include "io/label_layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

static const io_point square[] = {{0, 0, "south west"}, {1, 0, "south east"}, {0, 1, "north"}};
static const io_arrow arrow[] = {{0, 1}, {2, 2}};

static void need_gnuplot(void) {
    if (io_gnuplot_available()) return;
    puts("skipped: gnuplot is not installed");
    skip();
}

static bool draw(const char *name, const io_point *points, int64_t n, err *e) {
    *e = (err){0};
    return io_labelled_map_write(folder_path(name), "a map", "x", "y", points, n, arrow,
                                 n < 3 ? 0 : 2, e);
}

static void assert_draws(const char *name, const io_point *points, int64_t n) {
    err e;
    file_map png;
    if (!draw(name, points, n, &e)) fail_msg("%s", e.message);
    assert_true(file_open_map(&png, folder_path(name), &e));
    assert_true(png.size > 1000);
    /* The signature, then the size 1600 x 1200 in the first chunk. */
    assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\6\x40\0\0\4\xb0", 24);
    file_close_map(&png);
}

static void test_draws_a_map(void **state) {
    (void)state;
    need_gnuplot();
    assert_draws("map.png", square, 3);
    assert_true(file_exists(folder_path("map.gp")));
    assert_false(file_exists(folder_path("map.png.tmp")));
}

static void test_names_of_files_are_only_names(void **state) {
    (void)state;
    need_gnuplot();
    assert_draws("-it's; a `map` $HOME.png", square, 3);
}

static void test_labels_are_only_text(void **state) {
    (void)state;
    need_gnuplot();
    static const io_point points[] = {
        {0, 0, "it's\nexit status 3\n`false` $x_{1} ^2 \\ %d \" @a"},
        {1, 1, "not UTF-8: \xff\xc3"},
        {2, 1, ""},
        {3, 1, "\xe5\xa4\xa7 r\xc3\xb6m"},
    };
    assert_draws("text.png", points, 4);
    err e = {0};
    file_map script;
    assert_true(file_open_map(&script, folder_path("text.gp"), &e));
    assert_int_equal(str_utf8_valid(script.data, script.size), script.size);
    file_close_map(&script);
}

static void test_places_that_leave_no_room(void **state) {
    (void)state;
    need_gnuplot();
    static const io_point one[] = {{1e9, -1e9, "one"}}, line[] = {{0, 3, "a"}, {1e-9, 3, "b"}};
    assert_draws("one.png", one, 1);
    assert_draws("line.png", line, 2);
}

static void test_refused(void **state) {
    (void)state;
    static const io_point nan[] = {{0, 0, "good"}, {0, NAN, "bad"}};
    err e;
    assert_false(draw("map.png", square, 0, &e));
    assert_non_null(strstr(e.message, "map.png: no points to draw"));
    assert_false(draw("map.png", nan, 2, &e));
    assert_non_null(strstr(e.message, "'bad'"));
    assert_false(draw("map.jpg", square, 3, &e));
    assert_non_null(strstr(e.message, "map.jpg: expected a name that ends in .png"));
    assert_false(draw(".png", square, 3, &e));
    assert_false(draw("absent/map.png", square, 3, &e));
    assert_non_null(strstr(e.message, "No such file"));
}

static void test_no_gnuplot(void **state) {
    (void)state;
    char *path = strdup(getenv("PATH"));
    setenv("PATH", folder, 1);
    err e;
    assert_false(draw("none.png", square, 3, &e));
    assert_non_null(strstr(e.message, "none.png: gnuplot is not on the PATH"));
    setenv("PATH", path, 1);
    free(path);
}

static bool overlap(io_spot a, double width_a, io_spot b, double width_b, double height) {
    return fabs(a.x - b.x) < (width_a + width_b) / 2 && fabs(a.y - b.y) < height;
}

/* In a crowd that has room, no label lies on another, on a point or outside. */
static void test_labels_keep_apart(void **state) {
    (void)state;
    enum { N = 40 };
    io_spot points[N];
    double widths[N];
    io_label labels[N];
    rng_stream random = {rng_from_seed(3), 0};
    for (int i = 0; i < N; i++) {
        points[i] = (io_spot){1000 * rng_next_unit(&random), 800 * rng_next_unit(&random)};
        widths[i] = 40 + 60 * rng_next_unit(&random);
    }
    io_scene scene = {1000, 800, points, widths, 20, 5, N, NULL, 0};
    io_label_layout(&scene, labels);
    for (int i = 0; i < N; i++) {
        assert_true(fabs(labels[i].centre.x - 500) <= 500 - widths[i] / 2);
        assert_true(fabs(labels[i].centre.y - 400) <= 400 - 10);
        for (int j = 0; j < N; j++) {
            assert_false(overlap(labels[i].centre, widths[i], points[j], 10, 15));
            if (i != j)
                assert_false(overlap(labels[i].centre, widths[i], labels[j].centre, widths[j], 20));
        }
    }
}

/* A label gives way to a line, and stands to the right where nothing is in the way. */
static void test_labels_give_way_to_lines(void **state) {
    (void)state;
    static const io_spot point = {100, 100};
    static const io_line line = {{100, 100}, {180, 100}};
    static const double width = 50;
    io_label label;
    io_scene scene = {200, 200, &point, &width, 20, 5, 1, &line, 0};
    io_label_layout(&scene, &label);
    assert_int_equal(label.side, 1);
    scene.n_lines = 1;
    io_label_layout(&scene, &label);
    assert_int_equal(label.side, -1);
    assert_near(label.centre.x + width / 2, 100 - 7, 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_a_map),
        cmocka_unit_test(test_names_of_files_are_only_names),
        cmocka_unit_test(test_labels_are_only_text),
        cmocka_unit_test(test_places_that_leave_no_room),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_gnuplot),
        cmocka_unit_test(test_labels_keep_apart),
        cmocka_unit_test(test_labels_give_way_to_lines),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
