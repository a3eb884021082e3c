/* `gradus bench gemm` and `step`, and the table of a profile, also of `gradus train`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

#include <math.h>

static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    return setenv("PATH", "/nonexistent", 1); /* pictures take longer than the training */
}

static char file[512];

/* The path of a file of the folder, until the next call. */
static const char *path_of(const char *name) {
    snprintf(file, sizeof file, "%s", folder_path(name));
    return file;
}

/* No line is longer than 100 columns, the timed line of a step aside. */
static void assert_fits(const char *text) {
    const char *table = strstr(text, "a step ");
    assert_non_null(table);
    while (table) {
        assert_true(strcspn(table, "\n") <= 100);
        table = strchr(table, '\n');
        if (table) table++;
    }
}

enum { N_CELLS = 10, MOST_LINES = 40 };

/* A line of the CSV file; an empty cell is NAN. */
typedef struct csv_line {
    char name[64];
    double cells[N_CELLS]; /* calls, forward_ms, backward_ms, time_percent, gflop, ... */
} csv_line;

static csv_line parse_line(const char *text) {
    csv_line l;
    size_t length = strcspn(text, ",");
    snprintf(l.name, sizeof l.name, "%.*s", (int)length, text);
    text += length;
    for (int i = 0; i < N_CELLS; i++) {
        assert_int_equal(*text, ',');
        char *end;
        l.cells[i] = strtod(++text, &end);
        if (end == text) l.cells[i] = NAN;
        text = end;
    }
    assert_int_equal(*text, '\n');
    return l;
}

/* Reads the file into lines[0..MOST_LINES) and returns how many there are. */
static int read_csv(const char *name, csv_line *lines) {
    static char text[PROGRAM_TEXT_SIZE];
    int n = 0;
    program_read(name, text);
    const char *heading = "op,calls,forward_ms,backward_ms,time_percent,gflop,gflop_per_s,"
                          "matrix_percent,gb,gb_per_s,memory_percent\n";
    assert_int_equal(strncmp(text, heading, strlen(heading)), 0);
    for (const char *c = text + strlen(heading); *c; c = strchr(c, '\n') + 1)
        if (n < MOST_LINES) lines[n++] = parse_line(c);
    return n;
}

static const csv_line *find(const csv_line *lines, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(lines[i].name, name) == 0) return &lines[i];
    fail_msg("no line %s", name);
    return NULL;
}

static void test_the_profile_of_a_step(void **state) {
    (void)state;
    outcome o =
        RUN("bench", "step", "--steps=2", "--threads=1", "--profile", "--csv", path_of("step.csv"));
    assert_prints(o, "\nlinear 128x512   ");
    assert_prints(o, "\noptimizer   ");
    assert_prints(o, "\nstep    ");
    assert_prints(o, "\nsteps: 2; peaks: ");
    assert_null(strstr(o.out, "between steps"));
    assert_fits(o.out);
    csv_line lines[MOST_LINES];
    int n = read_csv("step.csv", lines);
    double best_ms, median_ms, sum = 0;
    assert_int_equal(
        sscanf(strstr(o.out, "best_ms"), "best_ms %lf median_ms %lf", &best_ms, &median_ms), 2);
    for (int i = 0; i < n - 1; i++) {
        sum += lines[i].cells[1] + lines[i].cells[2];
        if (i > 0) assert_true(lines[i].cells[3] <= lines[i - 1].cells[3]);
    }
    const csv_line *step = &lines[n - 1], *linear = find(lines, n, "linear 128x512");
    assert_string_equal(step->name, "step");
    assert_true(fabs(step->cells[1] + step->cells[2] - sum) < 1e-3 * sum);
    assert_true(step->cells[3] == 100);
    /* The median of two is their mean: no more is measured than passed. */
    assert_true(sum <= median_ms + 0.1 && sum > 0.5 * median_ms);
    assert_true(linear->cells[0] == 4);
    assert_true(fabs(linear->cells[4] - 1e-9 * 6 * 4 * 768 * 128 * 512) < 1e-5);
    assert_true(isnan(find(lines, n, "add")->cells[4]));
    /* cpu: 6 (12 C^2 L + C V + L C T) a token */
    double flops = 6.0 * 768 * (12 * 128 * 128 * 4 + 128 * 65 + 4 * 128 * 64);
    assert_true(fabs(step->cells[4] - 1e-9 * flops) < 1e-5);
}

static void test_a_step_without_a_profile_is_one_line(void **state) {
    (void)state;
    outcome o = RUN("bench", "step", "--steps=1");
    assert_prints(o, " cpu fp32 best_ms ");
    assert_null(strchr(strchr(o.out, '\n') + 1, '\n'));
    assert_prints(RUN("bench", "step", "--steps=1", "--precision", "bf16"), " cpu bf16 best_ms ");
}

