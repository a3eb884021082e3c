/* Ids, one-hot and random vectors do not know that dog is like puppy; trained ones do. */
#include "lesson/02_similarity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/thread.h"
#include "lesson_page.h"

#include <stdlib.h>

static similarity_lesson computed;

static int compute(void **state) {
    err e = {0};
    if (lesson_set_up(state) != 0) return -1;
    const similarity_plan plan = {
        .folder = folder, .n_sentences = 1500, .epochs = 12, .vector_size = 16, .seed = 5};
    return similarity_compute(&computed, &plan, &e) ? 0 : -1;
}

static double score(similarity_kind kind, const char *a, const char *b) {
    return computed.of[kind].score[similarity_find(a)][similarity_find(b)];
}

static void test_all_triples_are_counted(void **state) {
    (void)state;
    int64_t triples = SIMILARITY_WORDS * (FARM_WORDS - 1) * (SIMILARITY_WORDS - FARM_WORDS);
    for (int kind = 0; kind < SIMILARITY_KINDS; kind++) {
        const similarity *s = &computed.of[kind];
        assert_int_equal(s->right + s->tied + s->wrong, triples);
    }
    assert_int_equal(similarity_find("gradus"), -1);
}

static void test_ids_as_vectors_are_all_alike(void **state) {
    (void)state;
    for (int i = 0; i < SIMILARITY_WORDS; i++)
        for (int j = 0; j < SIMILARITY_WORDS; j++)
            assert_true(computed.of[SIMILARITY_IDS].score[i][j] == 1);
    assert_int_equal(computed.of[SIMILARITY_IDS].right, 0);
    assert_int_equal(computed.of[SIMILARITY_IDS].wrong, 0);
}

static void test_one_hot_vectors_are_all_unlike(void **state) {
    (void)state;
    for (int i = 0; i < SIMILARITY_WORDS; i++)
        for (int j = 0; j < SIMILARITY_WORDS; j++)
            assert_true(computed.of[SIMILARITY_ONE_HOT].score[i][j] == (i == j ? 1 : 0));
    assert_int_equal(computed.of[SIMILARITY_ONE_HOT].right, 0);
    assert_int_equal(computed.of[SIMILARITY_ONE_HOT].wrong, 0);
}

static void test_distance_of_ids_and_random_vectors_guess(void **state) {
    (void)state;
    const similarity *near = &computed.of[SIMILARITY_NEAR],
                     *random = &computed.of[SIMILARITY_RANDOM];
    assert_true(similarity_share(near) > 0.35 && similarity_share(near) < 0.65);
    assert_true(similarity_share(random) > 0.35 && similarity_share(random) < 0.65);
    assert_true(similarity_spread(random) > 0.2 && similarity_spread(random) < 0.3);
}

static void test_trained_vectors_know(void **state) {
    (void)state;
    assert_true(similarity_share(&computed.of[SIMILARITY_TRAINED]) > 0.95);
    assert_true(score(SIMILARITY_TRAINED, "dog", "puppy") >
                score(SIMILARITY_TRAINED, "dog", "banana") + 0.2);
}

static void test_threads_do_not_change_the_numbers(void **state) {
    (void)state;
    err e = {0};
    similarity_lesson *other = malloc(2 * sizeof *other);
    const similarity_plan plan = {
        .folder = folder, .n_sentences = 300, .epochs = 2, .vector_size = 8, .seed = 5};
    assert_non_null(other);
    for (int i = 0; i < 2; i++) {
        thread_set_count(1 + 2 * i);
        assert_true(similarity_compute(&other[i], &plan, &e));
    }
    assert_memory_equal(&other[0], &other[1], sizeof *other);
    free(other);
    thread_set_count(1);
}

static void test_the_farm_is_the_known_one(void **state) {
    (void)state;
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    farm_write(out, 200, 1);
    fclose(out);
    static const char start[] = "a child sees the pear near the field\n";
    assert_memory_equal(text, start, strlen(start));
    int lines = 0;
    for (size_t i = 0; i < n; i++) lines += text[i] == '\n';
    assert_int_equal(lines, 200);
    assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz \n"), n);
    free(text);
}

static void test_the_lesson_is_told(void **state) {
    (void)state;
    err e = {0};
    tell_lesson(2);
    assert_told("dog~puppy");
    assert_told("one-hot vectors           0.000        0.000        0.000        0.000");
    assert_told("one-hot vectors           0.0 %      100.0 %        0.0 %");
    free(page_told);
    assert_true(lesson_check(2, 1, "1.41", &e));
    assert_true(lesson_check(2, 2, "0.05", &e));
    assert_false(lesson_check(2, 2, "0.25", &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_triples_are_counted),
        cmocka_unit_test(test_ids_as_vectors_are_all_alike),
        cmocka_unit_test(test_one_hot_vectors_are_all_unlike),
        cmocka_unit_test(test_distance_of_ids_and_random_vectors_guess),
        cmocka_unit_test(test_trained_vectors_know),
        cmocka_unit_test(test_threads_do_not_change_the_numbers),
        cmocka_unit_test(test_the_farm_is_the_known_one),
        cmocka_unit_test(test_the_lesson_is_told),
    };
    return cmocka_run_group_tests(tests, compute, folder_remove);
}
