/* What training refuses, and how it ends before its time. */
#include "train/loop.h"

#include "base/file.h"
#include "base/mem.h"
#include "io/safetensors.h"
#include "tiny_run.h"
#include "train/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>

static config short_config(int64_t max_iters) {
    config c = tiny_config();
    c.max_iters = max_iters;
    c.warmup_iters = 0;
    return c;
}

/* The run that the tests try to go on with: three steps of the tiny configuration. */
static int train_a_little(void **state) {
    if (tiny_set_up(state) != 0) return -1;
    const config c = short_config(3);
    err e = {0};
    witness w = {0};
    return tiny_train(&c, "run", TRAIN_NEW, &w, &e) ? 0 : -1;
}

/* Training must fail before its first step, with one line that has the reason in it. */
static void assert_refused(const config *c, const char *run, train_start start,
                           const char *reason) {
    err e = {0};
    witness w = {0};
    assert_false(tiny_train(c, run, start, &w, &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_int_equal(w.last_step, 0);
    if (!strstr(e.message, reason)) fail_msg("said: %s\n  expected: %s", e.message, reason);
    assert_null(strchr(e.message, '\n'));
}

static void put(const char *name, const char *text) {
    err e = {0};
    assert_true(file_write(folder_path(name), text, strlen(text), &e));
}

static void test_a_new_run_spares_an_old_one(void **state) {
    (void)state;
    const config c = tiny_config();
    assert_refused(&c, "run", TRAIN_NEW, "/run: holds a run already; go on with --resume");
}

static void test_nothing_to_resume(void **state) {
    (void)state;
    const config c = tiny_config();
    assert_refused(&c, "absent", TRAIN_RESUME, "/absent: nothing to resume");
    assert_false(file_exists(folder_path("absent")));
}

static void test_a_run_keeps_its_model(void **state) {
    (void)state;
    config c = tiny_config();
    c.n_head = 4;
    assert_refused(&c, "run", TRAIN_RESUME, "config.ini: the run began with n_head = ");
    c = tiny_config();
    c.block_size = 8;
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with block_size = ");
    c = tiny_config();
    c.position = NN_POSITION_ROPE;
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with position = ");
    c = tiny_config();
    c.optimizer = OPTIM_SGD;
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with optimizer = ");
    c = tiny_config();
    strcpy(c.tokenizer, "byte");
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with tokenizer = ");
    c = tiny_config();
    c.normalize = TOK_NORMALIZE_NFC;
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with normalize = default");
    c = tiny_config();
    c.format = TRAIN_CHAT;
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with format = text");
    c = tiny_config();
    c.seed++;
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with seed = ");
    c = tiny_config();
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("other.txt"));
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with dataset = ");
}

/* The text with a capital for each e: as many characters, not the same. */
static void write_other_text(void) {
    err e = {0};
    file_map text;
    assert_true(file_open_map(&text, folder_path("text.txt"), &e));
    char *other = mem_copy_string(text.data, text.size);
    for (char *c = other; *c; c++)
        if (*c == 'e') *c = 'E';
    put("other.txt", other);
    free(other);
    file_close_map(&text);
}

/* A run that got a file of a run on that text must not go on. */
static void assert_notices_another(const char *name, const char *reason) {
    err e = {0};
    witness w = {0};
    config c = short_config(1);
    assert_true(tiny_train(&c, "mixed", TRAIN_OVERWRITE, &w, &e));
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("other.txt"));
    assert_true(tiny_train(&c, "other", TRAIN_OVERWRITE, &w, &e));
    char from[512];
    snprintf(from, sizeof from, "%s", tiny_path("other", name));
    assert_int_equal(rename(from, tiny_path("mixed", name)), 0);
    c.dataset[0] = '\0';
    assert_refused(&c, "mixed", TRAIN_RESUME, reason);
}

static void test_a_run_keeps_its_text(void **state) {
    (void)state;
    write_other_text();
    assert_notices_another("tokenizer.json", "was trained with another tokenizer than");
    assert_notices_another("train.bin", "was trained on other tokens than");
}

