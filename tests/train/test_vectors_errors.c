/* What the training of word vectors refuses, each in one line. */
#include "train/run.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny_vectors.h"

static const variant skip_gram = {"skip-gram", .negative = 3}, glove = {"glove", .glove = true};

/* The runs that the tests try to go on with. */
static int train_a_little(void **state) {
    if (vectors_set_up(state) != 0) return -1;
    const config c = vectors_config(&skip_gram);
    train_vectors_until(&c, "run", TRAIN_NEW, 1);
    return 0;
}

/* Training must fail with one line that has the reason in it; returns the last step done. */
static int64_t assert_fails(const config *c, const char *run, train_start start,
                            const char *reason) {
    err e = {0};
    witness w = {0};
    assert_false(tiny_train(c, run, start, &w, &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, reason)) fail_msg("said: %s\n  expected: %s", e.message, reason);
    assert_null(strchr(e.message, '\n'));
    return w.last_step;
}

static void assert_refused(const config *c, const char *run, train_start start,
                           const char *reason) {
    assert_int_equal(assert_fails(c, run, start, reason), 0);
}

static void put(const char *name, const char *text) {
    err e = {0};
    assert_true(file_write(folder_path(name), text, strlen(text), &e));
}

static void use_text(config *c, const char *name) {
    snprintf(c->dataset, sizeof c->dataset, "%s", folder_path(name));
}

static void use_init(config *c, const char *name) {
    snprintf(c->init_wte, sizeof c->init_wte, "%s", folder_path(name));
}

static void test_a_new_run_spares_an_old_one(void **state) {
    (void)state;
    const config c = vectors_config(&skip_gram);
    assert_refused(&c, "run", TRAIN_NEW, "/run: holds a run already; go on with --resume");
    assert_refused(&c, "absent", TRAIN_RESUME, "/absent: nothing to resume");
    assert_false(file_exists(folder_path("absent")));
}

static void test_a_run_keeps_its_model(void **state) {
    (void)state;
    static const char *const changes[] = {
        "seed=2",
        "min_count=6",
        "sg=false",
        "hs=true",
        "negative=4",
        "ns_exponent=1",
        "vector_size=13",
        "window=4",
        "sample=0",
        "max_n=4",
        "min_n=2",
        "bucket=501",
        "init_wte=x",
        "freeze_wte=true",
        "keep_init_words=on",
        "epochs=5",
        "alpha=0.06",
        "min_alpha=0.001",
        "x_max=11",
        "x_exponent=1",
        "dataset=/no",
        "deterministic=false",
        "objective=glove",
        "shared_negatives=false",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        err e = {0};
        char reason[128];
        config c = vectors_config(&skip_gram);
        assert_true(cfg_override(&c, changes[i], &e));
        snprintf(reason, sizeof reason,
                 "config.ini: the run began with %.*s = ", (int)strcspn(changes[i], "="),
                 changes[i]);
        assert_refused(&c, "run", TRAIN_RESUME, reason);
    }
}

/* What does not change the numbers may change; no text is the run's own. */
static void test_what_may_change(void **state) {
    (void)state;
    config c = vectors_config(&skip_gram);
    train_vectors_until(&c, "changed", TRAIN_NEW, 1);
    c.dataset[0] = '\0';
    c.log_interval++;
    c.memory++;
    c.threads = 1;
    assert_int_equal(train_vectors(&c, "changed", TRAIN_RESUME).last_step, TINY_EPOCHS);
}

static void test_texts_that_cannot_be_learned(void **state) {
    (void)state;
    config c = vectors_config(&skip_gram);
    c.dataset[0] = '\0';
    assert_refused(&c, "new", TRAIN_NEW, "no text to train on: set dataset in [data]");
    use_text(&c, "absent.txt");
    assert_refused(&c, "new", TRAIN_NEW, "absent.txt: No such file");
    put("short.txt", "");
    use_text(&c, "short.txt");
    assert_refused(&c, "new", TRAIN_NEW, "short.txt: ");
    put("short.txt", "each word comes once\n");
    assert_refused(&c, "new", TRAIN_NEW, "short.txt: ");
    assert_false(file_exists(tiny_path("new", "vocab.txt")));
}

