/* Watching a run: that it changes nothing, that its files are the same however a run is carried on,
 * and that their numbers are those of the run. */
#include "train/watch.h"

#include "base/mem.h"
#include "embed/isotropy.h"
#include "train/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny_vectors.h"

static const char words[] = "king, queen, man, woman, paris";

static void watch(config *c, const char *list) {
    snprintf(c->watch, sizeof c->watch, "%s", list);
}

static config gpt_config(const char *list) {
    config c = tiny_config();
    snprintf(c.tokenizer, sizeof c.tokenizer, "word");
    c.min_count = 5;
    c.batch_size = 2;
    c.gradient_accumulation_steps = c.eval_iters = 1;
    watch(&c, list);
    return c;
}

/* Rows as they are, put together from n-grams, and the sums of two matrices. */
static const variant kinds[] = {
    {"words", .negative = 2},
    {"n-grams", .cbow = true, .ngrams = true, .negative = 2},
    {"glove", .glove = true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static config word_config(int i, const char *list) {
    config c = vectors_config(&kinds[i]);
    watch(&c, list);
    return c;
}

static io_csv_table table_of(const char *run) {
    io_csv_table t;
    err e = {0};
    if (!io_csv_read(&t, tiny_path(run, "watch.csv"), &e)) fail_msg("%s", e.message);
    return t;
}

/* The text of its neighbours.csv; to be freed. */
static char *neighbours_of(const char *run) {
    err e = {0};
    file_map map;
    assert_true(file_open_map(&map, tiny_path(run, "neighbours.csv"), &e));
    char *text = mem_copy_string(map.data, map.size);
    file_close_map(&map);
    return text;
}

/* Row r of a column. */
static double cell(const io_csv_table *t, const char *column, size_t r) {
    const double *values = io_csv_column(t, column);
    if (!values) fail_msg("no column %s", column);
    return values[r];
}

static double last(const io_csv_table *t, const char *column) {
    return cell(t, column, t->n_rows - 1);
}

static void assert_close(const char *what, double x, double expected) {
    if (!(fabs(x - expected) <= 1e-6 * (1 + fabs(expected))))
        fail_msg("%s: %.9g, expected %.9g", what, x, expected);
}

static void assert_same_watch(const char *run, const char *other) {
    assert_same_file("watch.csv", run, other);
    assert_same_file("neighbours.csv", run, other);
}

/* The runs that nothing disturbed: a GPT, and of each kind of word vectors one, named by it. */
static int train_whole(void **state) {
    if (vectors_set_up(state) != 0) return -1;
    config c = gpt_config(words);
    train_vectors(&c, "gpt", TRAIN_NEW);
    for (int i = 0; i < KINDS; i++) {
        c = word_config(i, words);
        train_vectors(&c, kinds[i].name, TRAIN_NEW);
    }
    return 0;
}

static void test_training_is_not_disturbed(void **state) {
    (void)state;
    config c = gpt_config("");
    train_vectors(&c, "unwatched", TRAIN_NEW);
    assert_same_file("ckpt.safetensors", "unwatched", "gpt");
    assert_same_log("unwatched", "gpt");
    assert_false(file_exists(tiny_path("unwatched", "watch.csv")));
    c = word_config(0, "");
    train_vectors(&c, "unwatched", TRAIN_OVERWRITE);
    assert_same_file("ckpt.safetensors", "unwatched", kinds[0].name);
}

static void test_the_same_rows_at_any_thread_count(void **state) {
    (void)state;
    thread_set_count(3);
    config c = gpt_config(words);
    train_vectors(&c, "threads", TRAIN_OVERWRITE);
    assert_same_watch("threads", "gpt");
    for (int i = 0; i < KINDS; i++) {
        c = word_config(i, words);
        train_vectors(&c, "threads", TRAIN_OVERWRITE);
        assert_same_watch("threads", kinds[i].name);
    }
    thread_set_count(1);
}

static void append(const char *run, const char *name, const char *text) {
    FILE *f = fopen(tiny_path(run, name), "a");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* Stopped right after an evaluation, and elsewhere; rows behind the checkpoint are those of a run
 * that was killed. */
static void test_resumed_is_uninterrupted(void **state) {
    (void)state;
    config c = gpt_config(words);
    train_vectors_until(&c, "stopped", TRAIN_OVERWRITE, 10);
    append("stopped", "neighbours.csv", "20,king,1,queen,0.5\n20,king,2,\"pa");
    train_vectors_until(&c, "stopped", TRAIN_RESUME, 19);
    train_vectors(&c, "stopped", TRAIN_RESUME);
    assert_same_watch("stopped", "gpt");
    for (int i = 0; i < KINDS; i++) {
        c = word_config(i, words);
        train_vectors_until(&c, "stopped", TRAIN_OVERWRITE, 2);
        train_vectors(&c, "stopped", TRAIN_RESUME);
        assert_same_watch("stopped", kinds[i].name);
    }
}

/* The beginning is drawn again, with what was put over it. */
static void test_resumed_from_given_vectors(void **state) {
    (void)state;
    config c = gpt_config(words);
    c.n_embd = TINY_WIDTH;
    snprintf(c.init_wte, sizeof c.init_wte, "%s", folder_path("words"));
    train_vectors(&c, "given", TRAIN_NEW);
    train_vectors_until(&c, "given_stopped", TRAIN_NEW, 15);
    train_vectors(&c, "given_stopped", TRAIN_RESUME);
    assert_same_watch("given_stopped", "given");
    c = word_config(0, words);
    snprintf(c.init_wte, sizeof c.init_wte, "%s", folder_path("glove"));
    train_vectors(&c, "given", TRAIN_OVERWRITE);
    train_vectors_until(&c, "given_stopped", TRAIN_OVERWRITE, 2);
    train_vectors(&c, "given_stopped", TRAIN_RESUME);
    assert_same_watch("given_stopped", "given");
}

static void test_rows_of_a_gpt(void **state) {
    (void)state;
    static const char *const layers[] = {"wte", "wpe", "h.0", "h.1", "ln_f"};
    err e = {0};
    io_csv_table t = table_of("gpt"), log;
    assert_true(io_csv_read(&log, tiny_path("gpt", "log.csv"), &e));
    assert_int_equal(t.n_rows, 4);
    double squares = 0;
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        char column[32];
        snprintf(column, sizeof column, "grad:%s", layers[i]);
        assert_true(isnan(cell(&t, column, 0)));
        squares += last(&t, column) * last(&t, column);
        snprintf(column, sizeof column, "update:%s", layers[i]);
        assert_true(isnan(cell(&t, column, 0)));
        for (size_t r = 1; r < t.n_rows; r++)
            assert_true(cell(&t, column, r) > 0 && cell(&t, column, r) < 0.2);
    }
    assert_close("gradients", sqrt(squares), last(&log, "grad_norm"));
    assert_true(cell(&t, "drift", 0) == 0);
    for (size_t r = 0; r < t.n_rows; r++) {
        assert_true(cell(&t, "step", r) == 10.0 * (double)r);
        if (r) assert_true(cell(&t, "drift", r) > cell(&t, "drift", r - 1));
    }
    assert_null(io_csv_column(&t, "norm:lm_head"));
    io_csv_table_free(&t);
    io_csv_table_free(&log);
}

static void test_norms_are_those_of_the_checkpoint(void **state) {
    (void)state;
    err e = {0};
    train_run run;
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path("gpt"));
    assert_true(train_run_open(&run, path, true, &e));
    io_csv_table t = table_of("gpt");
    double squares = 0;
    for (int i = 0; i < run.model->params.n; i++) {
        const nn_param *p = run.model->params.list[i];
        if (strncmp(p->name, "h.1.", 4) == 0)
            squares += tensor_sum_squares(p->var.value.data, tensor_numel(&p->var.value));
    }
    const tensor *wte = &run.model->wte.weight->value;
    assert_close("h.1", last(&t, "norm:h.1"), sqrt(squares));
    assert_close("wte", last(&t, "norm:wte"),
                 sqrt(tensor_sum_squares(wte->data, tensor_numel(wte))));
    io_csv_table_free(&t);
    train_run_close(&run);
}

/* Plain SGD moves by the rate times the gradient, and a frozen matrix not at all. */
static void test_the_size_of_an_update(void **state) {
    (void)state;
    config c = gpt_config("layers");
    c.optimizer = OPTIM_SGD;
    c.lr_schedule = OPTIM_CONSTANT;
    c.momentum = c.weight_decay = c.grad_clip = 0;
    c.learning_rate = 0.25;
    c.warmup_iters = 0;
    c.freeze_wte = true;
    c.tie_weights = false;
    train_vectors(&c, "sgd", TRAIN_NEW);
    assert_false(file_exists(tiny_path("sgd", "neighbours.csv")));
    io_csv_table t = table_of("sgd");
    for (size_t r = 1; r < t.n_rows; r++) {
        double moved = cell(&t, "update:h.0", r) * cell(&t, "norm:h.0", r);
        double expected = 0.25 * cell(&t, "grad:h.0", r);
        if (!(fabs(moved / expected - 1) < 1e-3)) fail_msg("%g, expected %g", moved, expected);
        assert_true(cell(&t, "grad:lm_head", r) > 0);
        assert_true(cell(&t, "update:wte", r) == 0);
        assert_true(cell(&t, "drift", r) == 0);
        assert_true(cell(&t, "isotropy", r) == cell(&t, "isotropy", 0));
    }
    for (size_t i = 0; i < t.n_columns; i++) {
        assert_null(strstr(t.names[i], "cosine:"));
        assert_null(strstr(t.names[i], "rank:"));
    }
    io_csv_table_free(&t);
}

/* After the first step the matrix has drifted by that step. */
static void test_the_first_drift_is_an_update(void **state) {
    (void)state;
    config c = gpt_config("king");
    c.max_iters = c.eval_interval = 1;
    train_vectors(&c, "one", TRAIN_NEW);
    io_csv_table t = table_of("one");
    double moved = cell(&t, "update:wte", 1) * cell(&t, "norm:wte", 1);
    assert_true(moved > 0);
    assert_close("drift", cell(&t, "drift", 1), moved / cell(&t, "norm:wte", 0));
    io_csv_table_free(&t);
}

/* a - c + d = b, by hand. */
static void assert_score(const embed_table *t, const watch_analogy *q, double score) {
    const real *u = t->units;
    double dot = 0, squares = 0;
    for (int64_t i = 0; i < t->width; i++) {
        double x = (double)u[q->a * t->width + i] - (double)u[q->c * t->width + i] +
                   (double)u[q->d * t->width + i];
        dot += x * (double)u[q->b * t->width + i];
        squares += x * x;
    }
    assert_close("a - c + d", score, dot / sqrt(squares));
}

static void assert_last_neighbours(const char *run, const embed_table *table) {
    char *text = neighbours_of(run), expected[256];
    int64_t king = embed_find(table, "king");
    embed_neighbour near[WATCH_NEIGHBOURS];
    embed_nearest(table, table->units + king * table->width, &king, 1, 0, WATCH_NEIGHBOURS, near);
    for (int i = 0; i < WATCH_NEIGHBOURS; i++) {
        snprintf(expected, sizeof expected, "\n%d,king,%d,%s,%.9g\n", TINY_EPOCHS, i + 1,
                 table->vectors->names[near[i].row], near[i].score);
        if (!strstr(text, expected)) fail_msg("%s: not there: %s", run, expected);
    }
    free(text);
}

/* The last row is that of the vectors that readers get. */
static void test_rows_of_word_vectors(void **state) {
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        io_csv_table t = table_of(kinds[i].name);
        io_vectors v = vectors_of(kinds[i].name);
        embed_table table = embed_table_new(&v);
        assert_int_equal(t.n_rows, TINY_EPOCHS + 1);
        assert_true(cell(&t, "step", 0) == 0 && cell(&t, "drift", 0) == 0);
        assert_null(io_csv_column(&t, "update:wte"));
        assert_true(last(&t, "norm:wte") > cell(&t, "norm:wte", 0));
        int64_t king = embed_find(&table, "king"), paris = embed_find(&table, "paris");
        assert_close("cosine", last(&t, "cosine:king~paris"), embed_cosine(&table, king, paris));
        assert_close("isotropy", last(&t, "isotropy"), embed_isotropy(&table));
        watch_analogy q = {king, embed_find(&table, "queen"), embed_find(&table, "man"),
                           embed_find(&table, "woman")};
        double score;
        int64_t rank = watch_words_rank(&table, &q, &score);
        assert_true(last(&t, "rank:king-man+woman=queen") == (double)rank);
        assert_score(&table, &q, score);
        assert_close("score", last(&t, "score:king-man+woman=queen"), score);
        assert_last_neighbours(kinds[i].name, &table);
        embed_table_free(&table);
        io_vectors_free(&v);
        io_csv_table_free(&t);
    }
}

