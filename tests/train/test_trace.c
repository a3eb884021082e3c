#include "train/trace.h"

#include "tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "autograd/ops.h"
#include "numbers.h"

/* Token 3 is read three times, 9 and 10 never, 9 not even told. */
static const int32_t ids[] = {3, 1, 3, 4, 0, 3, 2, 10};
enum { T = 7 };

static nn_gpt *new_model(bool tied) {
    nn_gpt_config c = tiny;
    c.tie_weights = tied;
    return tiny_model(&c, true, 1);
}

/* The gradients of training itself, dense, in the model's parameters. */
static double backward(nn_gpt *m) {
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_var *loss = nn_gpt_loss(m, t, ids, ids + 1, 1, T);
    ag_backward(t, loss, 1);
    double value = loss->value.data[0];
    ag_tape_free(t);
    ag_grad_densify(m->wte.weight);
    ag_grad_densify(m->head);
    return value;
}

static void test_the_sides_add_up_to_the_tied_gradient(void **state) {
    (void)state;
    nn_gpt *m = new_model(true);
    train_trace *tr = train_trace_new(m, ids, T);
    assert_true(tr->tied);
    assert_near(tr->loss, backward(m), 8 * EPSILON * tr->loss);
    const tensor *sum = &m->wte.weight->grad;
    double tolerance = 1e-6 * largest(sum);
    for (int64_t i = 0; i < tensor_numel(sum); i++)
        assert_near((double)tr->input[i] + (double)tr->output[i], sum->data[i], tolerance);
    train_trace_free(tr);
    nn_gpt_free(m);
}

static void test_the_sides_of_an_untied_model_are_its_gradients(void **state) {
    (void)state;
    nn_gpt *m = new_model(false);
    train_trace *tr = train_trace_new(m, ids, T);
    size_t bytes = tensor_bytes(&m->head->value);
    backward(m);
    assert_false(tr->tied);
    assert_memory_equal(tr->input, m->wte.weight->grad.data, bytes);
    assert_memory_equal(tr->output, m->head->grad.data, bytes);
    train_trace_free(tr);
    nn_gpt_free(m);
}

static void test_the_rows_read_and_no_others_have_an_input_side(void **state) {
    (void)state;
    static const int32_t read[] = {3, 1, 4, 0, 2};
    nn_gpt *m = new_model(true);
    train_trace *tr = train_trace_new(m, ids, T);
    assert_int_equal(tr->n_rows, COUNT(read));
    assert_memory_equal(tr->rows, read, sizeof read);
    for (int64_t v = 0; v < tr->V; v++) {
        train_trace_row row = train_trace_row_of(tr, v);
        assert_true((row.input > 0) == (v <= 4));
        assert_true(row.output > 0);
        assert_near(row.sum * row.sum,
                    row.input * row.input + row.output * row.output +
                        2 * row.cosine * row.input * row.output,
                    1e-12 + 1e-9 * row.sum * row.sum);
    }
    train_trace_free(tr);
    nn_gpt_free(m);
}

/* What each position sends, added up, is the gradient. */
static void test_the_positions_add_up_to_the_rows(void **state) {
    (void)state;
    nn_gpt *m = new_model(true);
    train_trace *tr = train_trace_new(m, ids, T);
    const tensor sides[] = {tensor_2d(tr->input, tr->V, tr->C),
                            tensor_2d(tr->output, tr->V, tr->C)};
    for (int64_t v = 0; v < tr->V; v++)
        for (int64_t c = 0; c < tr->C; c++) {
            double input = 0, output = 0;
            for (int64_t t = 0; t < T; t++) {
                if (ids[t] == v) input += (double)tr->sent[t * tr->C + c];
                output += train_trace_dlogit(tr, v, t) * (double)tr->hidden[t * tr->C + c];
            }
            assert_near(input, tr->input[v * tr->C + c], 16 * EPSILON * largest(&sides[0]));
            assert_near(output, tr->output[v * tr->C + c], 64 * EPSILON * largest(&sides[1]));
        }
    train_trace_free(tr);
    nn_gpt_free(m);
}

static void test_probabilities(void **state) {
    (void)state;
    nn_gpt *m = new_model(false);
    train_trace *tr = train_trace_new(m, ids, T);
    for (int64_t t = 0; t < T; t++) {
        double sum = 0, dlogits = 0;
        for (int64_t v = 0; v < tr->V; v++) {
            sum += train_trace_probability(tr, v, t);
            dlogits += train_trace_dlogit(tr, v, t);
        }
        assert_near(sum, 1, 100 * EPSILON);
        assert_near(dlogits, 0, 100 * EPSILON);
        assert_near(-log(train_trace_probability(tr, ids[t + 1], t)), tr->losses[t], 100 * EPSILON);
    }
    train_trace_free(tr);
    nn_gpt_free(m);
}

