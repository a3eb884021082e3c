/* Word vectors through the program: trained, interrupted, asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

static char config[512], *path_with_gnuplot;

/* The path of a run, until the next call. */
static const char *path_of(const char *run) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, run);
    return path;
}

static const char *in_run(const char *run) {
    static char flag[600];
    snprintf(flag, sizeof flag, "--out_dir=%s", path_of(run));
    return flag;
}

#define TRAIN(run, ...) RUN("train", config, in_run(run), __VA_ARGS__)

/* Pictures take longer than the training; a test that wants them asks for them. */
static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    snprintf(config, sizeof config, "%s", folder_path("words.ini"));
    FILE *f = fopen(config, "w");
    if (!f) return -1;
    fprintf(f,
            "[run]\nobjective = word2vec\nthreads = 1\n[data]\ndataset = %s/text.txt\n"
            "[vectors]\nvector_size = 10\nepochs = 3\nmemory = 16\n[train]\nlog_interval = 2\n",
            folder);
    fclose(f);
    path_with_gnuplot = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    if (TRAIN("run", "--min_n=3", "--max_n=4", "--bucket=100").code != 0) return -1;
    return TRAIN("glove", "--objective=glove", "--alpha=0.05").code;
}

static int tear_down(void **state) {
    setenv("PATH", path_with_gnuplot, 1);
    free(path_with_gnuplot);
    return tree_remove(state);
}

/* What is printed, in this order. */
static void assert_lines(outcome o, const char *const *lines, size_t n) {
    const char *at = o.out;
    for (size_t i = 0; i < n; i++) {
        at = strstr(at, lines[i]);
        if (!at) fail_msg("printed: %s\n  expected, in its place: %s", o.out, lines[i]);
    }
}

static void test_what_training_prints(void **state) {
    (void)state;
    static const char *const lines[] = {"run ",
                                        "/printed\nvectors: ",
                                        " words of 10 numbers, 0.00 M parameters in all\ntext: ",
                                        " words of the vocabulary, 3 epochs\n"
                                        "machine: 1 threads, deterministic\nepoch 1 of 3: loss ",
                                        "\niter 2: loss ",
                                        ", alpha 0.0",
                                        " words/s, eta 0:0",
                                        "\nepoch 2 of 3: loss ",
                                        "\nepoch 3 of 3: loss ",
                                        "\ncheckpoint ",
                                        "/printed/ckpt.safetensors\n",
                                        "/printed/embedding.png\n",
                                        "/printed/log.csv\n",
                                        "ask it: gradus nearest ",
                                        "/printed king man woman\n"};
    outcome o = TRAIN("printed", "--seed=1");
    assert_trained(o, "");
    assert_lines(o, lines, sizeof lines / sizeof *lines);
    assert_null(strchr(o.out, '\r'));
    assert_null(strchr(o.out, '\x1b'));
    assert_trained(TRAIN("hogwild", "--deterministic=false"), "machine: 1 threads, Hogwild\n");
    o = TRAIN("printed", "--objective=glove", "--alpha=0.05", "--overwrite");
    assert_trained(o, "\nco-occurrences: ");
    assert_trained(o, " records/s, eta 0:0");
}

static void test_the_curve_is_drawn(void **state) {
    (void)state;
    setenv("PATH", path_with_gnuplot, 1);
    bool is_there = system("command -v gnuplot >/dev/null") == 0;
    static char trained[PROGRAM_TEXT_SIZE];
    outcome o = {0};
    if (is_there) {
        strcpy(trained, TRAIN("drawn", "--epochs=1").out);
        o = RUN("plot", path_of("drawn"));
    }
    setenv("PATH", "/nonexistent", 1);
    if (!is_there) {
        puts("skipped: gnuplot is not installed");
        skip();
    }
    assert_non_null(strstr(trained, "/drawn/loss.png\n"));
    assert_prints(o, "/drawn/loss.png\n");
    assert_prints(o, "/drawn/embedding.png\n");
}

static void test_plot_without_gnuplot(void **state) {
    (void)state;
    assert_error(RUN("plot", path_of("run")), 1, "/run/loss.png: gnuplot is not on the PATH");
}

static void test_asking_a_run(void **state) {
    (void)state;
    static const char *const runs[] = {"run", "glove"};
    for (int i = 0; i < 2; i++) {
        const char *run = path_of(runs[i]);
        assert_prints(RUN("nearest", run, "the", "-k", "3"), "  ");
        assert_prints(RUN("nearest", run, "THE", "-k", "3"), "  ");
        assert_prints(RUN("analogy", run, "he", "his", "her", "--expect", "she"),
                      "he - his + her: his is to he as her is to ...\n");
        assert_prints(RUN("similarity", run, "he", "she"), "cosine of he and she: ");
    }
}

static void test_a_word_never_seen(void **state) {
    (void)state;
    assert_prints(RUN("nearest", path_of("run"), "kingliest", "-k", "3"), "  ");
    assert_error(RUN("nearest", path_of("glove"), "kingliest"), 1,
                 "'kingliest' is not in the vocabulary of ");
}

