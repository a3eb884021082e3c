/* Word vectors that begin with others, and what a run gives to its readers. */
#include "train/run.h"

#include "embed/table.h"
#include "io/safetensors.h"
#include "train/sampler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny_vectors.h"

enum { N_INIT = 4 };
/* The last is not a word of the text. */
static const char *const init_words[N_INIT] = {"king", "paris", "the", "xyzzy"};

/* Number d of the i-th of these vectors, exact in any precision. */
static double init_number(int i, int d) {
    return (double)(i + 1) / 8 - (double)d / 64;
}

static void write_init(const char *name, int width) {
    FILE *f = fopen(folder_path(name), "w");
    assert_non_null(f);
    fprintf(f, "%d %d\n", N_INIT, width);
    for (int i = 0; i < N_INIT; i++) {
        fprintf(f, "%s", init_words[i]);
        for (int d = 0; d < width; d++) fprintf(f, " %.9g", init_number(i, d));
        fprintf(f, "\n");
    }
    fclose(f);
}

static int set_up(void **state) {
    if (vectors_set_up(state) != 0) return -1;
    write_init("init.txt", TINY_WIDTH);
    return 0;
}

static config init_config(const variant *v) {
    config c = vectors_config(v);
    snprintf(c.init_wte, sizeof c.init_wte, "%s", folder_path("init.txt"));
    return c;
}

static void use_run(config *c, const char *run) {
    snprintf(c->init_wte, sizeof c->init_wte, "%s", folder_path(run));
}

/* Nothing moves at this rate. */
static void stand_still(config *c) {
    c->alpha = c->min_alpha = 0;
    c->epochs = 1;
}

static int64_t row_of(const io_vectors *v, const char *name) {
    for (int64_t i = 0; i < v->n; i++)
        if (strcmp(v->names[i], name) == 0) return i;
    return -1;
}

/* The row of a word in a matrix of the checkpoint. */
static void read_row(const char *run, const char *matrix, const char *name, real out[TINY_WIDTH]) {
    err e = {0};
    io_vectors v = vectors_of(run);
    io_safetensors f;
    int64_t row = row_of(&v, name);
    assert_true(row >= 0);
    assert_true(io_safetensors_open(&f, tiny_path(run, "ckpt.safetensors"), &e));
    const io_tensor *t = io_safetensors_find(&f, matrix);
    assert_non_null(t);
    memcpy(out, (const real *)t->data + row * TINY_WIDTH, TINY_WIDTH * sizeof *out);
    io_safetensors_close(&f);
    io_vectors_free(&v);
}

/* Whether the i-th of the given vectors stands in the checkpoint as it was given. */
static bool is_as_given(const char *run, int i) {
    real row[TINY_WIDTH];
    read_row(run, "wte.weight", init_words[i], row);
    for (int d = 0; d < TINY_WIDTH; d++)
        if (row[d] != (real)init_number(i, d)) return false;
    return true;
}

static void test_vectors_of_a_file(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        config c = init_config(&variants[i]);
        stand_still(&c);
        train_vectors(&c, "given", TRAIN_OVERWRITE);
        io_vectors v = vectors_of("given");
        assert_int_equal(row_of(&v, "xyzzy"), -1);
        io_vectors_free(&v);
        for (int k = 0; k < 3; k++) assert_true(is_as_given("given", k));
        real queen[TINY_WIDTH];
        read_row("given", "wte.weight", "queen", queen);
        for (int d = 0; d < TINY_WIDTH; d++) assert_true(fabs((double)queen[d]) < 0.05);
    }
}

static void test_vectors_move_on_from_there(void **state) {
    (void)state;
    const config c = init_config(&variants[0]);
    train_vectors(&c, "moved", TRAIN_NEW);
    real row[TINY_WIDTH];
    read_row("moved", "wte.weight", "king", row);
    assert_false(is_as_given("moved", 0));
    for (int d = 0; d < TINY_WIDTH; d++) assert_true(fabs((double)row[d] - init_number(0, d)) < 1);
}

