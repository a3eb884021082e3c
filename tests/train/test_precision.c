/* The precision of a run: chosen, kept, and what it promises. Where the processor is not fast with
 * bf16 the runs in bf16 become runs in float32, and the tests hold all the same. */
#include "train/precision.h"

#include "tensor/gemm_bf16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "same_run.h"

#include "base/mem.h"
#include "train/run.h"

static bool is_fast(void) {
    const char *why_not;
    return tensor_gemm_bf16_is_fast(&why_not);
}

enum { STEPS = 14 };

static config config_in(train_precision p) {
    config c = tiny_config();
    c.max_iters = STEPS;
    c.eval_interval = 5;
    c.precision = p;
    return c;
}

static witness train(const config *c, const char *run, train_start start) {
    err e = {0};
    witness w = {0};
    if (!tiny_train(c, run, start, &w, &e)) fail_msg("%s: %s", run, e.message);
    return w;
}

static void train_until(const config *c, const char *run, train_start start, int64_t step) {
    err e = {0};
    witness w = {.stop_at = step};
    assert_false(tiny_train(c, run, start, &w, &e));
    assert_int_equal(e.code, ERR_INTERRUPTED);
}

/* What the run's config.ini says. */
static train_precision kept_by(const char *run) {
    err e = {0};
    config c;
    assert_true(train_run_config(&c, folder_path(run), &e));
    return c.precision;
}

static void assert_same_run(const char *run, const char *other) {
    assert_same_file("ckpt.safetensors", run, other);
    assert_same_file("ckpt_best.safetensors", run, other);
    assert_same_log(run, other);
}

/* The runs to which the others are compared. */
static witness in_bf16, in_fp32;

static int train_both(void **state) {
    if (tiny_set_up(state) != 0) return -1;
    err e = {0};
    const config c = config_in(TRAIN_FP32), mixed = config_in(TRAIN_BF16);
    return tiny_train(&c, "fp32", TRAIN_NEW, &in_fp32, &e) &&
                   tiny_train(&mixed, "bf16", TRAIN_NEW, &in_bf16, &e)
               ? 0
               : -1;
}

static void test_what_is_chosen(void **state) {
    (void)state;
    train_precision_choice fp32 = train_precision_choose(TRAIN_FP32);
    assert_int_equal(fp32.precision, TRAIN_FP32);
    assert_string_equal(fp32.text, sizeof(real) == sizeof(float) ? "fp32" : "fp64");
    assert_string_equal(fp32.warning, "");
    train_precision_choice mixed = train_precision_choose(TRAIN_BF16);
    assert_int_equal(mixed.precision, is_fast() ? TRAIN_BF16 : TRAIN_FP32);
    assert_int_equal(mixed.warning[0] == '\0', is_fast());
    const char *why_not;
    if (tensor_gemm_bf16_is_fast(&why_not)) return;
    assert_non_null(strstr(mixed.warning, "precision = bf16 becomes fp"));
    assert_non_null(strstr(mixed.warning, why_not));
}

/* What auto takes it names together with the reason, and never warns. */
static void test_auto(void **state) {
    (void)state;
    train_precision_choice c = train_precision_choose(TRAIN_AUTO);
    const char *why_not;
    assert_string_equal(c.warning, "");
    if (!tensor_gemm_bf16_is_fast(&why_not)) {
        assert_int_equal(c.precision, TRAIN_FP32);
        assert_non_null(strstr(c.text, why_not));
        return;
    }
    double gain = train_precision_speed(TRAIN_BF16) / train_precision_speed(TRAIN_FP32);
    assert_int_equal(c.precision, gain >= 1.5 ? TRAIN_BF16 : TRAIN_FP32);
    assert_true(strncmp(c.text, gain >= 1.5 ? "bf16 (" : "fp32 (", 6) == 0);
    assert_non_null(strstr(c.text, "GFLOP/s"));
    assert_non_null(strstr(c.text, tensor_gemm_bf16_kernel()));
}

/* Beside what both say: that nothing draws pictures here. */
static void test_a_run_warns_once(void **state) {
    (void)state;
    assert_int_equal(in_bf16.n_warnings, in_fp32.n_warnings + (is_fast() ? 0 : 1));
}

/* Other bits, nearly the same losses. */
static void test_bf16_learns_as_well(void **state) {
    (void)state;
    assert_false(in_bf16.saw_nonfinite);
    assert_int_equal(in_bf16.losses[STEPS] != in_fp32.losses[STEPS], is_fast());
    for (int i = 1; i <= STEPS; i++)
        assert_true(fabs(in_bf16.losses[i] - in_fp32.losses[i]) < 0.02);
    assert_true(fabs(in_bf16.last_val_loss - in_fp32.last_val_loss) < 0.01);
    assert_true(in_bf16.losses[STEPS] < in_bf16.losses[1] - 0.3);
}

