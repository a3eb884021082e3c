/* What training promises: the same bits however often it is interrupted, and at any thread count.
 */
#include "train/loop.h"

#include "base/mem.h"
#include "io/csv.h"
#include "io/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "same_run.h"

#include <math.h>
#include <sys/wait.h>

static void train(const config *c, const char *run, train_start start) {
    err e = {0};
    witness w = {0};
    if (!tiny_train(c, run, start, &w, &e)) fail_msg("%s: %s", run, e.message);
    assert_int_equal(w.last_step, c->max_iters);
}

/* Trains until the step after which somebody presses Ctrl-C. */
static void train_until(const config *c, const char *run, train_start start, int64_t step) {
    err e = {0};
    witness w = {.stop_at = step};
    assert_false(tiny_train(c, run, start, &w, &e));
    assert_int_equal(e.code, ERR_INTERRUPTED);
    assert_int_equal(w.last_step, step);
    char expected[64];
    snprintf(expected, sizeof expected, "interrupted at step %lld; saved", (long long)step);
    assert_non_null(strstr(e.message, expected));
}

/* Both runs ended with the same model, optimizer, state and log, to the last bit. */
static void assert_same_run(const char *run, const char *other) {
    assert_same_file("ckpt.safetensors", run, other);
    assert_same_file("ckpt_best.safetensors", run, other);
    assert_same_log(run, other);
}

/* The same numbers in every tensor; the account of evaluations may differ. */
static void assert_same_tensors(const char *run, const char *other) {
    err e = {0};
    io_safetensors a, b;
    assert_true(io_safetensors_open(&a, tiny_path(run, "ckpt.safetensors"), &e));
    assert_true(io_safetensors_open(&b, tiny_path(other, "ckpt.safetensors"), &e));
    assert_int_equal(a.n_tensors, b.n_tensors);
    for (size_t i = 0; i < a.n_tensors; i++) {
        assert_string_equal(a.tensors[i].name, b.tensors[i].name);
        assert_memory_equal(a.tensors[i].data, b.tensors[i].data, a.tensors[i].bytes);
    }
    io_safetensors_close(&a);
    io_safetensors_close(&b);
}

/* The run that nothing disturbed, to which the others are compared. */
static witness whole;

static int train_whole(void **state) {
    if (tiny_set_up(state) != 0) return -1;
    const config c = tiny_config();
    err e = {0};
    return tiny_train(&c, "whole", TRAIN_NEW, &whole, &e) ? 0 : -1;
}

/* A row has the mean loss of the steps since the row before it. */
static void test_the_log_of_a_run(void **state) {
    (void)state;
    err e = {0};
    io_csv_table log;
    assert_true(io_csv_read(&log, tiny_path("whole", "log.csv"), &e));
    assert_int_equal(log.n_rows, 13); /* every third step, and steps 0, 10 and 20 */
    const double *steps = io_csv_column(&log, "step"), *means = io_csv_column(&log, "train_loss");
    const double *val_loss = io_csv_column(&log, "val_loss");
    for (size_t i = 0; i < log.n_rows; i++) {
        int step = (int)steps[i];
        assert_int_equal(!isnan(val_loss[i]), step % 10 == 0);
        assert_int_equal(!isnan(means[i]), step > 0 && step % 3 == 0);
        if (isnan(means[i])) continue;
        double sum = whole.losses[step] + whole.losses[step - 1] + whole.losses[step - 2];
        assert_true(fabs(means[i] - sum / 3) < 1e-7);
    }
    io_csv_table_free(&log);
}

static void test_training_learns(void **state) {
    (void)state;
    err e = {0};
    io_csv_table log;
    assert_true(io_csv_read(&log, tiny_path("whole", "log.csv"), &e));
    const double *loss = io_csv_column(&log, "val_loss");
    assert_true(loss[log.n_rows - 1] < loss[0] - 0.3);
    io_csv_table_free(&log);
}

static void test_a_run_has_its_files(void **state) {
    (void)state;
    static const char *const names[] = {"config.ini", "tokenizer.json",   "train.bin",
                                        "val.bin",    "ckpt.safetensors", "ckpt_best.safetensors",
                                        "log.csv",    "embedding.png"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!file_exists(tiny_path("whole", names[i]))) fail_msg("no %s", names[i]);
}

static void test_resumed_is_uninterrupted(void **state) {
    (void)state;
    const config c = tiny_config();
    train_until(&c, "stopped", TRAIN_NEW, 12);
    train(&c, "stopped", TRAIN_RESUME);
    assert_same_run("stopped", "whole");
}

