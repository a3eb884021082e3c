/* `gradus train`: what it prints, how it ends, and how it goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

static char config[512], *path_with_gnuplot;

/* The flag that sets the folder of the run, until the next call. */
static const char *in_run(const char *run) {
    static char flag[512];
    snprintf(flag, sizeof flag, "--out_dir=%s/%s", folder, run);
    return flag;
}

#define TRAIN(run, ...)       RUN("train", config, in_run(run), __VA_ARGS__)
#define START_TRAIN(run, ...) START("train", config, in_run(run), __VA_ARGS__)

/* Pictures take longer than the training; a test that wants them asks for them. */
static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    snprintf(config, sizeof config, "%s", folder_path("tiny.ini"));
    path_with_gnuplot = strdup(getenv("PATH"));
    return setenv("PATH", "/nonexistent", 1);
}

static int tear_down(void **state) {
    setenv("PATH", path_with_gnuplot, 1);
    free(path_with_gnuplot);
    return tree_remove(state);
}

static const char *of_run(const char *run, const char *name) {
    char both[256];
    snprintf(both, sizeof both, "%s/%s", run, name);
    return folder_path(both);
}

static void test_plain_lines_where_nobody_watches(void **state) {
    (void)state;
    outcome o = TRAIN("plain", "--eval_interval=10");
    assert_trained(o, "\nbest validation loss ");
    assert_null(strchr(o.out, '\r'));
    assert_null(strchr(o.out, '\x1b'));
    for (int step = 0; step <= 20; step += 5) {
        char line[64];
        double loss, val_loss;
        snprintf(line, sizeof line, "\niter %d: loss ", step);
        const char *at = strstr(o.out, line);
        assert_int_equal(at != NULL, step > 0);
        if (at) assert_int_equal(sscanf(at + strlen(line), "%lf, ", &loss), 1);
        snprintf(line, sizeof line, "\nstep %d: ", step);
        at = strstr(o.out, line);
        assert_int_equal(at != NULL, step % 10 == 0);
        if (at)
            assert_int_equal(
                sscanf(at + strlen(line), "train loss %lf, val loss %lf", &loss, &val_loss), 2);
    }
    static const char *const files[] = {
        "config.ini", "tokenizer.json", "train.bin",   "val.bin",          "log.csv",
        "loss.gp",    "embedding.png",  "samples.txt", "ckpt.safetensors", "ckpt_best.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!file_exists(of_run("plain", files[i]))) fail_msg("no %s", files[i]);
}

static void test_the_curve_is_drawn(void **state) {
    (void)state;
    setenv("PATH", path_with_gnuplot, 1);
    bool is_there = system("command -v gnuplot >/dev/null") == 0;
    outcome o = {0};
    if (is_there) o = TRAIN("drawn", "--max_iters=3", "--watch=a, e, i, o, u");
    setenv("PATH", "/nonexistent", 1);
    if (!is_there) {
        puts("skipped: gnuplot is not installed");
        skip();
    }
    assert_prints(o, "/drawn/loss.png\n");
    assert_true(file_exists(of_run("drawn", "loss.png")));
    assert_prints(o, "\nwatch: a - i + o: e has rank ");
    static const char *const watched[] = {"watch.png", "watch.csv", "neighbours.csv"};
    for (int i = 0; i < 3; i++) {
        char line[64];
        snprintf(line, sizeof line, "/drawn/%s\n", watched[i]);
        assert_prints(o, line);
    }
    assert_true(file_exists(of_run("drawn", "watch.png")));
}

static void test_a_frozen_embedding_is_told(void **state) {
    (void)state;
    outcome o = TRAIN("frozen", "--max_iters=2", "--freeze_wte=true");
    assert_trained(o, "\nembedding: frozen, it stays as it begins (freeze_wte)\n");
    o = TRAIN("free", "--max_iters=2");
    assert_null(strstr(o.out, "embedding: "));
}

static void test_an_old_run_is_spared(void **state) {
    (void)state;
    assert_trained(TRAIN("old", "--max_iters=3"), "step 3: ");
    assert_error(TRAIN("old", "--max_iters=5"), 1,
                 "/old: holds a run already; go on with --resume");
    assert_error(TRAIN("new", "--resume"), 1, "/new: nothing to resume");
    assert_error(TRAIN("old", "--resume", "--n_head=4"), 1,
                 "began with n_head = 2 and cannot go on with 4");
    assert_error(TRAIN("old", "--resume", "--overwrite"), 2, "--resume and --overwrite");
    assert_trained(TRAIN("old", "--resume", "--max_iters=5"), "going on from step 3\n");
    assert_trained(TRAIN("old", "--overwrite", "--max_iters=4"), "step 4: ");
}

static void test_texts_that_cannot_be_learned(void **state) {
    (void)state;
    char dataset[600];
    err e = {0};
    assert_error(TRAIN("none", "--dataset="), 1, "no text to train on: set dataset in [data]");
    assert_error(TRAIN("none", "--dataset=/absent.txt"), 1, "/absent.txt: No such file");
    assert_true(file_write(folder_path("empty.txt"), "", 0, &e));
    snprintf(dataset, sizeof dataset, "--dataset=%s", folder_path("empty.txt"));
    assert_error(TRAIN("none", dataset), 1, "empty.txt: the file is empty");
}

static void test_diverging_exits_with_3(void **state) {
    (void)state;
    outcome o = TRAIN("diverged", "--learning_rate=1e6", "--weight_decay=1e3", "--warmup_iters=0",
                      "--lr_schedule=constant", "--max_iters=500");
    assert_int_equal(o.code, 3);
    const char *line = strstr(o.err, "gradus: step ");
    assert_non_null(line);
    assert_non_null(strstr(line, "/diverged/ckpt.safetensors\n"));
}

/* Interrupts a training of many steps by the signal, and lets it go on for two steps. */
static void assert_can_be_interrupted(const char *run, int signal_number) {
    pid_t pid = START_TRAIN(run, "--max_iters=20000", "--lr_schedule=constant", "--log_interval=1",
                            "--eval_interval=20000");
    program_wait_for("\niter 3: ");
    kill(pid, signal_number);
    outcome o = program_wait(pid);
    assert_int_equal(o.code, 130);
    const char *line = strstr(o.err, "gradus: interrupted at step ");
    long long step;
    assert_non_null(line);
    assert_int_equal(sscanf(line, "gradus: interrupted at step %lld; saved", &step), 1);
    assert_non_null(strstr(line, "; saved, go on with --resume\n"));
    char max_iters[64], going_on[64];
    snprintf(max_iters, sizeof max_iters, "--max_iters=%lld", step + 2);
    snprintf(going_on, sizeof going_on, "going on from step %lld\n", step);
    assert_trained(TRAIN(run, "--resume", "--lr_schedule=constant", max_iters), going_on);
}

static void test_interrupted_training_can_go_on(void **state) {
    (void)state;
    assert_can_be_interrupted("interrupted", SIGINT);
    assert_can_be_interrupted("terminated", SIGTERM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_lines_where_nobody_watches),
        cmocka_unit_test(test_the_curve_is_drawn),
        cmocka_unit_test(test_a_frozen_embedding_is_told),
        cmocka_unit_test(test_an_old_run_is_spared),
        cmocka_unit_test(test_texts_that_cannot_be_learned),
        cmocka_unit_test(test_diverging_exits_with_3),
        cmocka_unit_test(test_interrupted_training_can_go_on),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