static size_t allocations[STEPS + 1];

static void count_allocations(int64_t step, const config *c) {
    assert_true(step <= c->max_iters);
    allocations[step] = mem_allocations();
}

/* After the first step of a stretch between evaluations no step touches the heap. */
static void test_the_same_bits_twice_without_the_heap(void **state) {
    (void)state;
    err e = {0};
    const config c = config_in(TRAIN_BF16);
    witness w = {.at_step = count_allocations};
    assert_true(tiny_train(&c, "twice", TRAIN_NEW, &w, &e));
    assert_same_run("twice", "bf16");
    for (int64_t step = 3; step <= STEPS; step++)
        if (step % c.eval_interval != 1) assert_int_equal(allocations[step], allocations[step - 1]);
}

static void test_the_same_bits_with_more_threads(void **state) {
    (void)state;
    const config c = config_in(TRAIN_BF16);
    thread_set_count(3);
    train(&c, "threads", TRAIN_NEW);
    thread_set_count(1);
    assert_same_run("threads", "bf16");
}

static void test_resumed_is_uninterrupted(void **state) {
    (void)state;
    const config c = config_in(TRAIN_BF16);
    train_until(&c, "stopped", TRAIN_NEW, 1);
    train_until(&c, "stopped", TRAIN_RESUME, 10);
    train(&c, "stopped", TRAIN_RESUME);
    assert_same_run("stopped", "bf16");
}

/* A run keeps what it computes in, not what it was asked for. */
static void test_what_a_run_keeps(void **state) {
    (void)state;
    assert_int_equal(kept_by("fp32"), TRAIN_FP32);
    assert_int_equal(kept_by("bf16"), is_fast() ? TRAIN_BF16 : TRAIN_FP32);
    config c = config_in(TRAIN_AUTO);
    c.max_iters = 1;
    train(&c, "auto", TRAIN_NEW);
    assert_int_equal(kept_by("auto"), train_precision_choose(TRAIN_AUTO).precision);
}

/* Whoever leaves the choice goes on with the run's own. */
static void test_auto_goes_on_as_it_was(void **state) {
    (void)state;
    config c = config_in(TRAIN_BF16);
    train_until(&c, "left", TRAIN_NEW, 7);
    c.precision = TRAIN_AUTO;
    train(&c, "left", TRAIN_RESUME);
    assert_same_run("left", "bf16");
}

static void test_another_precision_is_another_run(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        err e = {0};
        witness w = {0};
        const config c = config_in(i ? TRAIN_BF16 : TRAIN_FP32);
        bool goes_on = tiny_train(&c, i ? "fp32" : "bf16", TRAIN_RESUME, &w, &e);
        assert_int_equal(goes_on, !is_fast()); /* both are the same there */
        if (goes_on) continue;
        assert_int_equal(e.code, ERR_INPUT);
        const char *reason = i ? "the run began with precision = fp32 and cannot go on with bf16"
                               : "the run began with precision = bf16 and cannot go on with fp32";
        assert_non_null(strstr(e.message, reason));
    }
}

/* Makes the run's config.ini say nothing of it, as those of older versions do. */
static void forget_precision(const char *run) {
    err e = {0};
    file_map text;
    assert_true(file_open_map(&text, tiny_path(run, "config.ini"), &e));
    char *copy = mem_copy_string(text.data, text.size), *line = strstr(copy, "precision = ");
    file_close_map(&text);
    assert_non_null(line);
    memmove(line, strchr(line, '\n') + 1, strlen(strchr(line, '\n')));
    assert_true(file_write(tiny_path(run, "config.ini"), copy, strlen(copy), &e));
    free(copy);
}

static void test_an_older_run_is_in_float32(void **state) {
    (void)state;
    config c = config_in(TRAIN_FP32);
    train_until(&c, "older", TRAIN_NEW, 7);
    forget_precision("older");
    assert_int_equal(kept_by("older"), TRAIN_AUTO);
    c.precision = TRAIN_AUTO;
    train(&c, "older", TRAIN_RESUME);
    assert_same_run("older", "fp32");
    assert_int_equal(kept_by("older"), TRAIN_FP32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_chosen),
        cmocka_unit_test(test_auto),
        cmocka_unit_test(test_a_run_warns_once),
        cmocka_unit_test(test_bf16_learns_as_well),
        cmocka_unit_test(test_the_same_bits_twice_without_the_heap),
        cmocka_unit_test(test_the_same_bits_with_more_threads),
        cmocka_unit_test(test_resumed_is_uninterrupted),
        cmocka_unit_test(test_what_a_run_keeps),
        cmocka_unit_test(test_auto_goes_on_as_it_was),
        cmocka_unit_test(test_another_precision_is_another_run),
        cmocka_unit_test(test_an_older_run_is_in_float32),
    };
    return cmocka_run_group_tests(tests, train_both, tree_remove);
}
