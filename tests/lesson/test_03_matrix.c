#include "lesson/03_matrix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "lesson_page.h"

/* The formula counts what nn_gpt has, whatever its parts. */
static void test_count_is_that_of_nn_gpt(void **state) {
    (void)state;
    nn_gpt_config c = {.vocab_size = 37, .block_size = 10, .n_layer = 3, .n_head = 2, .n_embd = 24};
    for (int choice = 0; choice < 4 * 4 * 2 * 2 * 2; choice++) {
        c.position = (nn_position)(choice % 4);
        c.activation = (nn_activation)(choice / 4 % 4);
        c.norm = (nn_norm_type)(choice / 16 % 2);
        c.bias = choice / 32 % 2;
        c.tie_weights = choice / 64;
        nn_gpt *m = nn_gpt_new(&c, false);
        assert_int_equal(matrix_count(&c, nn_mlp_hidden(c.n_embd, c.activation)),
                         nn_params_count(&m->params));
        nn_gpt_free(m);
    }
}

static void test_models_are_as_large_as_published(void **state) {
    (void)state;
    double last_share = 1, last_memory = 0;
    for (int i = 0; i < MATRIX_MODELS; i++) {
        const nn_gpt_config *c = &matrix_models[i].shape;
        int64_t parameters = matrix_count(c, matrix_models[i].hidden) + matrix_models[i].beside;
        assert_true(fabs((double)parameters / matrix_models[i].published - 1) < 0.01);
        matrix_size s = matrix_size_of(c, parameters);
        assert_int_equal(s.numbers, c->vocab_size * c->n_embd);
        assert_true(s.mib32 == 2 * s.mib16 && s.mib32 > last_memory);
        last_memory = s.mib32;
        /* Once a model is large its matrix is a small part of it. */
        assert_true(parameters < 1000000000 ? s.share > 0.2 : s.share < 0.03);
        if (parameters > 1000000000) assert_true(s.share < last_share);
        last_share = s.share;
    }
}

/* The numbers that are known by heart. */
static void test_gpt2(void **state) {
    (void)state;
    const matrix_model *gpt2 = &matrix_models[1];
    matrix_size s = matrix_size_of(&gpt2->shape, matrix_count(&gpt2->shape, gpt2->hidden));
    assert_int_equal(s.parameters, 124439808);
    assert_int_equal(s.numbers, 38597376);
    assert_int_equal(s.matrices, 1);
}

static void test_two_matrices_count_twice(void **state) {
    (void)state;
    const nn_gpt_config c = {.vocab_size = 10, .n_embd = 3};
    matrix_size s = matrix_size_of(&c, 120);
    assert_int_equal(s.matrices, 2);
    assert_true(s.share == 0.5);
}

static void test_lesson(void **state) {
    (void)state;
    tell_lesson(3);
    assert_told("124,439,808");
    assert_told("wte.weight (6, 4)");
    const char *first = strstr(page_told, "rows (3, 4)");
    assert_non_null(first);
    first = strstr(first, "1 cat ");
    assert_non_null(first);
    /* The same id is the same row. */
    const char *again = strstr(first + 1, "1 cat ");
    assert_non_null(again);
    assert_memory_equal(first, again, strcspn(first, "\n"));
    free(page_told);
}

static void test_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(3, 1, "500", &e));
    assert_true(lesson_check(3, 2, "Shrink", &e));
    assert_false(lesson_check(3, 1, "524", &e));
    assert_non_null(strstr(e.message, "1,048,576"));
    e = (err){0};
    assert_false(lesson_check(3, 2, "grow", &e));
}

static void test_a_run_that_is_none(void **state) {
    (void)state;
    assert_non_null(strstr(complaint(3, folder_path("absent"), NULL, NULL), "absent"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count_is_that_of_nn_gpt),
        cmocka_unit_test(test_models_are_as_large_as_published),
        cmocka_unit_test(test_gpt2),
        cmocka_unit_test(test_two_matrices_count_twice),
        cmocka_unit_test(test_lesson),
        cmocka_unit_test(test_exercises),
        cmocka_unit_test(test_a_run_that_is_none),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
