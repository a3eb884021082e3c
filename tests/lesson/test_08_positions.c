/* What lesson 8 says of places holds. */
#include "lesson/08_positions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"

#include <math.h>

static positions *p;
static const positions_model *learned, *sinusoidal, *rope, *none, *none_in_two;

static int set_up(void **state) {
    if (lesson_set_up(state) != 0) return -1;
    p = positions_new(200, NULL);
    learned = &p->models[0];
    sinusoidal = &p->models[1];
    rope = &p->models[2];
    none = &p->models[3];
    none_in_two = &p->models[4];
    return 0;
}

static int tear_down(void **state) {
    positions_free(p);
    return folder_remove(state);
}

static void test_places_are_worth_something(void **state) {
    (void)state;
    assert_true(learned->loss < none->loss - 0.3);
    assert_true(rope->loss < none->loss - 0.3);
    assert_true(sinusoidal->loss < none->loss);
    assert_true(none->loss < log(16));
}

static void test_one_word_at_two_places(void **state) {
    (void)state;
    assert_true(learned->into < 0.999 && learned->query < 0.999 && learned->out < 0.9999);
    assert_true(sinusoidal->into < 0.999 && sinusoidal->query < 0.999 && sinusoidal->out < 0.9999);
    assert_true(rope->into == 1 && rope->query < 0.999);
    assert_true(none->into == 1 && none_in_two->into == 1);
    assert_true(fabs(none->query - 1) < 1e-6);
}

static void test_without_places_one_block_cannot_tell_order(void **state) {
    (void)state;
    assert_true(none->order < 1e-5);
    assert_string_equal(none->next[0], none->next[1]);
}

static void test_places_tell_order_and_so_do_two_blocks(void **state) {
    (void)state;
    for (int i = 0; i < POSITIONS_MODELS; i++)
        if (&p->models[i] != none) assert_true(p->models[i].order > 1e-3);
    assert_string_equal(learned->next[0], "man");
    assert_string_equal(learned->next[1], "dog");
}

static void test_learned_rows_are_alike_at_the_distance_of_the_text(void **state) {
    (void)state;
    for (int d = 1; d < POSITIONS_APART; d++)
        if (d != 3) assert_true(p->alike[3] > p->alike[d] + 0.1);
}

static void test_rope_knows_distances(void **state) {
    (void)state;
    assert_true(p->uneven < 1e-5);
    assert_true(fabs((double)(p->scores[5][0] - p->scores[5][3])) > 0.1);
    for (int i = 0; i < POSITIONS_WIDTH; i++) assert_true(p->rope[0][i] == 1);
    for (int t = 0; t < POSITIONS_PLACES; t++) {
        double squares = 0; /* a turn keeps the length */
        for (int i = 0; i < POSITIONS_WIDTH; i++) squares += (double)p->rope[t][i] * p->rope[t][i];
        assert_true(fabs(squares - POSITIONS_WIDTH) < 1e-4);
    }
}

static void test_the_lesson_is_told(void **state) {
    (void)state;
    lesson_room room = room_open();
    positions_tell(&room, 10);
    room_close(&room);
    assert_told("without positions the loss stays high");
    free(page_told);
}

static void test_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(8, 1, "23", &e));
    assert_true(lesson_check(8, 2, "786432", &e));
    assert_false(lesson_check(8, 1, "30", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_are_worth_something),
        cmocka_unit_test(test_one_word_at_two_places),
        cmocka_unit_test(test_without_places_one_block_cannot_tell_order),
        cmocka_unit_test(test_places_tell_order_and_so_do_two_blocks),
        cmocka_unit_test(test_learned_rows_are_alike_at_the_distance_of_the_text),
        cmocka_unit_test(test_rope_knows_distances),
        cmocka_unit_test(test_the_lesson_is_told),
        cmocka_unit_test(test_exercises),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
