#include "lesson/10_meaning.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"

enum { NUMBER = 10, SENTENCES = 6000, EPOCHS = 8 };

static meaning learned;

static int set_up(void **state) {
    err e = {0};
    if (lesson_set_up(state) != 0) return -1;
    if (!meaning_make(&learned, folder, SENTENCES, EPOCHS, &e)) return -1;
    meaning_learn(&learned, NULL);
    return 0;
}

static int tear_down(void **state) {
    meaning_free(&learned);
    return folder_remove(state);
}

static void test_meaning_emerges(void **state) {
    (void)state;
    const small_table *before = learned.snapshots[0], *first = learned.snapshots[1],
                      *after = learned.snapshots[EPOCHS];
    assert_int_equal(learned.n_snapshots, EPOCHS + 1);
    assert_true(isnan(learned.losses[0]));
    assert_true(learned.losses[EPOCHS] < 0.6 * learned.losses[1]);

    assert_true(fabs(small_table_cosine(before, "king", "queen")) < 0.5);
    assert_true(fabs(small_table_cosine(before, "paris", "france")) < 0.5);
    assert_true(fabs(meaning_any_cosine(before)) < 0.01);
    assert_true(meaning_any_cosine(first) > meaning_any_cosine(after) + 0.2);
    double unrelated = small_table_cosine(after, "king", "elephant");
    assert_true(small_table_cosine(after, "king", "queen") > unrelated + 0.3);
    assert_true(small_table_cosine(after, "paris", "france") > unrelated + 0.3);

    static const char *const ends[] = {"king", "queen", "man", "woman"};
    assert_true(fabs(meaning_arrows(before, ends)) < 0.5);
    assert_true(meaning_arrows(after, ends) > 0.6);

    assert_true(meaning_ask(before).queen > 20);
    meaning_answers answers = meaning_ask(after);
    assert_int_equal(answers.queen, 1);
    assert_string_equal(answers.best[0], "queen");
    assert_true(answers.scores[0] > answers.scores[1]);
    assert_true(meaning_accuracy(before) < 0.02);

    assert_true(meaning_accuracy(after) > 0.2);
}

/* The mean over all pairs, the long way. */
static void test_any_two_words(void **state) {
    (void)state;
    const small_table *t = learned.snapshots[1];
    double sum = 0;
    for (int64_t i = 0; i < t->table.n; i++)
        for (int64_t j = 0; j < i; j++)
            for (int64_t c = 0; c < t->table.width; c++)
                sum += (double)t->table.units[i * t->table.width + c] *
                       (double)t->table.units[j * t->table.width + c];
    double mean = sum / (0.5 * (double)t->table.n * (double)(t->table.n - 1));
    assert_true(fabs(mean - meaning_any_cosine(t)) < 1e-5);
}

static void test_the_telling(void **state) {
    (void)state;
    tell_lesson(NUMBER);
    assert_told("ends at rank 1.");
    assert_told("The nearest neighbours of king");
    assert_told("any two words");
    free(page_told);
}

static void test_a_word_that_is_not_there(void **state) {
    (void)state;
    assert_string_equal(complaint(NUMBER, NULL, NULL, "parris"),
                        "--word 'parris': not in the text of this lesson (did you mean 'paris'?)");
}

static void test_the_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(NUMBER, 1, "Rome", &e));
    assert_true(lesson_check(NUMBER, 2, "0.14", &e));
    assert_false(lesson_check(NUMBER, 2, "0.02", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meaning_emerges), cmocka_unit_test(test_any_two_words),
        cmocka_unit_test(test_the_telling),     cmocka_unit_test(test_a_word_that_is_not_there),
        cmocka_unit_test(test_the_exercises),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
