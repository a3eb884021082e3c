/* What the training of word vectors promises: it learns, and the same bits come out at any number
 * of threads and however often it is interrupted. */
#include "train/vectors_loop.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny_vectors.h"

/* The run of each variant that nothing disturbed; its folder has the variant's name. */
static witness whole[N_VARIANTS];

static int train_whole(void **state) {
    if (vectors_set_up(state) != 0) return -1;
    for (int i = 0; i < N_VARIANTS; i++) {
        err e = {0};
        const config c = vectors_config(&variants[i]);
        if (!tiny_train(&c, variants[i].name, TRAIN_NEW, &whole[i], &e)) {
            fprintf(stderr, "%s: %s\n", variants[i].name, e.message);
            return -1;
        }
    }
    return 0;
}

static void assert_same_vectors_run(const char *run, const char *other) {
    assert_same_file("ckpt.safetensors", run, other);
    assert_same_log(run, other);
}

static void test_the_loss_falls(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        const witness *w = &whole[i];
        assert_int_equal(w->n_epochs, TINY_EPOCHS);
        for (int k = 1; k < TINY_EPOCHS; k++)
            if (!(w->epoch_losses[k] < w->epoch_losses[k - 1]))
                fail_msg("%s: %g after %g", variants[i].name, w->epoch_losses[k],
                         w->epoch_losses[k - 1]);
        assert_true(w->epoch_losses[TINY_EPOCHS - 1] < 0.95 * w->epoch_losses[0]);
    }
}

/* Before anything is learned the loss of one pair is log 2 for each of its words: the inputs are
 * near 0, so that the logistic function is at 1/2. */
static void test_the_loss_is_the_mean_of_a_pair(void **state) {
    (void)state;
    config c = vectors_config(&variants[0]);
    c.alpha = c.min_alpha = 0;
    witness w = train_vectors(&c, "mean", TRAIN_NEW);
    /* a wrong word that is the right one is left out */
    assert_true(w.epoch_losses[0] < 4 * log(2));
    assert_true(w.epoch_losses[0] > 3.9 * log(2));
}

static void test_a_row_for_each_step(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        err e = {0};
        io_csv_table log;
        assert_true(io_csv_read(&log, tiny_path(variants[i].name, "log.csv"), &e));
        assert_int_equal(log.n_rows, TINY_EPOCHS);
        for (int64_t k = 0; k < TINY_EPOCHS; k++) {
            assert_true(io_csv_column(&log, "step")[k] == (double)(k + 1));
            assert_true(fabs(io_csv_column(&log, "train_loss")[k] - whole[i].losses[k + 1]) < 1e-7);
            assert_true(io_csv_column(&log, "lr")[k] > 0);
            assert_true(io_csv_column(&log, "tokens_per_s")[k] > 0);
            assert_true(isnan(io_csv_column(&log, "val_loss")[k]));
        }
        io_csv_table_free(&log);
    }
}

static void test_a_run_has_its_files(void **state) {
    (void)state;
    static const char *const names[] = {"config.ini", "vocab.txt",        "train.bin",
                                        "log.csv",    "ckpt.safetensors", "embedding.png"};
    for (int i = 0; i < N_VARIANTS; i++) {
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            assert_true(file_exists(tiny_path(variants[i].name, names[k])));
        assert_int_equal(file_exists(tiny_path(variants[i].name, "cooccurrence.bin")),
                         variants[i].glove);
        assert_int_equal(whole[i].n_warnings, 1);
        assert_non_null(strstr(whole[i].warning, "gnuplot is not on the PATH"));
    }
}

static void test_the_learning_rate_falls(void **state) {
    (void)state;
    err e = {0};
    io_csv_table log;
    assert_true(io_csv_read(&log, tiny_path("skip-gram", "log.csv"), &e));
    const double *lr = io_csv_column(&log, "lr");
    for (int k = 0; k < TINY_EPOCHS; k++)
        assert_true(fabs(lr[k] - (0.05 - (0.05 - 1e-4) * k / TINY_EPOCHS)) < 1e-9);
    io_csv_table_free(&log);
}

static void test_the_same_bits_at_any_thread_count(void **state) {
    (void)state;
    for (int threads = 2; threads <= 3; threads++) {
        thread_set_count(threads);
        for (int i = 0; i < N_VARIANTS; i++) {
            const config c = vectors_config(&variants[i]);
            train_vectors(&c, "threads", TRAIN_OVERWRITE);
            assert_same_vectors_run("threads", variants[i].name);
        }
    }
    thread_set_count(1);
}

static void test_resumed_is_uninterrupted(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        const config c = vectors_config(&variants[i]);
        train_vectors_until(&c, "stopped", TRAIN_OVERWRITE, 1);
        train_vectors_until(&c, "stopped", TRAIN_RESUME, 3);
        witness w = train_vectors(&c, "stopped", TRAIN_RESUME);
        assert_int_equal(w.first_step, 3);
        assert_same_vectors_run("stopped", variants[i].name);
    }
}