/* At the first step, twice in a row, at a step that was evaluated, and right before the end. */
static void test_any_number_of_interruptions(void **state) {
    (void)state;
    const config c = tiny_config();
    static const int64_t stops[] = {1, 2, 20, 29};
    for (int i = 0; i < 4; i++) train_until(&c, "often", i ? TRAIN_RESUME : TRAIN_NEW, stops[i]);
    train(&c, "often", TRAIN_RESUME);
    assert_same_run("often", "whole");
}

static void die_at_step_17(int64_t step, const config *c) {
    (void)c;
    if (step == 17) kill(getpid(), SIGKILL);
}

/* The log already has rows of steps beyond the checkpoint then. */
static void test_resumed_after_a_kill(void **state) {
    (void)state;
    const config c = tiny_config();
    pid_t child = fork();
    if (child == 0) {
        err e = {0};
        witness w = {.at_step = die_at_step_17};
        tiny_train(&c, "killed", TRAIN_NEW, &w, &e);
        _exit(1);
    }
    int status;
    assert_true(waitpid(child, &status, 0) == child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    err e = {0};
    witness w = {0};
    assert_true(tiny_train(&c, "killed", TRAIN_RESUME, &w, &e));
    assert_int_equal(w.first_step, 10);
    assert_same_run("killed", "whole");
}

static void test_the_same_bits_at_any_thread_count(void **state) {
    (void)state;
    const config c = tiny_config();
    thread_set_count(2);
    train(&c, "threads", TRAIN_NEW);
    thread_set_count(1);
    assert_same_run("threads", "whole");
}

static void test_another_seed_is_another_run(void **state) {
    (void)state;
    err e = {0};
    config c = tiny_config();
    c.seed = 2;
    c.max_iters = 1;
    witness w = {0}, again = {0};
    assert_true(tiny_train(&c, "seed", TRAIN_NEW, &w, &e));
    c.seed = 3;
    assert_true(tiny_train(&c, "seed", TRAIN_OVERWRITE, &again, &e));
    assert_true(w.losses[1] != again.losses[1]);
}

static void test_a_finished_run_can_go_on(void **state) {
    (void)state;
    config c = tiny_config();
    c.lr_decay_iters = 30;
    c.max_iters = 20;
    train(&c, "longer", TRAIN_NEW);
    c.max_iters = 30;
    train(&c, "longer", TRAIN_RESUME);
    assert_same_run("longer", "whole");
}

/* Evaluating and logging at other steps does not change what is learned. */
static void test_looking_does_not_disturb(void **state) {
    (void)state;
    config c = tiny_config();
    train_until(&c, "watched", TRAIN_NEW, 12);
    c.eval_interval = 1;
    c.eval_iters = 1;
    c.log_interval = 7;
    train(&c, "watched", TRAIN_RESUME);
    assert_same_tensors("watched", "whole");
}

static void test_overwriting_leaves_nothing_of_the_old_run(void **state) {
    (void)state;
    config c = tiny_config();
    c.n_embd = 8;
    c.max_iters = 2;
    train(&c, "again", TRAIN_NEW);
    c = tiny_config();
    train(&c, "again", TRAIN_OVERWRITE);
    assert_same_run("again", "whole");
}

static size_t allocations[32];

static void count_allocations(int64_t step, const config *c) {
    assert_true(step <= c->max_iters);
    allocations[step] = mem_allocations();
}

/* After the first step of a stretch between evaluations no step touches the heap. */
static void test_steps_do_not_allocate(void **state) {
    (void)state;
    err e = {0};
    const config c = tiny_config();
    witness w = {.at_step = count_allocations};
    assert_true(tiny_train(&c, "heap", TRAIN_NEW, &w, &e));
    for (int64_t step = 2; step <= c.max_iters; step++)
        if (step != 2 && step % c.eval_interval != 1)
            assert_int_equal(allocations[step], allocations[step - 1]);
}

static void test_no_steps_at_all(void **state) {
    (void)state;
    err e = {0};
    config c = tiny_config();
    c.max_iters = 0;
    witness w = {0};
    assert_true(tiny_train(&c, "none", TRAIN_NEW, &w, &e));
    assert_int_equal(w.n_evaluations, 1);
    assert_true(file_exists(tiny_path("none", "ckpt.safetensors")));
}

/* Other tokens in each epoch, and still the same bits however often it is interrupted. */
static void test_resumed_with_subword_sampling(void **state) {
    (void)state;
    config c = tiny_config();
    strcpy(c.tokenizer, "bpe");
    c.vocab_size = 300;
    c.block_size = 64;
    c.batch_size = 16; /* many epochs in 30 steps */
    train(&c, "plain", TRAIN_NEW);
    c.bpe_dropout = 0.3;
    train(&c, "sampled", TRAIN_NEW);
    static const int64_t stops[] = {1, 12, 20, 29};
    for (int i = 0; i < 4; i++)
        train_until(&c, "sampled_often", i ? TRAIN_RESUME : TRAIN_NEW, stops[i]);
    train(&c, "sampled_often", TRAIN_RESUME);
    assert_same_run("sampled_often", "sampled");
    assert_same_file("val.bin", "sampled", "plain");
    err e = {0};
    io_csv_table log, plain;
    assert_true(io_csv_read(&log, tiny_path("sampled", "log.csv"), &e));
    assert_true(io_csv_read(&plain, tiny_path("plain", "log.csv"), &e));
    const double *loss = io_csv_column(&log, "train_loss");
    assert_true(loss[1] != io_csv_column(&plain, "train_loss")[1]);
    io_csv_table_free(&log);
    io_csv_table_free(&plain);
}

static config chat_config(void) {
    static const char *const answers[] = {"yes", "no", "perhaps", "certainly"};
    FILE *f = fopen(folder_path("chat.jsonl"), "w");
    for (int i = 0; i < 60; i++)
        fprintf(f,
                "[{\"role\":\"user\",\"content\":\"question %d\"},"
                "{\"role\":\"assistant\",\"content\":\"%s\"}]\n",
                i % 4, answers[i % 4]);
    fclose(f);
    config c = tiny_config();
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("chat.jsonl"));
    strcpy(c.tokenizer, "byte");
    c.format = TRAIN_CHAT;
    return c;
}