static void test_damaged_runs(void **state) {
    (void)state;
    static const char *const names[] = {"config.ini", "tokenizer.json",   "train.bin",
                                        "val.bin",    "ckpt.safetensors", "log.csv"};
    for (int i = 0; i < 6; i++) {
        err e = {0};
        witness w = {0};
        config c = short_config(1);
        assert_true(tiny_train(&c, "damaged", TRAIN_OVERWRITE, &w, &e));
        assert_int_equal(truncate(tiny_path("damaged", names[i]), 20), 0);
        assert_refused(&c, "damaged", TRAIN_RESUME, names[i]);
        unlink(tiny_path("damaged", names[i]));
        c.max_iters = 2;
        if (i == 5)
            assert_true(
                tiny_train(&c, "damaged", TRAIN_RESUME, &w, &e)); /* a lost log is no harm */
        else if (i == 4)
            assert_refused(&c, "damaged", TRAIN_RESUME, "nothing to resume");
        else
            assert_refused(&c, "damaged", TRAIN_RESUME, names[i]);
    }
}

static void test_texts_that_cannot_be_learned(void **state) {
    (void)state;
    config c = tiny_config();
    c.dataset[0] = '\0';
    assert_refused(&c, "new", TRAIN_NEW, "no text to train on: set dataset");
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("absent.txt"));
    assert_refused(&c, "new", TRAIN_NEW, "absent.txt: No such file");
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("short.txt"));
    put("short.txt", "");
    assert_refused(&c, "new", TRAIN_NEW, "short.txt: the file is empty");
    put("short.txt", "abcdefghij");
    assert_refused(&c, "new", TRAIN_NEW, "short.txt: too short a text: 9 tokens for training");
    put("short.txt", "a short text, yet longer");
    c.val_fraction = 0.5;
    assert_refused(&c, "new", TRAIN_NEW, "block_size 16 needs at least 17 and 2");
    assert_false(file_exists(tiny_path("new", "tokenizer.json")));
}

/* A run must not be lost to a text that cannot take its place. */
static void test_overwrite_spares_the_old_run_until_the_new_one_can_begin(void **state) {
    (void)state;
    err e = {0};
    witness w = {0};
    config c = short_config(1);
    assert_true(tiny_train(&c, "spared", TRAIN_NEW, &w, &e));
    put("short.txt", "abcdefghij");
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("short.txt"));
    assert_refused(&c, "spared", TRAIN_OVERWRITE, "too short a text");
    c = short_config(2);
    assert_true(tiny_train(&c, "spared", TRAIN_RESUME, &w, &e));
}

static void test_a_folder_that_cannot_be_made(void **state) {
    (void)state;
    const config c = tiny_config();
    assert_refused(&c, "text.txt/run", TRAIN_NEW, "text.txt/run: ");
}

/* With a rate of zero no evaluation is better than the first. */
static void test_patience(void **state) {
    (void)state;
    err e = {0};
    witness w = {0};
    config c = tiny_config();
    c.learning_rate = c.min_lr = 0;
    c.eval_interval = 2;
    c.patience = 3;
    assert_true(tiny_train(&c, "patience", TRAIN_NEW, &w, &e));
    assert_int_equal(w.last_step, 6);
    assert_int_equal(w.n_evaluations, 4);
    w = (witness){0};
    assert_true(tiny_train(&c, "patience", TRAIN_RESUME, &w, &e));
    assert_int_equal(w.last_step, 0); /* it is over already */
}

static config diverging_config(void) {
    config c = tiny_config();
    c.lr_schedule = OPTIM_CONSTANT;
    c.learning_rate = 1e6;
    c.weight_decay = 1e3;
    c.warmup_iters = 0;
    c.max_iters = 500;
    c.eval_interval = 500;
    return c;
}

/* The last checkpoint is from before the step, and all its numbers are finite. */
static void assert_good_checkpoint(const char *run, int64_t step) {
    train_run opened;
    err e = {0};
    if (!train_run_open(&opened, folder_path(run), true, &e)) fail_msg("%s", e.message);
    assert_true(opened.state.step < step);
    assert_true(isfinite(opened.state.last_val_loss));
    const nn_params *ps = &opened.model->params;
    assert_int_equal(tensor_first_nonfinite(ps->value, ps->numel), -1);
    train_run_close(&opened);
}

