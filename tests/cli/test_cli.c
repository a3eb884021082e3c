/* What the program says about itself, and its one line for every mistake in its arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

static const char *const commands[] = {
    "train",     "sample",     "chat",        "eval",     "info", "plot",   "nearest",
    "analogy",   "similarity", "odd-one-out", "evaluate", "map",  "export", "import",
    "tokenizer", "gradcheck",  "corpus",      "bench",    "help"};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

/* The config of program_set_up, until the next call. */
static const char *config_path(void) {
    static char path[512];
    snprintf(path, sizeof path, "%s", folder_path("tiny.ini"));
    return path;
}

static void put(const char *name, const char *text) {
    err e = {0};
    assert_true(file_write(folder_path(name), text, strlen(text), &e));
}

static void test_help_lists_every_command(void **state) {
    (void)state;
    outcome o = RUN("help");
    assert_prints(o, "usage: gradus COMMAND");
    for (int i = 0; i < N_COMMANDS; i++) {
        char line[32];
        snprintf(line, sizeof line, "\n  %s ", commands[i]);
        assert_prints(o, line);
    }
    assert_prints(RUN("--help"), "usage: gradus COMMAND");
    assert_prints(program_wait(program_start((const char *[]){"", NULL})), "usage: gradus COMMAND");
}

static void test_every_command_has_help(void **state) {
    (void)state;
    for (int i = 0; i < N_COMMANDS; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "usage: gradus %s", commands[i]);
        assert_prints(RUN("help", commands[i]), usage);
        if (strcmp(commands[i], "help") != 0) assert_prints(RUN(commands[i], "--help"), usage);
    }
    assert_prints(RUN("train", config_path(), "--help"), "usage: gradus train");
    assert_prints(RUN("sample", "r", "--help"), "  --temperature X ");
    outcome o = RUN("help", "config");
    assert_prints(o, "[model]\n  n_layer ");
    assert_prints(o, "  gradient_accumulation_steps ");
}

static void test_version(void **state) {
    (void)state;
    assert_prints(RUN("--version"), "gradus ");
}

static void test_unknown_commands(void **state) {
    (void)state;
    assert_error(RUN("trian"), 2, "unknown command 'trian' (did you mean 'train'?)");
    assert_error(RUN("xyzzy"), 2, "unknown command 'xyzzy'; 'gradus help' lists them");
    assert_error(RUN("help", "smaple"), 2, "(did you mean 'sample'?)");
    assert_error(RUN("help", "train", "me"), 2, "usage: gradus help");
    assert_error(RUN("corpus", "kingdm", "--out", "x"), 2, "(did you mean 'kingdom'?)");
    assert_error(RUN("bench", "stop"), 2, "unknown benchmark 'stop'");
    assert_error(RUN("bench", "step", "--shape", "baly"), 2, "(did you mean 'baby'?)");
}

static void test_unknown_flags(void **state) {
    (void)state;
    assert_error(RUN("sample", "r", "--promt", "x"), 2, "(did you mean '--prompt'?)");
    assert_error(RUN("eval", "r", "--lats"), 2, "(did you mean '--last'?)");
    assert_error(RUN("eval", "r", "--xyzzy=3"), 2, "unknown flag '--xyzzy'; usage: gradus eval");
    assert_error(RUN("plot", "r", "--last"), 2, "unknown flag '--last'");
    assert_error(RUN("train", config_path(), "-x"), 2, "unknown flag '-x'");
    assert_error(RUN("train", config_path(), "--n_heads=2"), 2, "(did you mean 'n_head'?)");
}

static void test_values_that_are_none(void **state) {
    (void)state;
    assert_error(RUN("sample", "r", "--temperature"), 2, "--temperature needs a value");
    assert_error(RUN("sample", "r", "--temperature", "hot"), 2, "'hot', expected a number from 0");
    assert_error(RUN("sample", "r", "--temperature=nan"), 2, "'nan', expected a number");
    assert_error(RUN("sample", "r", "--top_k=1.5"), 2, "'1.5', expected a whole number");
    assert_error(RUN("sample", "r", "--top_p", "0"), 2, "--top_p is '0'");
    assert_error(RUN("sample", "r", "--seed", "-1"), 2, "--seed is '-1'");
    assert_error(RUN("sample", "r", "--last=yes"), 2, "--last takes no value");
    assert_error(RUN("nearest", "r", "the", "-k", "0"), 2, "k is '0'");
    assert_error(RUN("train", config_path(), "--n_head=two"), 2, "n_head is 'two', expected");
    assert_error(RUN("train", config_path(), "--n_head"), 2, "expected --n_head=<value>");
    assert_error(RUN("train", config_path(), "--norm=batch"), 2, "one of layernorm|rmsnorm");
    assert_error(RUN("train", config_path(), "--n_head=3"), 1, "not a multiple of n_head = 3");
}