static void test_words_without_neighbours(void **state) {
    (void)state;
    config c = vectors_config(&skip_gram);
    put("list.txt", "one\ntwo\none\ntwo\n");
    use_text(&c, "list.txt");
    c.min_count = 1;
    assert_int_equal(assert_fails(&c, "list", TRAIN_NEW, "list.txt: no word has another one near"),
                     1);
    c.objective = TRAIN_GLOVE;
    assert_refused(&c, "list", TRAIN_NEW,
                   "cooccurrence.bin: empty: no word of the text has another");
}

/* A run must not be lost to a text that cannot take its place. */
static void test_overwrite_spares_the_old_run_until_the_new_one_can_begin(void **state) {
    (void)state;
    config c = vectors_config(&skip_gram);
    train_vectors_until(&c, "spared", TRAIN_NEW, 1);
    put("short.txt", "each word comes once\n");
    use_text(&c, "short.txt");
    assert_refused(&c, "spared", TRAIN_OVERWRITE, "short.txt: ");
    c = vectors_config(&skip_gram);
    train_vectors(&c, "spared", TRAIN_RESUME);
}

/* A run that got a file of a run on another text must not go on. */
static void assert_notices_another(const char *name, const char *reason) {
    config c = vectors_config(&skip_gram);
    train_vectors_until(&c, "mixed", TRAIN_OVERWRITE, 1);
    use_text(&c, "other.txt");
    train_vectors_until(&c, "other", TRAIN_OVERWRITE, 1);
    char from[512];
    snprintf(from, sizeof from, "%s", tiny_path("other", name));
    assert_int_equal(rename(from, tiny_path("mixed", name)), 0);
    c.dataset[0] = '\0';
    assert_refused(&c, "mixed", TRAIN_RESUME, reason);
}

/* The text with a capital for each e: as many words, not the same. */
static void write_other_words(const file_map *text) {
    char *other = mem_copy_string(text->data, text->size);
    for (char *c = other; *c; c++)
        if (*c == 'e') *c = 'E';
    put("other.txt", other);
    free(other);
}

/* The text with its first line at its end: the same words. */
static void write_other_order(const file_map *text) {
    char *other = mem_copy_string(text->data, text->size);
    size_t first = strcspn(other, "\n") + 1;
    memmove(other, other + first, text->size - first);
    memcpy(other + text->size - first, text->data, first);
    put("other.txt", other);
    free(other);
}

static void test_a_run_keeps_its_text(void **state) {
    (void)state;
    err e = {0};
    file_map text;
    assert_true(file_open_map(&text, folder_path("text.txt"), &e));
    write_other_words(&text);
    assert_notices_another("vocab.txt", "was trained with another vocabulary than");
    write_other_order(&text);
    assert_notices_another("train.bin", "was trained on other words than");
    assert_notices_another("ckpt.safetensors", "was trained on other words than");
    file_close_map(&text);
}

static void test_damaged_runs(void **state) {
    (void)state;
    static const char *const names[] = {"config.ini",       "vocab.txt", "train.bin",
                                        "ckpt.safetensors", "log.csv",   "cooccurrence.bin"};
    for (int i = 0; i < 6; i++) {
        const char *name = names[i];
        config c = vectors_config(i < 5 ? &skip_gram : &glove);
        train_vectors_until(&c, "damaged", TRAIN_OVERWRITE, 1);
        assert_int_equal(truncate(tiny_path("damaged", name), 21), 0);
        assert_refused(&c, "damaged", TRAIN_RESUME, name);
        unlink(tiny_path("damaged", name));
        if (strcmp(name, "log.csv") == 0)
            train_vectors(&c, "damaged", TRAIN_RESUME); /* a lost log is no harm */
        else if (strcmp(name, "ckpt.safetensors") == 0)
            assert_refused(&c, "damaged", TRAIN_RESUME, "nothing to resume");
        else
            assert_refused(&c, "damaged", TRAIN_RESUME, name);
    }
}

/* Vectors of 2 numbers for a word of the text. */
static void test_vectors_that_cannot_begin(void **state) {
    (void)state;
    config c = vectors_config(&skip_gram);
    use_init(&c, "init.txt");
    assert_refused(&c, "init", TRAIN_NEW, "init.txt: No such file");
    put("init.txt", "1 2\nking 1 2\n");
    assert_refused(&c, "init", TRAIN_NEW, "init.txt: vectors of 2 numbers, vector_size is 12");
    put("init.txt", "1 2\nking 1\n");
    assert_refused(&c, "init", TRAIN_NEW, "init.txt");
    put("init.txt", "1 2\nxyzzy 1 2\n");
    c.vector_size = 2;
    assert_refused(&c, "init", TRAIN_NEW, "init.txt: none of its 1 words is in the vocabulary of");
    use_init(&c, "run");
    assert_refused(&c, "init", TRAIN_NEW, "/run: vectors of 12 numbers, vector_size is 2");
    assert_false(file_exists(tiny_path("init", "vocab.txt")));
}