static void assert_diverges(const config *c, const char *run) {
    err e = {0};
    witness w = {0};
    assert_false(tiny_train(c, run, TRAIN_NEW, &w, &e));
    assert_int_equal(e.code, ERR_DIVERGED);
    assert_false(w.saw_nonfinite);
    int64_t step = 0;
    assert_int_equal(sscanf(e.message, "step %" SCNd64 ": ", &step), 1);
    assert_int_equal(step, w.last_step + 1);
    bool names_a_layer =
        strstr(e.message, "layer h.") || strstr(e.message, ".weight") || strstr(e.message, ".bias");
    if (!names_a_layer || !strstr(e.message, tiny_path(run, "ckpt.safetensors")))
        fail_msg("said: %s", e.message);
    assert_good_checkpoint(run, step);
}

static void test_a_rate_far_too_high_diverges(void **state) {
    (void)state;
    const config c = diverging_config();
    assert_diverges(&c, "diverged");
}

/* Makes the first number of a tensor in a checkpoint not a number. */
static void poison(const char *path, const char *name) {
    err e = {0};
    io_safetensors f;
    assert_true(io_safetensors_open(&f, path, &e));
    long place = (const char *)io_safetensors_find(&f, name)->data - f.map.data;
    io_safetensors_close(&f);
    const real bad = (real)NAN;
    FILE *stream = fopen(path, "r+b");
    assert_non_null(stream);
    assert_int_equal(fseek(stream, place, SEEK_SET), 0);
    assert_int_equal(fwrite(&bad, sizeof bad, 1, stream), 1);
    fclose(stream);
}

/* The first that a resumed run does here is to evaluate. */
static void test_an_evaluation_that_is_not_finite(void **state) {
    (void)state;
    err e = {0};
    witness w = {.stop_at = 3};
    config c = tiny_config();
    assert_false(tiny_train(&c, "poisoned", TRAIN_NEW, &w, &e));
    poison(tiny_path("poisoned", "ckpt.safetensors"), "wte.weight");
    c.eval_interval = 3;
    e = (err){0};
    w = (witness){0};
    assert_false(tiny_train(&c, "poisoned", TRAIN_RESUME, &w, &e));
    assert_int_equal(e.code, ERR_DIVERGED);
    assert_non_null(strstr(e.message, "step 3: the validation loss is "));
    assert_int_equal(w.n_evaluations, 0);
    assert_int_equal(w.last_step, 0);
}

static void test_a_diverged_run_goes_on_at_a_lower_rate(void **state) {
    (void)state;
    err e = {0};
    witness w = {0};
    config c = diverging_config();
    assert_diverges(&c, "rescued");
    c = tiny_config();
    assert_true(tiny_train(&c, "rescued", TRAIN_RESUME, &w, &e));
    assert_int_equal(w.last_step, c.max_iters);
    assert_true(isfinite(w.last_val_loss));
}

static void test_no_gnuplot_is_one_warning(void **state) {
    (void)state;
    err e = {0};
    witness w = {0};
    const config c = tiny_config();
    assert_true(tiny_train(&c, "plain", TRAIN_NEW, &w, &e));
    assert_int_equal(w.n_evaluations, 4);
    assert_int_equal(w.n_warnings, 1);
    assert_non_null(strstr(w.warning, "gnuplot is not on the PATH"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_run_spares_an_old_one),
        cmocka_unit_test(test_nothing_to_resume),
        cmocka_unit_test(test_a_run_keeps_its_model),
        cmocka_unit_test(test_a_run_keeps_its_text),
        cmocka_unit_test(test_damaged_runs),
        cmocka_unit_test(test_texts_that_cannot_be_learned),
        cmocka_unit_test(test_overwrite_spares_the_old_run_until_the_new_one_can_begin),
        cmocka_unit_test(test_a_folder_that_cannot_be_made),
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_a_rate_far_too_high_diverges),
        cmocka_unit_test(test_an_evaluation_that_is_not_finite),
        cmocka_unit_test(test_a_diverged_run_goes_on_at_a_lower_rate),
        cmocka_unit_test(test_no_gnuplot_is_one_warning),
    };
    return cmocka_run_group_tests(tests, train_a_little, tree_remove);
}
