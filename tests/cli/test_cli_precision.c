/* The precision of a run on the command line: asked for, told, kept, evaluated in. */
#include "tensor/gemm_bf16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

#include <math.h>

static char config[512], fp32[512], bf16_run[512];

static const char *out_dir(const char *run) {
    static char flag[600];
    snprintf(flag, sizeof flag, "--out_dir=%s", run);
    return flag;
}

static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    snprintf(config, sizeof config, "%s", folder_path("tiny.ini"));
    snprintf(fp32, sizeof fp32, "%s/fp32", folder);
    snprintf(bf16_run, sizeof bf16_run, "%s/bf16", folder);
    return setenv("PATH", "/nonexistent", 1); /* pictures take longer than the training */
}

static const char *real_name(void) {
    return sizeof(real) == sizeof(float) ? "fp32" : "fp64";
}

static bool has(const char *text, const char *part) {
    return strstr(text, part) != NULL;
}

static void test_training_tells_it(void **state) {
    (void)state;
    char line[64];
    snprintf(line, sizeof line, "\nprecision: %s\n", real_name());
    assert_trained(RUN("train", config, out_dir(fp32), "--precision=fp32"), line);
    const char *why_not;
    bool is_fast = tensor_gemm_bf16_is_fast(&why_not);
    outcome o = RUN("train", config, out_dir(bf16_run), "--precision", "bf16");
    snprintf(line, sizeof line, "\nprecision: %s (", is_fast ? "bf16" : real_name());
    assert_int_equal(o.code, 0);
    assert_true(has(o.out, line));
    assert_int_equal(has(o.err, "gradus: warning: precision = bf16 becomes fp"), !is_fast);
    if (!is_fast) assert_true(has(o.err, why_not));
    assert_true(has(RUN("train", config, out_dir(fp32), "--overwrite", "--max_iters=1").out,
                    "\nprecision: "));
}

static double loss_of(outcome o) {
    const char *at = strstr(o.out, "\nloss ");
    double loss;
    if (!at || sscanf(at, "\nloss %lf", &loss) != 1) fail_msg("no loss in: %s%s", o.out, o.err);
    return loss;
}

/* The validation loss of the last step, over all of the text as `gradus eval` has it. */
static double train(const char *run, const char *precision) {
    outcome o = RUN("train", config, out_dir(run), "--overwrite", precision, "--eval_iters=1000");
    const char *at = strstr(o.out, "\nstep 20: ");
    double train_loss, loss;
    if (!at || sscanf(at, "\nstep 20: train loss %lf, val loss %lf", &train_loss, &loss) != 2)
        fail_msg("no loss in: %s%s", o.out, o.err);
    return loss;
}

/* In the run's own precision, unless a flag names another. */
static void test_evaluation(void **state) {
    (void)state;
    const char *why_not, *own = tensor_gemm_bf16_is_fast(&why_not) ? "bf16" : real_name();
    double exact = train(fp32, "--precision=fp32"), loss = train(bf16_run, "--precision=bf16");
    char line[64];
    snprintf(line, sizeof line, "\nprecision %s", own);
    outcome o = RUN("eval", bf16_run, "--last");
    assert_prints(o, line);
    assert_true(loss_of(o) == loss);
    snprintf(line, sizeof line, "\nprecision %s", real_name());
    o = RUN("eval", fp32, "--last");
    assert_prints(o, line);
    assert_true(loss_of(o) == exact);
    o = RUN("eval", bf16_run, "--last", "--precision", "fp32");
    assert_prints(o, line);
    assert_true(fabs(loss_of(o) - loss) < 0.01);
    assert_true(fabs(loss_of(RUN("eval", fp32, "--last", "--precision=bf16")) - exact) < 0.01);
}

static void test_what_is_refused(void **state) {
    (void)state;
    assert_error(RUN("train", config, out_dir("/x"), "--precision=fp16"), 2,
                 "precision is 'fp16', expected one of auto|fp32|bf16");
    assert_error(RUN("eval", fp32, "--precision=half"), 2,
                 "--precision is 'half', expected one of auto|fp32|bf16");
    const char *why_not;
    if (tensor_gemm_bf16_is_fast(&why_not))
        assert_error(RUN("train", config, out_dir(fp32), "--resume", "--precision=bf16"), 1,
                     "the run began with precision = fp32 and cannot go on with bf16");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_training_tells_it),
        cmocka_unit_test(test_evaluation),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