/* Which rows are frozen is read anew when the run goes on. */
static void test_frozen_vectors_must_stay_where_they_are(void **state) {
    (void)state;
    config c = vectors_config(&skip_gram);
    put("init.txt", "1 2\nking 1 2\n");
    use_init(&c, "init.txt");
    c.vector_size = 2;
    c.freeze_wte = true;
    train_vectors_until(&c, "frozen", TRAIN_NEW, 1);
    put("init.txt", "1 400\nking 1 2\n");
    assert_refused(&c, "frozen", TRAIN_RESUME, "init.txt");
    put("init.txt", "1 3\nking 1 2 3\n");
    assert_refused(&c, "frozen", TRAIN_RESUME, "init.txt: vectors of 3 numbers, vector_size is 2");
    unlink(folder_path("init.txt"));
    assert_refused(&c, "frozen", TRAIN_RESUME, "init.txt: No such file");
}

static void test_a_rate_far_too_high_diverges(void **state) {
    (void)state;
    err e = {0};
    witness w = {0};
    config c = vectors_config(&skip_gram);
    c.alpha = 100;
    assert_false(tiny_train(&c, "diverged", TRAIN_NEW, &w, &e));
    assert_int_equal(e.code, ERR_DIVERGED);
    assert_false(w.saw_nonfinite);
    assert_non_null(strstr(e.message, ": training has diverged; a lower alpha may help"));
    assert_null(strstr(e.message, "checkpoint")); /* there is none yet */
}

/* A run of vectors is none of a GPT. */
static void test_a_run_of_the_other_kind(void **state) {
    (void)state;
    err e = {0};
    train_run run;
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path("run"));
    assert_false(train_run_open(&run, path, false, &e));
    assert_non_null(strstr(e.message, "/run: holds word vectors, not a GPT; try gradus nearest "));
    config c = tiny_config();
    assert_refused(&c, "run", TRAIN_RESUME, "the run began with objective = word2vec");
}

/* The vectors of a run that cannot be read. */
static void test_vectors_that_cannot_be_read(void **state) {
    (void)state;
    static const char *const names[] = {"config.ini", "vocab.txt", "ckpt.safetensors"};
    for (int i = 0; i < 3; i++) {
        for (int gone = i == 0; gone < 2; gone++) {
            err e = {0};
            io_vectors v;
            char path[512];
            const config c = vectors_config(&skip_gram);
            train_vectors_until(&c, "unread", TRAIN_OVERWRITE, 1);
            if (gone)
                unlink(tiny_path("unread", names[i]));
            else
                assert_int_equal(truncate(tiny_path("unread", names[i]), 21), 0);
            snprintf(path, sizeof path, "%s", folder_path("unread"));
            assert_false(train_run_vectors(&v, path, &e));
            assert_non_null(strstr(e.message, gone && i == 2 ? "no checkpoint yet" : names[i]));
            assert_null(strchr(e.message, '\n'));
            io_vectors_free(&v);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_run_spares_an_old_one),
        cmocka_unit_test(test_a_run_keeps_its_model),
        cmocka_unit_test(test_what_may_change),
        cmocka_unit_test(test_texts_that_cannot_be_learned),
        cmocka_unit_test(test_words_without_neighbours),
        cmocka_unit_test(test_overwrite_spares_the_old_run_until_the_new_one_can_begin),
        cmocka_unit_test(test_a_run_keeps_its_text),
        cmocka_unit_test(test_damaged_runs),
        cmocka_unit_test(test_vectors_that_cannot_begin),
        cmocka_unit_test(test_frozen_vectors_must_stay_where_they_are),
        cmocka_unit_test(test_a_rate_far_too_high_diverges),
        cmocka_unit_test(test_a_run_of_the_other_kind),
        cmocka_unit_test(test_vectors_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, train_a_little, tree_remove);
}
