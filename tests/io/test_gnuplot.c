#include "io/gnuplot.h"

#include "base/file.h"
#include "folder.h"
#include "io/gnuplot_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define HEADER "step,train_loss,val_loss,lr,grad_norm,tokens_per_s\n"

static void put(const char *name, const char *text) {
    err e = {0};
    assert_true(file_write(folder_path(name), text, strlen(text), &e));
}

static void need_gnuplot(void) {
    if (io_gnuplot_available()) return;
    puts("skipped: gnuplot is not installed");
    skip();
}

static void assert_draws(const char *log) {
    err e = {0};
    unlink(folder_path("loss.png"));
    put("log.csv", log);
    assert_true(io_plot_write_script(folder, "a run", &e));
    if (!io_plot_draw(folder, &e)) fail_msg("%s\nlog:\n%s", e.message, log);
    file_map png;
    assert_true(file_open_map(&png, folder_path("loss.png"), &e));
    assert_true(png.size > 1000);
    /* The signature, then the size 1280 x 800 in the first chunk. */
    assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\5\0\0\0\3\x20", 24);
    file_close_map(&png);
    assert_false(file_exists(folder_path("loss.png.tmp")));
}

static void test_draws_a_log(void **state) {
    (void)state;
    need_gnuplot();
    assert_draws(HEADER
                 "0,4.1,4.2,0.0001,1.5,1000\n10,3.5,,0.001,1.2,2000\n20,3,3.2,0.001,1,2000\n");
}

static void test_draws_whatever_is_there(void **state) {
    (void)state;
    need_gnuplot();
    static const char *const logs[] = {
        HEADER,
        HEADER "0,,4.2,,,\n",
        HEADER "0,4.2,,0.1,1,1\n",
        HEADER "0,4.2,,0.1,1,1\n10,4.1,,0.1,1,1\n",
        HEADER "0,4.2,4,0,0,0\n1,inf,,0.1,inf,1\n2,,inf,0.1,,\n3,-inf,5,,,\n",
        HEADER "0,4.2,4,0,0,0\n1,3,",
    };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) assert_draws(logs[i]);
}

static void test_titles_are_only_text(void **state) {
    (void)state;
    need_gnuplot();
    err e = {0};
    put("log.csv", HEADER "0,4,4,1,1,1\n");
    assert_true(
        io_plot_write_script(folder, "''t is it's\nexit status 3\n`false` $x_{1} \\ %d \"", &e));
    if (!io_plot_draw(folder, &e)) fail_msg("%s", e.message);
}

static void test_failure_is_one_line(void **state) {
    (void)state;
    need_gnuplot();
    err e = {0};
    put("loss.png", "the old picture");
    put("loss.gp", "set output 'loss.png.tmp'\nplot no_such_function(x)\n");
    assert_false(io_plot_draw(folder, &e));
    assert_non_null(strstr(e.message, "loss.png: gnuplot failed: "));
    assert_non_null(strstr(e.message, "no_such_function"));
    file_map old;
    e = (err){0};
    assert_true(file_open_map(&old, folder_path("loss.png"), &e));
    assert_memory_equal(old.data, "the old picture", old.size);
    file_close_map(&old);
    assert_false(file_exists(folder_path("loss.png.tmp")));
}

static void test_no_folder(void **state) {
    (void)state;
    need_gnuplot();
    err e = {0};
    assert_false(io_plot_draw(folder_path("absent"), &e));
    assert_non_null(strstr(e.message, "No such file"));
    e = (err){0};
    assert_false(io_plot_write_script(folder_path("absent"), "a run", &e));
    assert_non_null(strstr(e.message, "No such file"));
}

static void test_no_gnuplot(void **state) {
    (void)state;
    char *path = strdup(getenv("PATH"));
    setenv("PATH", folder, 1);
    err e = {0};
    assert_false(io_gnuplot_available());
    assert_false(io_plot_draw(folder, &e));
    assert_non_null(strstr(e.message, "gnuplot is not on the PATH"));
    setenv("PATH", path, 1);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_a_log),
        cmocka_unit_test(test_draws_whatever_is_there),
        cmocka_unit_test(test_titles_are_only_text),
        cmocka_unit_test(test_failure_is_one_line),
        cmocka_unit_test(test_no_folder),
        cmocka_unit_test(test_no_gnuplot),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