static void test_too_few_and_too_many_arguments(void **state) {
    (void)state;
    static const char *const need_one[] = {"train",  "sample",   "chat",   "eval",   "info", "plot",
                                           "corpus", "evaluate", "export", "import", "map"};
    for (size_t i = 0; i < sizeof need_one / sizeof *need_one; i++) {
        assert_error(RUN(need_one[i]), 2, "usage: gradus ");
        assert_error(RUN(need_one[i], "a", "b"), 2, "unexpected argument 'b'; usage: gradus ");
    }
    assert_error(RUN("nearest", "r"), 2, "usage: gradus nearest");
    assert_error(RUN("gradcheck", "x"), 2, "unexpected argument 'x'");
    assert_error(RUN("corpus", "kingdom"), 2, "usage: gradus corpus kingdom --out FILE");
}

static void test_configs_that_cannot_be_read(void **state) {
    (void)state;
    assert_error(RUN("train", folder_path("absent.ini")), 1, "absent.ini: No such file");
    assert_error(RUN("train", folder), 1, "not a regular file");
    put("bad.ini", "[model]\nn_layer = 2\nn_heads = 2\n");
    assert_error(RUN("train", folder_path("bad.ini")), 1,
                 "bad.ini:3: unknown key 'n_heads' (did you mean 'n_head'?)");
    assert_error(RUN("info", folder_path("bad.ini")), 1, "bad.ini:3: unknown key");
    put("bad.ini", "\xff\xfe");
    assert_error(RUN("train", folder_path("bad.ini")), 1, "is not UTF-8");
}

static void test_runs_that_are_none(void **state) {
    (void)state;
    static const char *const readers[] = {"sample", "chat", "eval", "info", "plot"};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        assert_error(RUN(readers[i], folder), 1, ": not a run: it has no config.ini");
        assert_error(RUN(readers[i], "/absent"), 1, "/absent: not a run: it has no config.ini");
    }
    assert_error(RUN("nearest", folder, "e"), 1, ": not a run: it has no config.ini");
}

static void test_the_corpus_is_that_of_its_seed(void **state) {
    (void)state;
    static char first[PROGRAM_TEXT_SIZE], second[PROGRAM_TEXT_SIZE];
    const char *const seeds[] = {"7", "7", "8"};
    for (int i = 0; i < 3; i++) {
        outcome o = RUN("corpus", "kingdom", "--sentences=100", "--seed", seeds[i], "--out",
                        folder_path("kingdom.txt"));
        assert_int_equal(o.code, 0);
        program_read("kingdom.txt", i == 0 ? first : second);
        if (i == 1) assert_string_equal(first, second);
        if (i == 2) assert_string_not_equal(first, second);
    }
    int lines = 0;
    for (const char *c = first; *c; c++) lines += *c == '\n';
    assert_int_equal(lines, 100);
    assert_error(RUN("corpus", "kingdom", "--out", folder_path("absent/x")), 1, "No such file");
}

static void test_info_of_a_config(void **state) {
    (void)state;
    outcome o = RUN("info", config_path(), "--vocab_size", "100");
    assert_prints(o, "wte.weight                   (100, 16)                    1600 ");
    assert_prints(o, "total                                                     8448 ");
    assert_prints(o, "memory: peak of training about ");
    assert_prints(o, "step: 64 tokens");
    assert_error(RUN("info", config_path(), "--vocab_size=0"), 2, "--vocab_size is '0'");
}

static void test_info_of_a_watched_run(void **state) {
    (void)state;
    static const char watched[] = "[model]\nn_layer = 1\nn_head = 1\nn_embd = 16\n"
                                  "[train]\nwatch = layers\n";
    err e = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path("watched.ini"));
    assert_true(file_write(path, watched, strlen(watched), &e));
    assert_prints(RUN("info", path, "--vocab_size=100"), "\n  watch ");
    assert_null(strstr(RUN("info", config_path(), "--vocab_size=100").out, "\n  watch "));
}

static void test_gradcheck_passes(void **state) {
    (void)state;
    outcome o = RUN("gradcheck");
    assert_prints(o, " ops, 0 failed, in f");
    assert_prints(o, "\nmatmul ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_lists_every_command),
        cmocka_unit_test(test_every_command_has_help),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_unknown_commands),
        cmocka_unit_test(test_unknown_flags),
        cmocka_unit_test(test_values_that_are_none),
        cmocka_unit_test(test_too_few_and_too_many_arguments),
        cmocka_unit_test(test_configs_that_cannot_be_read),
        cmocka_unit_test(test_runs_that_are_none),
        cmocka_unit_test(test_the_corpus_is_that_of_its_seed),
        cmocka_unit_test(test_info_of_a_config),
        cmocka_unit_test(test_info_of_a_watched_run),
        cmocka_unit_test(test_gradcheck_passes),
    };
    return cmocka_run_group_tests(tests, program_set_up, tree_remove);
}