static void test_the_analogies_of_the_corpus(void **state) {
    (void)state;
    char text[512], questions[512];
    snprintf(text, sizeof text, "%s", folder_path("corpus.txt"));
    snprintf(questions, sizeof questions, "%s", folder_path("questions.txt"));
    assert_prints(
        RUN("corpus", "kingdom", "--sentences=10", "--out", text, "--questions", questions), "");
    static char written[PROGRAM_TEXT_SIZE];
    assert_int_equal(
        strncmp(program_read("questions.txt", written), ": royalty\nman woman boy girl\n", 29), 0);
    assert_trained(TRAIN("rare", "--min_count=1", "--epochs=1"), "");
    assert_prints(RUN("evaluate", path_of("rare"), "--analogies", questions), "\nall ");
    assert_error(RUN("corpus", "kingdom", "--out", text, "--questions=/absent/q.txt"), 1,
                 "/absent/q.txt");
}

static void test_info_of_a_run(void **state) {
    (void)state;
    outcome o = RUN("info", path_of("run"));
    long long words;
    assert_int_equal(sscanf(o.out, "words: %lld, dimensions: 10\n", &words), 1);
    char row[128];
    snprintf(row, sizeof row, "\nwte.weight                   (%lld, 10) ", words + 100);
    assert_prints(o, row);
    snprintf(row, sizeof row, "\nsyn1neg.weight               (%lld, 10) ", words);
    assert_prints(o, row);
    assert_prints(o, "/run/ckpt.safetensors: step 3\n");
    o = RUN("info", path_of("glove"));
    snprintf(row, sizeof row, "\ncontext.weight               (%lld, 10) ", words);
    assert_prints(o, row);
    snprintf(row, sizeof row, "\nwte.bias                     (%lld, 1) ", words);
    assert_prints(o, row);
}

static void test_info_of_a_config(void **state) {
    (void)state;
    assert_prints(RUN("info", config, "--vocab_size=1000"),
                  "words: 1000, dimensions: 10\nparameter ");
    outcome o = RUN("info", config);
    long long words;
    assert_int_equal(sscanf(o.out, "words: %lld, dimensions: 10\n", &words), 1);
    assert_in_range(words, 50, 1000);
    assert_error(RUN("info", path_of("run"), "--vocab_size=3"), 2, "--vocab_size is for a config");
}

/* The commands that want a GPT. */
static void test_a_run_of_vectors_is_no_gpt(void **state) {
    (void)state;
    assert_error(RUN("sample", path_of("run")), 1, "/run: holds word vectors, not a GPT; try ");
    assert_error(RUN("eval", path_of("run")), 1, "/run: holds word vectors, not a GPT; try ");
}

static void test_an_old_run_is_spared(void **state) {
    (void)state;
    assert_error(TRAIN("run", "--seed=1"), 1, "/run: holds a run already; go on with --resume");
    assert_error(TRAIN("new", "--resume"), 1, "/new: nothing to resume");
    assert_error(
        TRAIN("run", "--resume", "--vector_size=11", "--min_n=3", "--max_n=4", "--bucket=100"), 1,
        "began with vector_size = 10 and cannot go on with 11");
}

static void test_what_cannot_be_trained(void **state) {
    (void)state;
    assert_error(TRAIN("none", "--dataset=/absent"), 1, "/absent: No such file");
    assert_error(TRAIN("none", "--negative=0"), 1, "hs = false and negative = 0 leave no loss");
    assert_error(TRAIN("none", "--objective=word2vek"), 2, "objective is 'word2vek', expected one");
    assert_error(TRAIN("none", "--init_wte=/absent"), 1, "/absent: No such file");
    assert_error(TRAIN("none", "--freeze_wte=true"), 1, "freeze_wte = true needs the vectors of");
    assert_error(TRAIN("none", "--alpha=100", "--epochs=20"), 3, "training has diverged");
}

/* Far more epochs than it is given time for; then it goes on, until it is stopped again. */
static void test_interrupted_training_can_go_on(void **state) {
    (void)state;
    long long steps[2];
    for (int i = 0; i < 2; i++) {
        const char *resume = i ? "--resume" : "--overwrite";
        pid_t pid = START("train", config, in_run("stopped"), "--epochs=1000000", resume);
        char going_on[64];
        if (i) snprintf(going_on, sizeof going_on, "going on from step %lld\n", steps[0]);
        if (i) program_wait_for(going_on);
        program_wait_for("\nepoch ");
        kill(pid, i ? SIGTERM : SIGINT);
        outcome o = program_wait(pid);
        assert_int_equal(o.code, 130);
        const char *line = strstr(o.err, "gradus: interrupted at step ");
        assert_non_null(line);
        assert_int_equal(sscanf(line, "gradus: interrupted at step %lld; saved", &steps[i]), 1);
        assert_non_null(strstr(line, "; saved, go on with --resume\n"));
        assert_prints(RUN("nearest", path_of("stopped"), "the", "-k", "1"), "  ");
    }
    assert_true(steps[1] > steps[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_training_prints),
        cmocka_unit_test(test_the_curve_is_drawn),
        cmocka_unit_test(test_plot_without_gnuplot),
        cmocka_unit_test(test_asking_a_run),
        cmocka_unit_test(test_a_word_never_seen),
        cmocka_unit_test(test_the_analogies_of_the_corpus),
        cmocka_unit_test(test_info_of_a_run),
        cmocka_unit_test(test_info_of_a_config),
        cmocka_unit_test(test_a_run_of_vectors_is_no_gpt),
        cmocka_unit_test(test_an_old_run_is_spared),
        cmocka_unit_test(test_what_cannot_be_trained),
        cmocka_unit_test(test_interrupted_training_can_go_on),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