static void test_conversations_are_learned(void **state) {
    (void)state;
    err e = {0};
    witness w = {0};
    const config c = chat_config();
    assert_true(tiny_train(&c, "chat", TRAIN_NEW, &w, &e));
    assert_false(w.saw_nonfinite);
    assert_int_equal(w.vocab_size, 261);
    assert_true(w.train_targets > 0 && w.train_targets < w.train_tokens / 2);
    assert_true(w.losses[30] < w.losses[1] - 1);
    train_until(&c, "chat_stopped", TRAIN_NEW, 12);
    train(&c, "chat_stopped", TRAIN_RESUME);
    assert_same_run("chat_stopped", "chat");
    assert_true(truncate(tiny_path("chat", "train_mask.bin"), 20) == 0);
    assert_false(tiny_train(&c, "chat", TRAIN_RESUME, &w, &e));
    assert_non_null(strstr(e.message, "train_mask.bin"));
}

/* Two micro-batches weigh as much as they have targets: as one batch of both. */
static void test_accumulation_counts_targets(void **state) {
    (void)state;
    err e = {0};
    witness two = {0}, one = {0};
    config c = chat_config();
    c.dropout = 0;
    c.max_iters = 3;
    c.batch_size = 1; /* few targets, in other numbers */
    assert_true(tiny_train(&c, "two", TRAIN_NEW, &two, &e));
    c.batch_size = 2;
    c.gradient_accumulation_steps = 1;
    assert_true(tiny_train(&c, "one", TRAIN_NEW, &one, &e));
    for (int i = 1; i <= 3; i++) assert_true(fabs(two.losses[i] - one.losses[i]) < 1e-3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_log_of_a_run),
        cmocka_unit_test(test_training_learns),
        cmocka_unit_test(test_a_run_has_its_files),
        cmocka_unit_test(test_resumed_is_uninterrupted),
        cmocka_unit_test(test_any_number_of_interruptions),
        cmocka_unit_test(test_resumed_after_a_kill), /* forks: before a second thread is there */
        cmocka_unit_test(test_the_same_bits_at_any_thread_count),
        cmocka_unit_test(test_another_seed_is_another_run),
        cmocka_unit_test(test_a_finished_run_can_go_on),
        cmocka_unit_test(test_looking_does_not_disturb),
        cmocka_unit_test(test_overwriting_leaves_nothing_of_the_old_run),
        cmocka_unit_test(test_steps_do_not_allocate),
        cmocka_unit_test(test_no_steps_at_all),
        cmocka_unit_test(test_resumed_with_subword_sampling),
        cmocka_unit_test(test_conversations_are_learned),
        cmocka_unit_test(test_accumulation_counts_targets),
    };
    return cmocka_run_group_tests(tests, train_whole, tree_remove);
}
