#include "base/file.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_holds(const char *name, const char *text) {
    file_map m;
    err e = {0};
    assert_true(file_open_map(&m, folder_path(name), &e));
    assert_int_equal(m.size, strlen(text));
    assert_memory_equal(m.data, text, m.size);
    file_close_map(&m);
}

static void test_write_then_map(void **state) {
    (void)state;
    err e = {0};
    assert_true(file_write(folder_path("a"), "one\0two", 7, &e));
    file_map m;
    assert_true(file_open_map(&m, folder_path("a"), &e));
    assert_int_equal(m.size, 7);
    assert_memory_equal(m.data, "one\0two", 7);
    file_close_map(&m);
    assert_int_equal(m.size, 0);
}

static void test_an_empty_file_is_a_map(void **state) {
    (void)state;
    err e = {0};
    assert_true(file_write(folder_path("empty"), NULL, 0, &e));
    file_map m;
    assert_true(file_open_map(&m, folder_path("empty"), &e));
    assert_int_equal(m.size, 0);
    assert_non_null(m.data);
    file_close_map(&m);
}

/* From any byte to any other one, over pages and in an empty file. */
static void test_reading_ahead_changes_nothing(void **state) {
    (void)state;
    enum { SIZE = 10000, STEP = 100 };
    char bytes[SIZE];
    for (int i = 0; i < SIZE; i++) bytes[i] = (char)(i % 97);
    const size_t sizes[] = {0, SIZE};
    for (int k = 0; k < 2; k++) {
        err e = {0};
        file_map m;
        assert_true(file_write(folder_path("ahead"), bytes, sizes[k], &e));
        assert_true(file_open_map(&m, folder_path("ahead"), &e));
        for (size_t first = 0; first <= m.size; first += STEP)
            for (size_t n = 0; n <= m.size - first; n += STEP) file_read_ahead(&m, first, n);
        assert_int_equal(m.size, sizes[k]);
        assert_memory_equal(m.data, bytes, m.size);
        file_close_map(&m);
    }
}

static void test_refusals_to_map(void **state) {
    (void)state;
    file_map m;
    err e = {0};
    assert_false(file_open_map(&m, folder_path("absent"), &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_non_null(strstr(e.message, "absent: No such file"));
    e = (err){0};
    assert_false(file_open_map(&m, folder, &e));
    assert_non_null(strstr(e.message, "not a regular file"));
    file_close_map(&m);
}

static void test_readers_see_the_old_file_until_commit(void **state) {
    (void)state;
    err e = {0};
    file_writer w;
    assert_true(file_write(folder_path("b"), "old", 3, &e));
    assert_true(file_begin(&w, folder_path("b"), &e));
    fputs("the new one", w.stream);
    fflush(w.stream);
    assert_holds("b", "old");
    assert_true(file_commit(&w, &e));
    assert_holds("b", "the new one");
    assert_false(file_exists(folder_path("b.tmp")));
}

static void test_discard_leaves_the_old_file(void **state) {
    (void)state;
    err e = {0};
    file_writer w;
    assert_true(file_write(folder_path("c"), "old", 3, &e));
    assert_true(file_begin(&w, folder_path("c"), &e));
    fputs("new", w.stream);
    file_discard(&w);
    file_discard(&w);
    assert_holds("c", "old");
    assert_false(file_exists(folder_path("c.tmp")));
}

static void test_failed_commit_leaves_nothing(void **state) {
    (void)state;
    err e = {0};
    file_writer w;
    assert_true(file_begin(&w, folder_path("taken"), &e));
    assert_int_equal(mkdir(folder_path("taken"), 0777), 0); /* in the meantime */
    assert_false(file_commit(&w, &e));
    assert_non_null(strstr(e.message, "taken: "));
    assert_false(file_exists(folder_path("taken.tmp")));
    assert_int_equal(rmdir(folder_path("taken")), 0);
}

static void test_full_disk(void **state) {
    (void)state;
    if (symlink("/dev/full", folder_path("full.tmp")) != 0 || !file_exists("/dev/full")) {
        puts("skipped: no /dev/full here");
        skip();
    }
    static const char much[1 << 20];
    err e = {0};
    assert_false(file_write(folder_path("full"), much, sizeof much, &e));
    assert_non_null(strstr(e.message, "full: No space left"));
    assert_false(file_exists(folder_path("full")));
}

static void test_make_folder(void **state) {
    (void)state;
    err e = {0};
    assert_true(file_make_folder(folder_path("x/y//z"), &e));
    assert_true(file_make_folder(folder_path("x/y/z/"), &e));
    assert_true(file_write(folder_path("x/file"), "", 0, &e));
    assert_false(file_make_folder(folder_path("x/file"), &e));
    assert_non_null(strstr(e.message, "file: not a folder"));
    e = (err){0};
    assert_false(file_make_folder(folder_path("x/file/below"), &e));
    assert_int_equal(unlink(folder_path("x/file")), 0);
    assert_int_equal(rmdir(folder_path("x/y/z")), 0);
    assert_int_equal(rmdir(folder_path("x/y")), 0);
    assert_int_equal(rmdir(folder_path("x")), 0);
}

static void test_join(void **state) {
    (void)state;
    char out[8];
    err e = {0};
    assert_true(file_join(out, sizeof out, "abc", "def", &e));
    assert_string_equal(out, "abc/def");
    assert_false(file_join(out, sizeof out, "abc", "defg", &e));
    assert_int_equal(e.code, ERR_INPUT);
}

static void test_the_first_error_stays(void **state) {
    (void)state;
    err e = {0};
    assert_false(err_set(&e, ERR_USAGE, "first\ncause %d", 1));
    assert_false(err_set(&e, ERR_INPUT, "second"));
    assert_int_equal(e.code, ERR_USAGE);
    assert_string_equal(e.message, "first cause 1");
}

/* A link stays, the file behind it is replaced; a device is neither written nor replaced. */
static void test_follows_links_and_refuses_devices(void **state) {
    (void)state;
    err e = {0};
    char link[1024];
    struct stat st;
    snprintf(link, sizeof link, "%s", folder_path("link"));
    assert_true(file_write(folder_path("real"), "old", 3, &e));
    assert_int_equal(symlink("real", link), 0);
    assert_true(file_write(link, "new text", 8, &e));
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(folder_path("real"), &st), 0);
    assert_int_equal(st.st_size, 8);
    assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0);
    assert_false(file_write(folder_path("pipe"), "x", 1, &e));
    assert_non_null(strstr(e.message, "pipe: is there and is not a file"));
    assert_int_equal(stat(folder_path("pipe"), &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_links_and_refuses_devices),
        cmocka_unit_test(test_write_then_map),
        cmocka_unit_test(test_an_empty_file_is_a_map),
        cmocka_unit_test(test_reading_ahead_changes_nothing),
        cmocka_unit_test(test_refusals_to_map),
        cmocka_unit_test(test_readers_see_the_old_file_until_commit),
        cmocka_unit_test(test_discard_leaves_the_old_file),
        cmocka_unit_test(test_failed_commit_leaves_nothing),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_make_folder),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_the_first_error_stays),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
