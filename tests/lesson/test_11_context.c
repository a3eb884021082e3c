/* A word is one vector at layer 0, and parts by its sense in the layers behind. */
#include "lesson/11_context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson/banks.h"
#include "lesson/small_text.h"
#include "lesson_page.h"

static context_model model;

static int set_up(void **state) {
    if (lesson_set_up(state) != 0) return -1;
    context_train(&model, CONTEXT_STEPS, NULL);
    return 0;
}

static int tear_down(void **state) {
    context_model_free(&model);
    return folder_remove(state);
}

static void test_the_loss_falls(void **state) {
    (void)state;
    assert_true(model.losses[0] > 4);
    assert_true(model.losses[CONTEXT_LOSSES - 1] < 1);
}

static void test_senses_part_behind_layer_0(void **state) {
    (void)state;
    static const char *const sentences[] = {"anna took the boat to the bank",
                                            "anna took the money to the bank",
                                            "emma pulled the raft to the bank"};
    err e = {0};
    context_words w;
    assert_true(context_compare(&w, &model, "bank", sentences, 3, &e));
    assert_int_equal(w.n_layers, model.gpt->config.n_layer + 2);
    for (int s = 0; s < 3; s++) {
        assert_int_equal(w.place[s], 6);
        assert_true(w.cosine[s][0] == 1);
    }
    for (int64_t l = 1; l < w.n_layers; l++) {
        assert_true(w.cosine[0][l] == 1);
        assert_true(w.cosine[1][l] < 1 && w.cosine[2][l] < 1);
    }
    int64_t last_block = w.n_layers - 2;
    assert_true(w.cosine[1][last_block] < 0.95);
    assert_true(w.cosine[2][last_block] > w.cosine[1][last_block] + 0.02);
    context_words_free(&w);
}

static void test_words_behind_it_do_not_count(void **state) {
    (void)state;
    static const char *const sentences[] = {"anna took the money to the bank",
                                            "anna took the money to the bank of the river ."};
    err e = {0};
    context_words w;
    assert_true(context_compare(&w, &model, "bank", sentences, 2, &e));
    for (int64_t l = 0; l < w.n_layers; l++) assert_true(w.cosine[1][l] == 1);
    context_words_free(&w);
}

static void test_the_last_vector_foretells_the_next_token(void **state) {
    (void)state;
    static const char *const sentences[] = {
        "the money was worth a lot", "anna rowed with the boat along the bank and sat in a lot"};
    err e = {0};
    context_words w;
    assert_true(context_compare(&w, &model, "lot", sentences, 2, &e));
    size_t n;
    assert_string_equal(tok_piece(model.tok, w.next[0][0].id, &n), ".");
    for (int i = 0; i < CONTEXT_NEXT; i++) assert_true(w.next[0][i].probability >= 0);
    assert_true(w.next[0][0].probability > 0.9);
    context_words_free(&w);
}

static void assert_refused(const char *word, const char *second, const char *message) {
    const char *const sentences[] = {"anna took the money to the bank", second};
    err e = {0};
    context_words w;
    assert_false(context_compare(&w, &model, word, sentences, 2, &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, message)) fail_msg("%s", e.message);
    context_words_free(&w);
}

static void test_what_it_cannot_compare(void **state) {
    (void)state;
    assert_true(context_has_word(&model, "Bank"));
    assert_false(context_has_word(&model, "bnak"));
    assert_refused("bank", "anna took the money",
                   "no 'bank' in the sentence 'anna took the money'");
    assert_refused("bnak", "the bank",
                   "is no token of the small GPT of this lesson; did you mean "
                   "'bank'?");
    assert_refused("bank",
                   "to to to to to to to to to to to to to to to to to to to to to to to "
                   "to to to to to to to to to bank",
                   "'bank' is token 33 of a sentence");
}

static void test_a_folder_that_is_no_run(void **state) {
    (void)state;
    err e = {0};
    context_model m;
    assert_false(context_open(&m, folder, &e));
    assert_int_equal(e.code, ERR_INPUT);
    context_model_free(&m);
}

static void test_the_seed_decides_the_text(void **state) {
    (void)state;
    size_t n;
    char *a = small_text_new(banks_write, 100, 1, &n), *b = small_text_new(banks_write, 100, 1, &n),
         *c = small_text_new(banks_write, 100, 2, &n);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_non_null(strstr(a, " bank "));
    free(a);
    free(b);
    free(c);
}

static void test_the_lesson_is_told(void **state) {
    (void)state;
    err e = {0};
    lesson_room room = room_open();
    assert_true(context_tell(&room, CONTEXT_LOSSES, &e));
    room_close(&room);
    assert_told("      0  embedding row               1.0000           1.0000\n");
    free(page_told);
}

static void test_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(11, 1, "14", &e));
    assert_true(lesson_check(11, 2, "no", &e));
    assert_false(lesson_check(11, 1, "12", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loss_falls),
        cmocka_unit_test(test_senses_part_behind_layer_0),
        cmocka_unit_test(test_words_behind_it_do_not_count),
        cmocka_unit_test(test_the_last_vector_foretells_the_next_token),
        cmocka_unit_test(test_what_it_cannot_compare),
        cmocka_unit_test(test_a_folder_that_is_no_run),
        cmocka_unit_test(test_the_seed_decides_the_text),
        cmocka_unit_test(test_the_lesson_is_told),
        cmocka_unit_test(test_exercises),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
