#include "train/glove.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

static const glove_settings tiny = {3, 2, 2, .x_max = 10, .alpha = 0.75, .learning_rate = 0.05};

/* Parameters in the order of registration: both matrices, both columns of biases. */
static void set_numbers(glove *m) {
    static const double w[] = {9, 9, 0.5, -0.25, 0.1, 0.2}, w_context[] = {9, 9, 1, 2, -0.5, 0.3};
    static const double b[] = {9, 0.1, -0.2}, b_context[] = {9, 0.3, 0.05};
    for (int i = 0; i < 6; i++) {
        m->w->value.data[i] = (real)w[i];
        m->w_context->value.data[i] = (real)w_context[i];
    }
    for (int i = 0; i < 3; i++) {
        m->b->value.data[i] = (real)b[i];
        m->b_context->value.data[i] = (real)b_context[i];
    }
}

static void assert_row(const ag_var *v, int64_t row, double x, double y) {
    const double expected[] = {x, y};
    for (int64_t c = 0; c < v->value.shape[1]; c++)
        assert_near(v->value.data[row * v->value.shape[1] + c], expected[c], 8 * EPSILON);
}

/* The record (1, 2, 5) by glove.c's formula: error and f as below, the loss f / 2 error^2. With
 * s = 0.05 f error each number of a row loses s times its partner, each bias s, divided by the root
 * of 1; the square of that is added to the 1. */
static void assert_one_update(const glove *m, const optim *o, double loss) {
    const double error = -0.25 - 0.075 + 0.15 - log(5), f = pow(0.5, 0.75), s = 0.05 * f * error;
    assert_near(error, -1.7844379124341003, 1e-15);
    assert_near(loss, 0.9466738725397676, 4 * EPSILON);
    assert_row(m->w, 1, 0.5 - s * -0.5, -0.25 - s * 0.3);
    assert_row(m->w_context, 2, -0.5 - s * 0.5, 0.3 - s * -0.25);
    assert_row(m->w, 1, 0.4734741717281596, -0.23408450303689574);
    assert_row(m->b, 1, 0.1 - s, 0);
    assert_row(m->b_context, 2, 0.05 - s, 0);
    assert_row(m->w, 2, 0.1, 0.2); /* what the record does not name stays */
    assert_row(m->w_context, 1, 1, 2);
    assert_row(m->b, 2, -0.2, 0);
    assert_near(o->exp_avg_sq[2], 1 + s * s * 0.25, 2 * EPSILON);
    assert_near(o->exp_avg_sq[4], 1, 0); /* of the row that stays */
}

static void test_one_update_by_hand(void **state) {
    (void)state;
    static const ag_cooccurrence record = {1, 2, 5};
    for (int hogwild = 0; hogwild < 2; hogwild++) {
        glove *m = glove_new(&tiny, true);
        optim *o = glove_optim(m);
        ag_tape *t = ag_tape_new(AG_RELEASE);
        set_numbers(m);
        double loss = hogwild ? glove_hogwild(m, o, &record, 1) : glove_step(m, t, o, &record, 1);
        assert_one_update(m, o, loss);
        ag_tape_free(t);
        optim_free(o);
        glove_free(m);
    }
}

/* f is 1 from x_max on: the losses of x = 10 and 12 are plain halves of squares. */
static void test_the_weight_above_x_max(void **state) {
    (void)state;
    static const ag_cooccurrence records[] = {{1, 2, 10}, {2, 1, 12}};
    const double errors[] = {-0.175 - log(10), 0.1 + 0.4 - 0.2 + 0.3 - log(12)};
    glove *m = glove_new(&tiny, true);
    optim *o = glove_optim(m);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    set_numbers(m);
    assert_near(glove_step(m, t, o, records, 2),
                0.5 * errors[0] * errors[0] + 0.5 * errors[1] * errors[1], 16 * EPSILON);
    ag_tape_free(t);
    optim_free(o);
    glove_free(m);
}

/* Two records that share no row are two updates; the sums of squares count the second time. */
static void test_a_batch_by_hand(void **state) {
    (void)state;
    static const ag_cooccurrence records[] = {{1, 2, 5}, {2, 1, 40}};
    glove *batch = glove_new(&tiny, true), *single = glove_new(&tiny, false);
    optim *o = glove_optim(batch), *o_single = glove_optim(single);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    set_numbers(batch);
    set_numbers(single);
    for (int i = 0; i < 3; i++) {
        double loss = glove_step(batch, t, o, records, 2);
        assert_near(loss, glove_hogwild(single, o_single, records, 2), 32 * EPSILON);
    }
    for (int64_t i = 0; i < batch->params.numel; i++)
        assert_near(batch->params.value[i], single->params.value[i], 8 * EPSILON);
    ag_tape_free(t);
    optim_free(o);
    optim_free(o_single);
    glove_free(batch);
    glove_free(single);
}

static void test_initial_numbers(void **state) {
    (void)state;
    const glove_settings padded = {500, 9, 16, 10, 0.75, 0.05};
    glove *m = glove_new(&padded, false);
    glove_init(m, rng_from_seed(1));
    double most = 0;
    for (int64_t i = 0; i < 500 * 16; i++) {
        double x = fabs((double)m->w->value.data[i]);
        assert_true(i % 16 < 9 ? x > 0 : x == 0);
        most = fmax(most, x);
    }
    assert_near(most, 0.05, 1e-4);
    assert_near(largest(&m->b->value), 0.05, 1e-3);
    assert_string_equal(m->w->name, "wte.weight");
    assert_string_equal(m->w_context->name, "context.weight");
    assert_string_equal(m->b->name, "wte.bias");
    assert_string_equal(m->b_context->name, "context.bias");
    glove_free(m);
}