static void assert_same_vectors(const char *run, const char *other) {
    io_vectors a = vectors_of(run), b = vectors_of(other);
    assert_int_equal(a.n, b.n);
    for (int64_t i = 0; i < a.n; i++) assert_string_equal(a.names[i], b.names[i]);
    assert_memory_equal(a.rows, b.rows, (size_t)(a.n * a.width) * sizeof *a.rows);
    io_vectors_free(&a);
    io_vectors_free(&b);
}

static void test_vectors_of_a_run(void **state) {
    (void)state;
    config c = vectors_config(&variants[0]);
    train_vectors(&c, "first", TRAIN_NEW);
    use_run(&c, "first");
    stand_still(&c);
    train_vectors(&c, "second", TRAIN_NEW);
    assert_same_vectors("first", "second");
}

/* Exactly the rows that were given stay, also over a stop and with n-grams; others learn. */
static void test_frozen_vectors(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        for (int hogwild = 0; hogwild < 2 && !variants[i].glove; hogwild++) {
            config c = init_config(&variants[i]);
            c.freeze_wte = true;
            c.deterministic = !hogwild;
            train_vectors(&c, "frozen", TRAIN_OVERWRITE);
            train_vectors_until(&c, "thawed", TRAIN_OVERWRITE, 2);
            train_vectors(&c, "thawed", TRAIN_RESUME);
            if (!hogwild) assert_same_file("ckpt.safetensors", "frozen", "thawed");
            for (int k = 0; k < 3; k++) assert_true(is_as_given("thawed", k));
            for (int k = 0; k < 3; k++) assert_true(is_as_given("frozen", k));
            real of[TINY_WIDTH];
            double most = 0;
            read_row("frozen", "wte.weight", "of", of);
            for (int d = 0; d < TINY_WIDTH; d++) most = fmax(most, fabs((double)of[d]));
            assert_true(most > 0.05);
        }
    }
}

static void test_words_that_the_text_lacks(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        config c = init_config(&variants[i]);
        c.keep_init_words = true;
        train_vectors(&c, "kept", TRAIN_OVERWRITE);
        assert_true(is_as_given("kept", 3) || variants[i].ngrams);
        train_vectors_until(&c, "kept_on", TRAIN_OVERWRITE, 2);
        train_vectors(&c, "kept_on", TRAIN_RESUME);
        assert_same_file("ckpt.safetensors", "kept", "kept_on");
        io_vectors v = vectors_of("kept");
        assert_int_equal(row_of(&v, "xyzzy"), v.n - 1);
        io_vectors_free(&v);
        c.keep_init_words = false;
        train_vectors(&c, "small", TRAIN_OVERWRITE);
        io_vectors small = vectors_of("small");
        assert_int_equal(row_of(&small, "xyzzy"), -1);
        io_vectors_free(&small);
    }
}

/* A vocabulary that grows by many words: hierarchical softmax has its tree for them. */
static void test_a_vocabulary_that_grows_by_many(void **state) {
    (void)state;
    FILE *f = fopen(folder_path("many.txt"), "w");
    assert_non_null(f);
    fprintf(f, "1000 2\nking 1 1\n");
    for (int i = 1; i < 1000; i++) fprintf(f, "new%d %d %d\n", i, i, -i);
    fclose(f);
    config c = vectors_config(&variants[2]);
    c.vector_size = 2;
    c.epochs = 1;
    c.keep_init_words = true;
    snprintf(c.init_wte, sizeof c.init_wte, "%s", folder_path("many.txt"));
    train_vectors(&c, "many", TRAIN_NEW);
    io_vectors v = vectors_of("many");
    for (int i = 1; i < 1000; i++) {
        const real *row = v.rows + 2 * (v.n - 1000 + i);
        assert_true(row[0] == (real)i && row[1] == (real)-i);
    }
    io_vectors_free(&v);
}