static double loss_with(nn_gpt *m, real *weight, real value) {
    real before = *weight;
    *weight = value;
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    const real *losses = ag_row_losses(nn_gpt_loss(m, t, ids, ids + 1, 1, T));
    double sum = 0;
    for (int i = 0; i < T; i++) sum += (double)losses[i];
    ag_tape_free(t);
    *weight = before;
    return sum / T;
}

/* With weights whose loss bends less: the error of a difference is of the third derivative. */
static nn_gpt *new_moderate_model(bool tied) {
    nn_gpt_config c = tiny;
    c.tie_weights = tied;
    c.init_std = 0.3;
    nn_gpt *m = nn_gpt_new(&c, true);
    nn_params_init(&m->params, rng_from_seed(1));
    return m;
}

/* The gradient of the tied matrix is what finite differences say. */
static void test_finite_differences(void **state) {
    (void)state;
    const bool is_double = sizeof(real) == sizeof(double);
    const real step = is_double ? (real)1e-5 : (real)1e-2;
    nn_gpt *m = new_moderate_model(true);
    train_trace *tr = train_trace_new(m, ids, T);
    for (int64_t i = 0; i < tr->V * tr->C; i += 3) {
        real *w = m->wte.weight->value.data + i, above = *w + step, below = *w - step;
        double numeric =
            (loss_with(m, w, above) - loss_with(m, w, below)) / (double)(above - below);
        double analytic = (double)tr->input[i] + (double)tr->output[i];
        assert_near(analytic, numeric, is_double ? 1e-6 * fmax(0.01, fabs(numeric)) : 5e-3);
    }
    train_trace_free(tr);
    nn_gpt_free(m);
}

/* How fast the loss falls along the gradient: by its squared norm. */
static void test_a_step_down_lowers_the_loss(void **state) {
    (void)state;
    for (int tied = 0; tied < 2; tied++) {
        nn_gpt *m = new_moderate_model(tied);
        train_trace *tr = train_trace_new(m, ids, T);
        const double rate = 1e-3, before = train_trace_loss_after(tr, m, 0);
        double fall = train_trace_loss_after(tr, m, -rate) - train_trace_loss_after(tr, m, rate);
        double squares = 0;
        for (int64_t v = 0; v < tr->V; v++) {
            const train_trace_row row = train_trace_row_of(tr, v);
            squares += tied ? row.sum * row.sum : row.input * row.input + row.output * row.output;
        }
        assert_near(before, tr->loss, 8 * EPSILON * tr->loss);
        assert_near(fall / (2 * rate), squares, 3e-3 * squares);
        train_trace_free(tr);
        nn_gpt_free(m);
    }
}

static void test_the_model_stays_as_it_is(void **state) {
    (void)state;
    nn_gpt *m = new_model(true), *same = new_model(true);
    train_trace_free(train_trace_new(m, ids, T));
    assert_memory_equal(m->params.value, same->params.value,
                        (size_t)m->params.numel * sizeof(real));
    for (int i = 0; i < m->params.n; i++) {
        assert_true(m->params.list[i]->var.needs_grad);
        assert_int_equal(m->params.list[i]->var.grad_state, AG_GRAD_EMPTY);
    }
    nn_gpt_free(m);
    nn_gpt_free(same);
}

/* A model that only runs, one with dropout, and other numbers of threads: the same bits. */
static void test_the_same_bits_however_it_is_run(void **state) {
    (void)state;
    nn_gpt_config with_dropout = tiny;
    with_dropout.dropout = 0.5;
    nn_gpt *models[] = {new_model(true), tiny_model(&tiny, false, 1),
                        tiny_model(&with_dropout, true, 1)};
    train_trace *first = train_trace_new(models[0], ids, T);
    size_t bytes = (size_t)(first->V * first->C) * sizeof(real);
    for (size_t i = 0; i < COUNT(models); i++) {
        thread_set_count(i == 2 ? 2 : 1);
        train_trace *tr = train_trace_new(models[i], ids, T);
        assert_true(tr->loss == first->loss);
        assert_memory_equal(tr->input, first->input, bytes);
        assert_memory_equal(tr->output, first->output, bytes);
        train_trace_free(tr);
    }
    thread_set_count(1);
    train_trace_free(first);
    for (size_t i = 0; i < COUNT(models); i++) nn_gpt_free(models[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sides_add_up_to_the_tied_gradient),
        cmocka_unit_test(test_the_sides_of_an_untied_model_are_its_gradients),
        cmocka_unit_test(test_the_rows_read_and_no_others_have_an_input_side),
        cmocka_unit_test(test_the_positions_add_up_to_the_rows),
        cmocka_unit_test(test_probabilities),
        cmocka_unit_test(test_finite_differences),
        cmocka_unit_test(test_a_step_down_lowers_the_loss),
        cmocka_unit_test(test_the_model_stays_as_it_is),
        cmocka_unit_test(test_the_same_bits_however_it_is_run),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