enum { N_RECORDS = 6000, BATCH = 500 };
static const glove_settings small = {200, 20, 32, 10, 0.75, 0.05};

/* Counts of words whose vectors are on a circle: some structure to be found. Returns new (free with
 * free). */
static ag_cooccurrence *some_records(void) {
    ag_cooccurrence *records = mem_new(N_RECORDS, sizeof *records);
    rng_stream s = {.key = rng_from_seed(3)};
    for (int r = 0; r < N_RECORDS; r++) {
        int32_t i = 1 + (int32_t)rng_next_below(&s, 199), j = 1 + (int32_t)rng_next_below(&s, 199);
        records[r] = (ag_cooccurrence){i, j, exp(2 + 2 * cos(0.0314 * (i - j)))};
    }
    return records;
}

/* Returns a new model (free with glove_free) after ten epochs; its losses in sums[0..10). */
static glove *trained(int n_threads, bool hogwild, double *sums) {
    thread_set_count(n_threads);
    ag_cooccurrence *records = some_records();
    glove *m = glove_new(&small, !hogwild);
    glove_init(m, rng_from_seed(1));
    optim *o = glove_optim(m);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    for (int epoch = 0; epoch < 10; epoch++) {
        sums[epoch] = 0;
        for (int r = 0; r < N_RECORDS; r += BATCH)
            sums[epoch] += hogwild ? glove_hogwild(m, o, records + r, BATCH)
                                   : glove_step(m, t, o, records + r, BATCH);
    }
    ag_tape_free(t);
    optim_free(o);
    free(records);
    return m;
}

static void test_the_loss_falls(void **state) {
    (void)state;
    for (int hogwild = 0; hogwild < 2; hogwild++) {
        double sums[10];
        glove *m = trained(1, hogwild, sums);
        for (int epoch = 1; epoch < 10; epoch++) assert_true(sums[epoch] < sums[epoch - 1]);
        assert_true(sums[9] < 0.2 * sums[0]);
        for (int64_t i = 0; i < small.n_words * small.width; i++)
            if (i % small.width >= small.dim)
                assert_true(m->w->value.data[i] == 0 && m->w_context->value.data[i] == 0);
        glove_free(m);
    }
}

static void test_the_same_bits_at_any_thread_count(void **state) {
    (void)state;
    double one_sums[10], two_sums[10];
    glove *one = trained(1, false, one_sums), *two = trained(2, false, two_sums);
    assert_memory_equal(one_sums, two_sums, sizeof one_sums);
    assert_memory_equal(one->params.value, two->params.value,
                        (size_t)one->params.numel * sizeof(real));
    glove_free(one);
    glove_free(two);
}

/* The gradients of both matrices and both columns hold the rows of the batch, no others. */
static void test_gradients_are_rows(void **state) {
    (void)state;
    static const ag_cooccurrence records[] = {{1, 2, 5}, {1, 0, 40}};
    glove *m = glove_new(&tiny, true);
    optim *o = glove_optim(m);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    set_numbers(m);
    glove_step(m, t, o, records, 2);
    for (int i = 0; i < m->params.n; i++) {
        const ag_var *v = &m->params.list[i]->var;
        bool context = v == m->w_context || v == m->b_context;
        assert_int_equal(v->grad_state, AG_GRAD_ROWS);
        assert_int_equal(v->rows.n, context ? 2 : 1);
        assert_int_equal(v->rows.rows[0], context ? 2 : 1);
    }
    size_t allocations = mem_allocations();
    for (int i = 0; i < 5; i++) glove_step(m, t, o, records, 2);
    assert_int_equal(mem_allocations(), allocations);
    ag_tape_free(t);
    optim_free(o);
    glove_free(m);
}

static void step_on(const ag_cooccurrence *record) {
    glove *m = glove_new(&tiny, true);
    glove_step(m, ag_tape_new(AG_RELEASE), glove_optim(m), record, 1);
}
static void unknown_word(void) {
    step_on(&(ag_cooccurrence){1, 3, 1});
}
static void nothing_counted(void) {
    step_on(&(ag_cooccurrence){1, 2, 0});
}
static void one_matrix_twice(void) {
    glove *m = glove_new(&tiny, true);
    ag_glove(ag_tape_new(AG_RELEASE), m->w, m->w, m->b, m->b_context, &(ag_cooccurrences){0});
}
static void matrix_as_bias(void) {
    glove *m = glove_new(&tiny, true);
    ag_glove(ag_tape_new(AG_RELEASE), m->w, m->w_context, m->b, m->w_context,
             &(ag_cooccurrences){0});
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(unknown_word, "glove: record 0 is (1, 3, 1) beside 3 rows");
    assert_bug(nothing_counted, "glove: record 0 is (1, 2, 0)");
    assert_bug(one_matrix_twice, "glove: one variable for both sides");
    assert_bug(matrix_as_bias, "glove: input 3 has shape (3, 2) beside 3 rows of 2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_update_by_hand),
        cmocka_unit_test(test_the_weight_above_x_max),
        cmocka_unit_test(test_a_batch_by_hand),
        cmocka_unit_test(test_initial_numbers),
        cmocka_unit_test(test_the_loss_falls),
        cmocka_unit_test(test_the_same_bits_at_any_thread_count),
        cmocka_unit_test(test_gradients_are_rows),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