static void test_a_step_of_another_shape(void **state) {
    (void)state;
    outcome o =
        RUN("bench", "step", "--steps=1", "--batch_size=2", "--block_size=8", "--vocab_size=33",
            "--n_layer=3", "--n_head=2", "--n_embd=16", "--csv", path_of("custom.csv"));
    assert_prints(o, " custom fp32 best_ms ");
    csv_line lines[MOST_LINES];
    int n = read_csv("custom.csv", lines);
    assert_true(find(lines, n, "linear 16x64")->cells[0] == 3);
    double flops = 6.0 * 2 * 8 * (12 * 16 * 16 * 3 + 16 * 33 + 3 * 16 * 8);
    assert_true(fabs(lines[n - 1].cells[4] - 1e-9 * flops) < 1e-5 * 1e-9 * flops);
    assert_error(RUN("bench", "step", "--n_embd=130"), 2,
                 "n_embd 130 is not a multiple of n_head 4");
    assert_error(RUN("bench", "step", "--n_layer=0"), 2,
                 "--n_layer is '0', expected a whole number from 1 to 512");
}

static void test_products(void **state) {
    (void)state;
    static char text[PROGRAM_TEXT_SIZE];
    outcome o = RUN("bench", "gemm", "--shape", "cpu", "--csv", path_of("gemm.csv"));
    assert_prints(o, "\nmemory: read ");
    assert_prints(o, "\nsquare        ");
    assert_prints(o, "\ncpu mlp in                  768   128   512 ");
    assert_prints(o, "\ncpu mlp in dx               768   512   128 ");
    assert_prints(o, "\ncpu mlp in dw               128   768   512 ");
    assert_prints(o, " 100.0%");
    assert_true(strstr(o.out, "; oneDNN: not in this build (libdnnl-dev)\n") ||
                strstr(o.out, "; oneDNN "));
    assert_null(strstr(o.out, "\nbaby "));
    program_read("gemm.csv", text);
    const char *heading =
        "name,m,k,n,kind,gflop_per_s,gb_per_s,percent_of_best\nsquare,768,768,768,";
    assert_int_equal(strncmp(text, heading, strlen(heading)), 0);
    assert_non_null(strstr(text, "\ncpu head dw,65,768,128,gradus bf16,"));
    assert_non_null(strstr(text, "\nmemory,,,,read,,"));
}

static void test_flags_that_are_wrong(void **state) {
    (void)state;
    assert_error(RUN("bench", "gem"), 2, "(did you mean 'gemm'?)");
    assert_error(RUN("bench", "gemm", "--shape", "baly"), 2, "(did you mean 'baby'?)");
    assert_error(RUN("bench", "step", "--precision", "fp16"), 2,
                 "--precision is 'fp16', expected one of fp32|bf16");
    assert_error(RUN("bench", "step", "--profile=yes"), 2, "--profile takes no value");
    assert_error(RUN("bench", "step", "--steps=1", "--csv", "/absent/x.csv"), 1, "/absent/x.csv");
    assert_error(RUN("train", path_of("tiny.ini"), "--profil"), 2, "(did you mean '--profile'?)");
    assert_error(RUN("train", path_of("tiny.ini"), "--profile=1"), 2, "--profile takes no value");
    assert_error(RUN("train", path_of("tiny.ini"), "--profile", "--objective=glove"), 2,
                 "--profile is of GPTs, not of word vectors");
}

static void test_the_profile_of_a_training(void **state) {
    (void)state;
    outcome o = RUN("train", path_of("tiny.ini"), "--profile");
    assert_trained(o, "\nlinear 16x64   ");
    static const char *const rows[] = {"\nbatches ",
                                       "\ngradient norm ",
                                       "\noptimizer ",
                                       "\nevaluation ",
                                       "\ncheckpoint ",
                                       "\nstep ",
                                       "\nand what stands between steps ",
                                       "\nsteps: 20; peaks: "};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) assert_trained(o, rows[i]);
    assert_non_null(strstr(strstr(o.out, "\nsteps: 20"), "\nbest validation loss "));
    assert_trained(RUN("train", path_of("tiny.ini"), "--overwrite"), "\nbest validation loss ");
    assert_null(strstr(program_read("stdout", (char[PROGRAM_TEXT_SIZE]){0}), "peaks: "));
}

static void test_the_profile_of_a_training_that_was_interrupted(void **state) {
    (void)state;
    pid_t pid = START("train", path_of("tiny.ini"), "--profile", "--overwrite", "--max_iters=20000",
                      "--log_interval=1", "--eval_interval=20000");
    program_wait_for("\niter 3: ");
    kill(pid, SIGINT);
    outcome o = program_wait(pid);
    assert_int_equal(o.code, 130);
    assert_non_null(strstr(o.out, "\noptimizer "));
    assert_non_null(strstr(o.out, "; peaks: "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_profile_of_a_step),
        cmocka_unit_test(test_a_step_without_a_profile_is_one_line),
        cmocka_unit_test(test_a_step_of_another_shape),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_flags_that_are_wrong),
        cmocka_unit_test(test_the_profile_of_a_training),
        cmocka_unit_test(test_the_profile_of_a_training_that_was_interrupted),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
