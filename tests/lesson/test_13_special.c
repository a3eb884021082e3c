#include "lesson/13_special.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"

enum { NUMBER = 13, STEPS = 150 };

static special learned;

static int set_up(void **state) {
    err e = {0};
    if (lesson_set_up(state) != 0) return -1;
    return special_learn(&learned, STEPS, NULL, &e) ? 0 : -1;
}

static int tear_down(void **state) {
    special_free(&learned);
    return folder_remove(state);
}

static void test_special_ids_come_last(void **state) {
    (void)state;
    const tokenizer *tok = learned.tok;
    int32_t V = tok_vocab_size(tok);
    for (int32_t id = 0; id < V; id++) assert_int_equal(tok_is_special(tok, id), id >= V - 5);
    assert_int_equal(tok_role_id(tok, TOK_BOS), V - 5);
}

static int64_t count(const tok_ids *list, int32_t value) {
    int64_t n = 0;
    for (size_t i = 0; i < list->len; i++) n += list->data[i] == value;
    return n;
}

/* The same words are asked for with roles and without. */
static void test_the_targets_are_the_same_words(void **state) {
    (void)state;
    const special_text *with = &learned.held_out, *without = &learned.held_plain;
    for (int32_t mark = 1; mark <= 2; mark++)
        assert_int_equal(count(&with->answers, mark), count(&without->answers, mark));
    int64_t words = count(&with->answers, 1) + count(&with->answers, 2);
    assert_int_equal(count(&without->counts, 1), words);
    assert_int_equal(count(&with->counts, 1),
                     words + count(&with->ids, tok_role_id(learned.tok, TOK_EOS)));
    for (size_t i = 0; i < with->ids.len; i++)
        if (with->answers.data[i]) assert_false(tok_is_special(learned.tok, with->ids.data[i]));
    special_loss loss = special_evaluate(learned.with, learned.tok, with, SPECIAL_AS_WRITTEN);
    assert_int_equal(loss.n, words);
}

static special_loss loss_of(const nn_gpt *model, special_reading reading) {
    return special_evaluate(model, learned.tok, &learned.held_out, reading);
}

static void test_roles_lower_the_loss_of_answers(void **state) {
    (void)state;
    special_loss without = special_evaluate(learned.without, learned.tok, &learned.held_plain,
                                            SPECIAL_AS_WRITTEN),
                 with = loss_of(learned.with, SPECIAL_AS_WRITTEN),
                 masked = loss_of(learned.masked, SPECIAL_AS_WRITTEN);
    assert_true(with.first < without.first - 0.3);
    assert_true(with.all < without.all);
    assert_true(masked.all < with.all);
    /* Who cannot see the roles cannot do better than this in the first word. */
    assert_true(without.first > log(3) / 3 * 0.8);
}

static void test_other_roles_are_worse_than_guessing(void **state) {
    (void)state;
    double guessing = log((double)tok_vocab_size(learned.tok));
    assert_true(loss_of(learned.with, SPECIAL_SWAPPED).first > guessing);
    assert_true(loss_of(learned.with, SPECIAL_UNKNOWN).first > guessing);
}

static void test_the_telling(void **state) {
    (void)state;
    err e = {0};
    lesson_room room = room_open();
    assert_true(special_tell(&room, 2, &e));
    room_close(&room);
    assert_told("<|bos|>=45");
    assert_told("[<|eos|>=46]");
    assert_told("as anybody's text:     98 121 101 60 124 101 111 115 124 62");
    assert_told("with allow_special:    98 121 101 257");
    free(page_told);
}

static void test_the_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(NUMBER, 1, "50261", &e));
    assert_false(lesson_check(NUMBER, 1, "50262", &e));
    e = (err){0};
    assert_true(lesson_check(NUMBER, 2, "0.366", &e));
    assert_false(lesson_check(NUMBER, 2, "1.1", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_special_ids_come_last),
        cmocka_unit_test(test_the_targets_are_the_same_words),
        cmocka_unit_test(test_roles_lower_the_loss_of_answers),
        cmocka_unit_test(test_other_roles_are_worse_than_guessing),
        cmocka_unit_test(test_the_telling),
        cmocka_unit_test(test_the_exercises),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
