#include "lesson/14_mistakes.h"

#include "base/file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"

enum { NUMBER = 14, LAST = MISTAKES_STEPS - 1 };

static void assert_said(const char *message, const char *part) {
    if (!strstr(message, part)) fail_msg("expected '%s' in: %s", part, message);
}

static void test_what_gradus_says(void **state) {
    (void)state;
    mistakes_said said;
    err e = {0};
    if (!mistakes_provoke(&said, folder, &e)) fail_msg("%s", e.message);
    assert_said(said.init_wte, "/vectors.txt: vectors of 8 numbers, n_embd is 16");
    assert_said(said.checkpoint, "'wte.weight' has shape [10, 8], ");
    assert_said(said.checkpoint, "make it [10, 16]");
    assert_said(said.tokens, "token 2 is 99, outside the vocabulary of 50");
    assert_said(said.lookup, "gradus: bug: ");
    assert_said(said.lookup, "embedding: id 4 at position 2 is not in [0, 4)");
    assert_int_equal(said.signal, SIGABRT);
    assert_string_equal(said.frozen, "embedding: frozen, it stays as it begins (freeze_wte)");
    assert_said(said.diverged, "step ");
    assert_said(said.diverged, " is not finite");
    assert_false(file_exists(folder_path("14_mistakes")));
}

static void test_a_frozen_embedding_has_a_gradient_and_no_drift(void **state) {
    (void)state;
    mistakes_course learning = mistakes_train(MISTAKES_NONE),
                    frozen = mistakes_train(MISTAKES_FROZEN);
    assert_true(frozen.drift == 0);
    assert_true(frozen.embedding_norm > 0.01);
    assert_true(learning.drift > 0.1);
    assert_true(frozen.losses[0] == learning.losses[0]);
    assert_true(learning.losses[LAST] < frozen.losses[LAST] - 0.3);
    assert_true(frozen.losses[LAST] < frozen.losses[0]);
}

static void test_uncleared_gradients_add_up(void **state) {
    (void)state;
    mistakes_sum sum = mistakes_add_gradients();
    assert_true(sum.difference < 1e-6);
    assert_true(sum.largest > 0.1);
    assert_true(sum.both > sum.first && sum.both > sum.second);
}

static void test_uncleared_gradients_run_away(void **state) {
    (void)state;
    mistakes_course cleared = mistakes_train(MISTAKES_NONE),
                    uncleared = mistakes_train(MISTAKES_UNCLEARED);
    assert_true(uncleared.losses[0] == cleared.losses[0]);
    assert_true(uncleared.losses[1] == cleared.losses[1]); /* the first update is the same one */
    assert_true(uncleared.losses[3] < uncleared.losses[0]);
    assert_true(cleared.losses[LAST] < cleared.losses[0] - 1);
    assert_true(uncleared.losses[LAST] > uncleared.losses[0]);
    assert_true(uncleared.norms[LAST] > 10 * uncleared.norms[0]);
    assert_true(cleared.norms[LAST] < 3 * cleared.norms[0]);
}

static void test_the_telling(void **state) {
    (void)state;
    tell_lesson(NUMBER);
    assert_told("(SIGABRT)");
    assert_told("The drift does: 0");
    assert_told("then the loss runs away");
    assert_told("a table of 4 rows");
    free(page_told);
}

static void test_the_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(NUMBER, 1, "10", &e));
    assert_true(lesson_check(NUMBER, 2, "freeze_wte", &e));
    assert_false(lesson_check(NUMBER, 1, "4", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_gradus_says),
        cmocka_unit_test(test_a_frozen_embedding_has_a_gradient_and_no_drift),
        cmocka_unit_test(test_uncleared_gradients_add_up),
        cmocka_unit_test(test_uncleared_gradients_run_away),
        cmocka_unit_test(test_the_telling),
        cmocka_unit_test(test_the_exercises),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
