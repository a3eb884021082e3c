/* The picture of a run that is watched, looked at in its script: no gnuplot is needed. */
#include "train/watch_plot.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static char *path_before;

static int set_up(void **state) {
    path_before = strdup(getenv("PATH"));
    return folder_make(state) == 0 ? setenv("PATH", folder, 1) : -1;
}

static int tear_down(void **state) {
    setenv("PATH", path_before, 1);
    free(path_before);
    return folder_remove(state);
}

static void put_table(const char *text) {
    err e = {0};
    assert_true(file_write(folder_path("watch.csv"), text, strlen(text), &e));
}

/* The script that draws the table, NUL-closed; to be freed. */
static char *script_of(const char *table) {
    err e = {0};
    file_map map;
    put_table(table);
    assert_true(watch_exists(folder));
    assert_false(watch_draw(folder, &e));
    assert_non_null(strstr(e.message, "watch.png: gnuplot is not on the PATH"));
    e = (err){0};
    assert_true(file_open_map(&map, folder_path("watch.gp"), &e));
    char *script = mem_copy_string(map.data, map.size);
    file_close_map(&map);
    return script;
}

static void assert_has(const char *script, const char *text) {
    if (!strstr(script, text)) fail_msg("not there: %s", text);
}

static void add_columns(str *names, const char *prefix, int n) {
    for (int i = 0; i < n; i++) str_printf(names, ",%s%d", prefix, i);
}

/* A table of two rows with these columns; free with str_free. */
static str table_with(int blocks, int others, int pairs, int ranks) {
    str t = {0};
    str_printf(&t, "step");
    add_columns(&t, "norm:h.", blocks);
    add_columns(&t, "norm:other", others);
    add_columns(&t, "cosine:a~b", pairs);
    add_columns(&t, "rank:a-b+c=d", ranks);
    for (int row = 0; row < 2; row++) {
        str_printf(&t, "\n%d", 10 * row);
        for (int i = 0; i < blocks + others + pairs + ranks; i++)
            str_printf(&t, ",%d", 1 + i * row);
    }
    str_printf(&t, "\n");
    return t;
}

static void test_panels_of_what_is_there(void **state) {
    (void)state;
    char *script = script_of("step,norm:wte,update:wte,\"cosine:a,b~\"\"\",drift\n"
                             "0,1,,0.5,0\n10,2,,0.25,1\n");
    assert_has(script, "'weights of each layer'");
    assert_has(script, "'similarity of words'");
    assert_has(script, "'a,b~\"'");
    assert_has(script, "'drift of ");
    assert_null(strstr(script, "'update of ")); /* no row has one */
    assert_null(strstr(script, "'isotropy "));
    free(script);
}

/* Of blocks the first, the last and some between; of pairs those that moved most. */
static void test_as_many_curves_as_colours(void **state) {
    (void)state;
    str table = table_with(48, 4, 12, 0);
    char *script = script_of(table.data);
    assert_has(script, "'weights of each layer: 8 of 52'");
    static const char *const shown[] = {"'h.0'",    "'h.15'",   "'h.31'", "'h.47'",
                                        "'other0'", "'other3'", "'a~b4'", "'a~b11'"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) assert_has(script, shown[i]);
    assert_has(script, "'similarity of words: 8 of 12'");
    assert_null(strstr(script, "'a~b3'"));
    free(script);
    str_free(&table);
}

/* Such as no run writes. */
static void test_any_columns(void **state) {
    (void)state;
    static const int counts[][4] = {{12, 7, 0, 9}, {5, 30, 40, 40}, {0, 9, 0, 0}, {9, 6, 1, 8}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        str table = table_with(counts[i][0], counts[i][1], counts[i][2], counts[i][3]);
        free(script_of(table.data));
        str_free(&table);
    }
}

static void test_nothing_to_draw(void **state) {
    (void)state;
    err e = {0};
    put_table("step,norm:wte\n");
    assert_true(watch_draw(folder, &e));
    put_table("step,norm:wte\n0,\n");
    assert_false(watch_draw(folder, &e));
    assert_non_null(strstr(e.message, "watch.png: no panels to draw"));
    e = (err){0};
    put_table("step,norm:wte\n,1\n");
    assert_false(watch_draw(folder, &e));
    assert_non_null(strstr(e.message, "not a number"));
    e = (err){0};
    assert_true(file_remove(folder_path("watch.csv"), &e));
    assert_false(watch_exists(folder));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_panels_of_what_is_there),
        cmocka_unit_test(test_as_many_curves_as_colours),
        cmocka_unit_test(test_any_columns),
        cmocka_unit_test(test_nothing_to_draw),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
