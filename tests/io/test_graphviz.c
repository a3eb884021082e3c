#include "io/graphviz.h"

#include "base/file.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char graph[] = "digraph g { a -> b; }\n";

static bool write_graph(const char *name, const char *text, err *e) {
    *e = (err){0};
    return io_graphviz_write(folder_path(name), text, strlen(text), e);
}

static void need_graphviz(void) {
    if (io_graphviz_available()) return;
    puts("skipped: Graphviz is not installed");
    skip();
}

static void test_the_graph_stands_beside_the_picture(void **state) {
    (void)state;
    char name[64];
    err e = {0};
    assert_true(io_graphviz_name("a.b/c.svg", name, sizeof name, &e));
    assert_string_equal(name, "a.b/c.dot");
    assert_true(io_graphviz_name("c.dot", name, sizeof name, &e));
    assert_string_equal(name, "c.dot");
    assert_false(io_graphviz_name("a.svg/c", name, sizeof name, &e));
    assert_int_equal(e.code, ERR_USAGE);
    e = (err){0};
    assert_false(io_graphviz_name("long.svg", name, 8, &e));
    assert_int_equal(e.code, ERR_INPUT);
}

static void test_a_graph_alone(void **state) {
    (void)state;
    err e;
    file_map file;
    assert_true(write_graph("alone.dot", graph, &e));
    assert_true(file_open_map(&file, folder_path("alone.dot"), &e));
    assert_int_equal(file.size, strlen(graph));
    assert_memory_equal(file.data, graph, file.size);
    file_close_map(&file);
}

static void test_pictures(void **state) {
    (void)state;
    static const char *const names[] = {"g.svg", "g.png", "g.pdf", "-it's; a `name` $HOME.svg"};
    need_graphviz();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        err e;
        if (!write_graph(names[i], graph, &e)) fail_msg("%s", e.message);
        assert_true(file_exists(folder_path(names[i])));
    }
    assert_true(file_exists(folder_path("g.dot")));
    assert_false(file_exists(folder_path("g.svg.tmp")));
}

static void test_what_is_no_graph(void **state) {
    (void)state;
    need_graphviz();
    err e;
    assert_false(write_graph("bad.svg", "digraph {", &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_non_null(strstr(e.message, "bad.svg: Graphviz failed: "));
    assert_false(file_exists(folder_path("bad.svg")));
    assert_false(file_exists(folder_path("bad.svg.tmp")));
}

/* One that writes half a picture and gives up. */
static void test_a_failure_leaves_the_old_picture(void **state) {
    (void)state;
    static const char dot[] = "#!/bin/sh\necho half > \"${2#-o}\"\necho no >&2\nexit 3\n";
    char path[4096], with_ours[8192];
    err e = {0};
    assert_true(file_write(folder_path("dot"), dot, strlen(dot), &e));
    assert_true(file_write(folder_path("old.svg"), "old", 3, &e));
    assert_int_equal(chmod(folder_path("dot"), 0700), 0);
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    snprintf(with_ours, sizeof with_ours, "%s:%s", folder, path);
    setenv("PATH", with_ours, 1);
    assert_false(write_graph("old.svg", graph, &e));
    setenv("PATH", path, 1);
    assert_non_null(strstr(e.message, "old.svg: Graphviz failed: no"));
    assert_false(file_exists(folder_path("old.svg.tmp")));
    file_map file;
    assert_true(file_open_map(&file, folder_path("old.svg"), &e));
    assert_int_equal(file.size, 3);
    file_close_map(&file);
    assert_int_equal(unlink(folder_path("dot")), 0);
}

static void test_without_graphviz_the_graph_stays(void **state) {
    (void)state;
    char path[4096];
    err e;
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    setenv("PATH", folder, 1);
    assert_false(io_graphviz_available());
    assert_false(write_graph("later.svg", graph, &e));
    setenv("PATH", path, 1);
    assert_int_equal(e.code, ERR_INPUT);
    assert_non_null(strstr(e.message, "apt-get install graphviz"));
    assert_true(file_exists(folder_path("later.dot")));
    assert_false(file_exists(folder_path("later.svg")));
}

static void test_a_folder_that_is_not_there(void **state) {
    (void)state;
    err e;
    assert_false(write_graph("none/g.svg", graph, &e));
    assert_int_equal(e.code, ERR_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_graph_stands_beside_the_picture),
        cmocka_unit_test(test_a_graph_alone),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_what_is_no_graph),
        cmocka_unit_test(test_a_failure_leaves_the_old_picture),
        cmocka_unit_test(test_without_graphviz_the_graph_stays),
        cmocka_unit_test(test_a_folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