/* A text of two steps an epoch: half of its loss is in the checkpoint. */
static void test_resumed_within_an_epoch(void **state) {
    (void)state;
    FILE *text = fopen(folder_path("long.txt"), "w");
    assert_non_null(text);
    for (int i = 0; i < 120000; i++) fputs(i % 3 ? "one two three six\n" : "six five four\n", text);
    fclose(text);
    config c = vectors_config(&variants[0]);
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("long.txt"));
    c.vector_size = 4;
    c.window = c.negative = 1;
    c.epochs = 2;
    witness w = train_vectors(&c, "long", TRAIN_NEW);
    assert_int_equal(w.last_step, 4);
    assert_int_equal(w.n_epochs, 2);
    double first = w.epoch_losses[0];
    assert_true((first < w.losses[1]) != (first < w.losses[2]));
    train_vectors_until(&c, "long_stopped", TRAIN_NEW, 1);
    w = train_vectors(&c, "long_stopped", TRAIN_RESUME);
    assert_int_equal(w.first_step, 1);
    assert_true(w.epoch_losses[0] == first);
    assert_same_vectors_run("long_stopped", "long");
}

static void test_a_finished_run_is_finished(void **state) {
    (void)state;
    const config c = vectors_config(&variants[0]);
    train_vectors(&c, "finished", TRAIN_NEW);
    witness w = train_vectors(&c, "finished", TRAIN_RESUME);
    assert_int_equal(w.first_step, TINY_EPOCHS);
    assert_int_equal(w.last_step, 0);
    assert_same_vectors_run("finished", "skip-gram");
}

static void test_another_seed_is_another_run(void **state) {
    (void)state;
    config c = vectors_config(&variants[0]);
    c.seed++;
    witness w = train_vectors(&c, "seed", TRAIN_NEW);
    assert_true(w.losses[1] != whole[0].losses[1]);
    assert_true(fabs(w.epoch_losses[3] - whole[0].epoch_losses[3]) < 0.1);
}

/* Of what goes at once nothing is lost, nor counted twice: about the same is learned. */
static void test_hogwild(void **state) {
    (void)state;
    thread_set_count(2);
    for (int i = 0; i < N_VARIANTS; i++) {
        config c = vectors_config(&variants[i]);
        c.deterministic = false;
        witness w = train_vectors(&c, "hogwild", TRAIN_OVERWRITE);
        double loss = w.epoch_losses[TINY_EPOCHS - 1];
        double ordered = whole[i].epoch_losses[TINY_EPOCHS - 1];
        if (!(fabs(loss / ordered - 1) < 0.25))
            fail_msg("%s: %g, deterministic %g", variants[i].name, loss, ordered);
        train_vectors_until(&c, "hogwild", TRAIN_OVERWRITE, 2);
        w = train_vectors(&c, "hogwild", TRAIN_RESUME);
        assert_int_equal(w.n_epochs, 2);
    }
    thread_set_count(1);
}

/* All mini-batches of a round pull at the same few rows here; their sum must not go too far. */
static void test_rows_of_every_window(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        config c = vectors_config(&variants[i]);
        c.sample = 0;
        c.window = 5;
        c.alpha = 0.2;
        witness w = train_vectors(&c, "hot", TRAIN_OVERWRITE);
        c.deterministic = false;
        witness hogwild = train_vectors(&c, "hot", TRAIN_OVERWRITE);
        for (int k = 1; k < TINY_EPOCHS; k++)
            if (!(w.epoch_losses[k] < 1.5 * hogwild.epoch_losses[k]))
                fail_msg("%s: %g, Hogwild %g", variants[i].name, w.epoch_losses[k],
                         hogwild.epoch_losses[k]);
    }
}

enum { MANY_EPOCHS = 30, WARM = 18 };
static size_t allocations[MANY_EPOCHS + 1];

static void count_allocations(int64_t step, const config *c) {
    (void)c;
    allocations[step] = mem_allocations();
}

static void test_steps_do_not_allocate(void **state) {
    (void)state;
    write_kingdom("few.txt", 200, 1);
    for (int i = 0; i < 2 * N_VARIANTS; i++) {
        err e = {0};
        config c = vectors_config(&variants[i / 2]);
        snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("few.txt"));
        c.deterministic = i % 2 == 0;
        c.epochs = MANY_EPOCHS;
        c.vector_size = 2;
        witness w = {.at_step = count_allocations};
        assert_true(tiny_train(&c, "heap", TRAIN_OVERWRITE, &w, &e));
        if (allocations[MANY_EPOCHS] != allocations[WARM])
            fail_msg("%s: %zu", variants[i / 2].name, allocations[MANY_EPOCHS] - allocations[WARM]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loss_falls),
        cmocka_unit_test(test_the_loss_is_the_mean_of_a_pair),
        cmocka_unit_test(test_a_row_for_each_step),
        cmocka_unit_test(test_a_run_has_its_files),
        cmocka_unit_test(test_the_learning_rate_falls),
        cmocka_unit_test(test_the_same_bits_at_any_thread_count),
        cmocka_unit_test(test_resumed_is_uninterrupted),
        cmocka_unit_test(test_resumed_within_an_epoch),
        cmocka_unit_test(test_a_finished_run_is_finished),
        cmocka_unit_test(test_another_seed_is_another_run),
        cmocka_unit_test(test_hogwild),
        cmocka_unit_test(test_rows_of_every_window),
        cmocka_unit_test(test_steps_do_not_allocate),
    };
    return cmocka_run_group_tests(tests, train_whole, tree_remove);
}
