/* Attention by steps is ag_attention, and what lesson 9 says of it holds. */
#include "lesson/09_attention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"

#include <math.h>

static const char text[] = "the cat sees milk and kitten drinks milk";

/* Rows sum to 1, nothing looks ahead. */
static void assert_shares(const ag_var *weights) {
    int64_t T = weights->value.shape[1];
    for (int64_t t = 0; t < T; t++) {
        double sum = 0;
        for (int64_t s = 0; s < T; s++) {
            double weight = attention_weight(weights, t, s);
            assert_true(s > t ? weight == 0 : weight > 0);
            sum += weight;
        }
        assert_true(fabs(sum - 1) < 1e-6);
    }
}

static void test_steps_are_the_op(void **state) {
    (void)state;
    err e = {0};
    attention_sentence s;
    assert_true(attention_sentence_make(&s, text, &e));
    assert_int_equal(s.n, 8);
    assert_true(s.error < 1e-6);
    assert_shares(s.alike.weights);
    assert_shares(s.doers.weights);
    attention_sentence_free(&s);
}

static void test_what_is_more_alike_gets_more(void **state) {
    (void)state;
    err e = {0};
    attention_sentence s;
    assert_true(attention_sentence_make(&s, text, &e));
    const real *scores = s.alike.scores->value.data;
    for (int t = 0; t < s.n; t++)
        for (int a = 0; a <= t; a++)
            for (int b = 0; b <= t; b++)
                if (scores[t * s.n + a] > scores[t * s.n + b])
                    assert_true(attention_weight(s.alike.weights, t, a) >
                                attention_weight(s.alike.weights, t, b));
    /* kitten: cat before all others; milk: milk. */
    assert_true(attention_weight(s.alike.weights, 5, 1) >
                2 * attention_weight(s.alike.weights, 5, 2));
    assert_true(attention_weight(s.alike.weights, 7, 3) >
                2 * attention_weight(s.alike.weights, 7, 6));
    attention_sentence_free(&s);
}

static void test_verbs_look_for_who_does_it(void **state) {
    (void)state;
    err e = {0};
    attention_sentence s;
    assert_true(attention_sentence_make(&s, text, &e));
    for (int i = 0; i < 7; i++)
        if (i != 1 && i != 5)
            assert_true(attention_weight(s.doers.weights, 6, 5) >
                        5 * attention_weight(s.doers.weights, 6, i));
    attention_sentence_free(&s);
}

static void test_heads_of_a_gpt(void **state) {
    (void)state;
    static const int32_t ids[] = {3, 1, 4, 1, 5, 9, 2, 6};
    for (int position = NN_POSITION_LEARNED; position <= NN_POSITION_NONE; position++) {
        const nn_gpt_config c = {.vocab_size = 10,
                                 .block_size = 8,
                                 .n_layer = 2,
                                 .n_head = 3,
                                 .n_embd = 24,
                                 .dropout = 0.5,
                                 .position = (nn_position)position,
                                 .init_std = 0.3};
        nn_gpt *m = nn_gpt_new(&c, false);
        nn_params_init(&m->params, rng_from_seed(1));
        attention_heads a = attention_heads_of(m, ids, 8);
        assert_int_equal(a.n_layer * a.n_head, 6);
        assert_true(a.error < 1e-5);
        for (int i = 0; i < 6; i++) assert_shares(a.weights[i]);
        attention_heads_free(&a);
        nn_gpt_free(m);
    }
}

static void test_a_text_it_cannot_take(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {{"dog eats stone", "the lesson has no vector for 'stone'"},
                 {"dog", "a sentence of at least two words"},
                 {"", "a sentence of at least two words"},
                 {"dog and dog and dog and dog and dog", "at most 8 words"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err e = {0};
        attention_sentence s;
        assert_false(attention_sentence_make(&s, cases[i].text, &e));
        assert_int_equal(e.code, ERR_INPUT);
        if (!strstr(e.message, cases[i].message)) fail_msg("%s", e.message);
        attention_sentence_free(&s);
    }
}

static void test_the_lesson_is_told(void **state) {
    (void)state;
    tell_lesson(9);
    assert_told("Similar vectors attend more");
    free(page_told);
}

static void test_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(9, 1, "0.75", &e));
    assert_true(lesson_check(9, 2, "first", &e));
    assert_false(lesson_check(9, 1, "0.5", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_are_the_op),
        cmocka_unit_test(test_what_is_more_alike_gets_more),
        cmocka_unit_test(test_verbs_look_for_who_does_it),
        cmocka_unit_test(test_heads_of_a_gpt),
        cmocka_unit_test(test_a_text_it_cannot_take),
        cmocka_unit_test(test_the_lesson_is_told),
        cmocka_unit_test(test_exercises),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
