#include "io/program.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static char words[256];

static bool run_shell(const char *commands) {
    return io_program_run(folder, (const char *const[]){"sh", "-c", commands, NULL}, words,
                          sizeof words);
}

static void test_is_found_on_the_path(void **state) {
    (void)state;
    assert_true(io_program_available("sh"));
    assert_false(io_program_available("no-such-program-as-this"));
    char *path = strdup(getenv("PATH"));
    setenv("PATH", folder, 1);
    assert_false(io_program_available("sh"));
    setenv("PATH", path, 1);
    free(path);
}

static void test_runs_inside_the_folder(void **state) {
    (void)state;
    assert_true(run_shell("echo lost; echo > here"));
    assert_int_equal(access(folder_path("here"), F_OK), 0);
}

static void test_reads_nothing(void **state) {
    (void)state;
    assert_true(run_shell("! read line"));
}

static void test_arguments_are_only_text(void **state) {
    (void)state;
    const char *const arguments[] = {
        "sh", "-c", "test \"$1\" = 'a; b $HOME `c`' && test $# = 1", "sh", "a; b $HOME `c`", NULL};
    assert_true(io_program_run(folder, arguments, words, sizeof words));
}

static void test_failure_says_the_last_line(void **state) {
    (void)state;
    assert_false(run_shell("echo first >&2; echo the reason >&2; echo '  ' >&2; exit 3"));
    assert_string_equal(words, "the reason");
    assert_false(run_shell("kill -9 $$"));
    assert_string_equal(words, strsignal(9));
}

static void test_what_cannot_be_started(void **state) {
    (void)state;
    const char *const absent[] = {"no-such-program-as-this", NULL};
    assert_false(io_program_run(folder, absent, words, sizeof words));
    assert_string_equal(words, "No such file or directory");
    const char *const shell[] = {"sh", "-c", ":", NULL};
    assert_false(io_program_run("/no/such/folder", shell, words, sizeof words));
    assert_string_equal(words, "No such file or directory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_found_on_the_path),
        cmocka_unit_test(test_runs_inside_the_folder),
        cmocka_unit_test(test_reads_nothing),
        cmocka_unit_test(test_arguments_are_only_text),
        cmocka_unit_test(test_failure_says_the_last_line),
        cmocka_unit_test(test_what_cannot_be_started),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