static void assert_refused(const config *c, const char *run, train_start start,
                           const char *message) {
    err e = {0};
    witness w = {0};
    assert_false(tiny_train(c, run, start, &w, &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_int_equal(w.last_step, 0);
    if (!strstr(e.message, message)) fail_msg("said: %s\n  expected: %s", e.message, message);
}

static void test_words_that_are_not_there(void **state) {
    (void)state;
    config c = gpt_config("king, quuen");
    assert_refused(&c, "refused", TRAIN_NEW, "watch: 'quuen' is not in the vocabulary of ");
    assert_refused(&c, "refused", TRAIN_NEW, "refused (did you mean 'queen'?)");
    c = word_config(0, "king,, quuen");
    assert_refused(&c, "refused", TRAIN_NEW, "(did you mean 'queen'?)");
    c = tiny_config(); /* characters */
    watch(&c, "king");
    assert_refused(&c, "refused", TRAIN_NEW, "watch: 'king' is 4 tokens of ");
    watch(&c, "a,b,c,d,e,f,g,h,i,k,l,m,n,o,p,r,s");
    assert_refused(&c, "refused", TRAIN_NEW, "watch: more than 16 words");
}

/* A mistyped word costs nobody the run that was to be overwritten. */
static void test_a_refusal_spares_the_run_that_is_there(void **state) {
    (void)state;
    config all[] = {gpt_config("king"), word_config(0, "king")};
    for (int i = 0; i < 2; i++) {
        err e = {0};
        witness w = {0};
        config c = all[i];
        if (!tiny_train(&c, "spared", TRAIN_OVERWRITE, &w, &e)) fail_msg("%s", e.message);
        watch(&c, "kign");
        assert_refused(&c, "spared", TRAIN_OVERWRITE, "watch: 'kign'");
        assert_true(file_exists(folder_path("spared/ckpt.safetensors")));
        assert_true(file_exists(folder_path("spared/watch.csv")));
    }
}

/* Told before what is wrong. */
static void test_a_token_behind_a_blank_is_another(void **state) {
    (void)state;
    err e = {0};
    witness w = {0};
    config c = gpt_config("a, zebra");
    snprintf(c.tokenizer, sizeof c.tokenizer, "bpe");
    c.vocab_size = 300;
    assert_false(tiny_train(&c, "blank", TRAIN_NEW, &w, &e));
    assert_non_null(strstr(w.warning, "watch: 'a' is a token, and '\u2581a', behind a blank"));
}

static void test_a_run_keeps_its_words(void **state) {
    (void)state;
    config c = gpt_config("king, queen");
    train_vectors_until(&c, "kept", TRAIN_NEW, 10);
    watch(&c, "king, woman");
    assert_refused(&c, "kept", TRAIN_RESUME, "kept/watch.csv: other words were watched");
    watch(&c, ""); /* may be left, and taken up again */
    train_vectors_until(&c, "kept", TRAIN_RESUME, 20);
    watch(&c, " King ,queen");
    train_vectors(&c, "kept", TRAIN_RESUME);
    io_csv_table t = table_of("kept");
    assert_int_equal(t.n_rows, 3);
    assert_true(last(&t, "step") == 30);
    io_csv_table_free(&t);
    append("kept", "neighbours.csv", "30,a sign,1,\"of this, file\",0.5\n");
    assert_int_equal(remove(tiny_path("kept", "watch.csv")), 0);
    watch(&c, "king, woman"); /* others, once the table is away; neighbours are of any words */
    c.max_iters = 40;
    train_vectors(&c, "kept", TRAIN_RESUME);
    t = table_of("kept");
    assert_int_equal(t.n_rows, 1);
    io_csv_table_free(&t);
    char *neighbours = neighbours_of("kept");
    assert_non_null(strstr(neighbours, "\n30,a sign,"));
    assert_non_null(strstr(neighbours, "\n40,woman,1,"));
    free(neighbours);
    watch(&c, "");
    train_vectors(&c, "kept", TRAIN_OVERWRITE);
    assert_false(file_exists(tiny_path("kept", "watch.csv")));
    assert_false(file_exists(tiny_path("kept", "neighbours.csv")));
}

static size_t allocations[64];

static void count_allocations(int64_t step, const config *c) {
    (void)c;
    allocations[step] = mem_allocations();
}

static void test_steps_do_not_allocate(void **state) {
    (void)state;
    err e = {0};
    config c = gpt_config(words);
    witness w = {.at_step = count_allocations};
    assert_true(tiny_train(&c, "heap", TRAIN_NEW, &w, &e));
    for (int64_t step = 3; step <= c.max_iters; step++)
        if (step % c.eval_interval != 1) assert_int_equal(allocations[step], allocations[step - 1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_training_is_not_disturbed),
        cmocka_unit_test(test_the_same_rows_at_any_thread_count),
        cmocka_unit_test(test_resumed_is_uninterrupted),
        cmocka_unit_test(test_resumed_from_given_vectors),
        cmocka_unit_test(test_rows_of_a_gpt),
        cmocka_unit_test(test_norms_are_those_of_the_checkpoint),
        cmocka_unit_test(test_the_size_of_an_update),
        cmocka_unit_test(test_the_first_drift_is_an_update),
        cmocka_unit_test(test_rows_of_word_vectors),
        cmocka_unit_test(test_words_that_are_not_there),
        cmocka_unit_test(test_a_refusal_spares_the_run_that_is_there),
        cmocka_unit_test(test_a_token_behind_a_blank_is_another),
        cmocka_unit_test(test_a_run_keeps_its_words),
        cmocka_unit_test(test_steps_do_not_allocate),
    };
    return cmocka_run_group_tests(tests, train_whole, tree_remove);
}