/* A word that comes with its vector is learned however rare it is in the text. */
static void test_a_rare_word_that_is_given(void **state) {
    (void)state;
    FILE *text = fopen(folder_path("rare.txt"), "w");
    assert_non_null(text);
    fputs("the king said xyzzy to paris\n", text);
    train_kingdom_write(text, 300, 1);
    fclose(text);
    config c = init_config(&variants[0]);
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path("rare.txt"));
    c.keep_init_words = true;
    train_vectors(&c, "rare", TRAIN_NEW);
    assert_false(is_as_given("rare", 3));
}

/* The vectors of a run are the rows of its words; of GloVe the sums of both matrices. */
static void test_the_vectors_that_a_run_gives(void **state) {
    (void)state;
    for (int i = 0; i < N_VARIANTS; i++) {
        if (variants[i].ngrams) continue;
        const config c = vectors_config(&variants[i]);
        train_vectors(&c, "read", TRAIN_OVERWRITE);
        io_vectors v = vectors_of("read");
        real row[TINY_WIDTH], context[TINY_WIDTH] = {0};
        read_row("read", "wte.weight", "king", row);
        if (variants[i].glove) read_row("read", "context.weight", "king", context);
        const real *king = v.rows + row_of(&v, "king") * TINY_WIDTH;
        assert_int_equal(v.width, TINY_WIDTH);
        assert_string_equal(v.names[0], "</s>");
        assert_null(v.subwords.rows);
        for (int d = 0; d < TINY_WIDTH; d++) assert_true(king[d] == row[d] + context[d]);
        embed_table table = embed_table_new(&v);
        real unit[TINY_WIDTH];
        assert_false(embed_unit_of(&table, "kings", unit));
        embed_table_free(&table);
        io_vectors_free(&v);
    }
}

/* The mean of the word's row and those of its n-grams; a word that was never seen has n-grams. */
static void test_the_vectors_of_n_grams(void **state) {
    (void)state;
    const config c = vectors_config(&variants[6]);
    train_vectors(&c, "n-grams", TRAIN_OVERWRITE);
    io_vectors v = vectors_of("n-grams");
    int32_t buckets[SAMPLER_MAX_NGRAMS];
    int64_t n = sampler_ngrams("king", c.min_n, c.max_n, c.bucket, buckets);
    real row[TINY_WIDTH], unit[TINY_WIDTH];
    read_row("n-grams", "wte.weight", "king", row);
    assert_int_equal(n, 4 + 3 + 2); /* of <king> */
    for (int d = 0; d < TINY_WIDTH; d++) {
        double mean = (double)row[d];
        for (int64_t k = 0; k < n; k++)
            mean += (double)v.subwords.rows[buckets[k] * TINY_WIDTH + d];
        mean /= (double)(n + 1);
        assert_true(fabs((double)v.rows[row_of(&v, "king") * TINY_WIDTH + d] - mean) < 1e-6);
    }
    embed_table table = embed_table_new(&v);
    assert_true(embed_unit_of(&table, "kingly", unit));
    double norm = 0;
    for (int d = 0; d < TINY_WIDTH; d++) norm += (double)unit[d] * (double)unit[d];
    assert_true(fabs(norm - 1) < 1e-5);
    embed_table_free(&table);
    io_vectors_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_of_a_file),
        cmocka_unit_test(test_vectors_move_on_from_there),
        cmocka_unit_test(test_vectors_of_a_run),
        cmocka_unit_test(test_frozen_vectors),
        cmocka_unit_test(test_words_that_the_text_lacks),
        cmocka_unit_test(test_a_vocabulary_that_grows_by_many),
        cmocka_unit_test(test_a_rare_word_that_is_given),
        cmocka_unit_test(test_the_vectors_that_a_run_gives),
        cmocka_unit_test(test_the_vectors_of_n_grams),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
