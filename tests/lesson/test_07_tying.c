#include "lesson/07_tying.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"
#include "numbers.h"

static tying_text text;

static int set_up(void **state) {
    text = tying_text_new(60);
    return lesson_set_up(state);
}

static int tear_down(void **state) {
    tying_text_free(&text);
    return folder_remove(state);
}

static void test_the_sum_of_both_sides_is_what_training_computes(void **state) {
    (void)state;
    enum { T = 12 };
    int32_t ids[T + 1];
    tying_run run = tying_train(&text, 1, true, 5, NULL);
    train_tokens_copy(&text.held_out.tokens, 0, T + 1, ids);
    train_trace *tr = train_trace_new(run.model, ids, T);
    tying_gradient g = tying_compare(run.model, tr);
    assert_true(g.apart <= 1e-6);
    assert_true(g.input > 0 && g.output > 0);
    assert_near(g.sum * g.sum,
                g.input * g.input + g.output * g.output + 2 * g.cosine * g.input * g.output,
                1e-9 * g.sum * g.sum);
    assert_int_equal(run.model->wte.weight->grad_state, AG_GRAD_EMPTY);
    train_trace_free(tr);
    tying_run_free(&run);
}

static void test_one_matrix_is_saved(void **state) {
    (void)state;
    tying_run tied = tying_train(&text, 1, true, 1, NULL),
              untied = tying_train(&text, 1, false, 1, NULL);
    const tensor *wte = &tied.model->wte.weight->value;
    assert_int_equal(untied.n_parameters - tied.n_parameters, tensor_numel(wte));
    assert_int_equal(tying_gpt2_parameters(true), 124439808);
    assert_int_equal(tying_gpt2_parameters(false) - tying_gpt2_parameters(true), 50257 * 768);
    tying_run_free(&tied);
    tying_run_free(&untied);
}

static void test_training_is_the_same_each_time_and_learns(void **state) {
    (void)state;
    enum { STEPS = 20 };
    tying_run a = tying_train(&text, 1, true, STEPS, NULL),
              b = tying_train(&text, 1, true, STEPS, NULL);
    assert_memory_equal(a.losses, b.losses, STEPS * sizeof *a.losses);
    assert_true(a.train_loss < a.losses[0] - 0.5);
    assert_true(a.held_out_loss == b.held_out_loss);
    tying_run_free(&a);
    tying_run_free(&b);
}

/* The second matrix learns a little text by heart. */
static void test_tying_helps_with_little_text(void **state) {
    (void)state;
    tying_text all = tying_text_new(400);
    tying_run tied = tying_train(&all, 0.05, true, 80, NULL);
    tying_run untied = tying_train(&all, 0.05, false, 80, NULL);
    assert_true(untied.train_loss < tied.train_loss);
    assert_true(tied.held_out_loss < untied.held_out_loss);
    tying_run_free(&tied);
    tying_run_free(&untied);
    tying_text_free(&all);
}

static void test_the_lesson(void **state) {
    (void)state;
    err e = {0};
    lesson_room room = room_open();
    tying_tell(&room, &(tying_plan){.n_sentences = 60, .n_steps = 2, .share = 0.5});
    room_close(&room);
    assert_told("124439808");
    assert_told("What to see");
    free(page_told);
    assert_true(lesson_check(7, 1, "131.1", &e));
    assert_false(lesson_check(7, 1, "262", &e));
    e = (err){0};
    assert_true(lesson_check(7, 2, "yes", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sum_of_both_sides_is_what_training_computes),
        cmocka_unit_test(test_one_matrix_is_saved),
        cmocka_unit_test(test_training_is_the_same_each_time_and_learns),
        cmocka_unit_test(test_tying_helps_with_little_text),
        cmocka_unit_test(test_the_lesson),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
