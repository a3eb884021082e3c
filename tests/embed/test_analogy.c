#include "embed/analogy.h"

#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

enum { KING, MAN, WOMAN, QUEEN, APPLE, N };
static const char names[] = "king man woman queen apple";
/* Royal, female, edible. */
static const double rows[] = {2, 1, 0, 0, 3, 0, 0, -3, 0, 2, -1, 0, 0, 0, 1};
static const double tolerance = 16 * EPSILON;

typedef struct fixture {
    io_vectors v;
    embed_table table;
    real positive[6], negative[3];
    int64_t asked[3];
    embed_query query; /* king - man + woman */
} fixture;

static void set_up(fixture *f, embed_method method) {
    f->v = words_of(names, rows, 3);
    f->table = embed_table_new(&f->v);
    embed_unit_of(&f->table, "king", f->positive);
    embed_unit_of(&f->table, "woman", f->positive + 3);
    embed_unit_of(&f->table, "man", f->negative);
    memcpy(f->asked, (int64_t[]){KING, WOMAN, MAN}, sizeof f->asked);
    f->query = (embed_query){f->positive, f->negative, 2, 1, f->asked, 3, 0, method};
}

static void tear_down(fixture *f) {
    embed_table_free(&f->table);
    words_free(&f->v);
}

static void test_3cosadd(void **state) {
    (void)state;
    fixture f;
    embed_neighbour found[N];
    set_up(&f, EMBED_3COSADD);
    assert_int_equal(embed_analogy(&f.table, &f.query, N, found), 2);
    assert_int_equal(found[0].row, QUEEN);
    assert_int_equal(found[1].row, APPLE);
    /* The target is (2 / sqrt 5, 1 / sqrt 5 - 2). */
    double x = 2 / sqrt(5), y = 1 / sqrt(5) - 2;
    assert_near(found[0].score, (2 * x - y) / sqrt(5) / hypot(x, y), tolerance);
    assert_near(found[1].score, 0, tolerance);
    tear_down(&f);
}

static void test_a_query_of_rows(void **state) {
    (void)state;
    fixture f;
    real units[9];
    set_up(&f, EMBED_3COSADD);
    const embed_query same = embed_query_of_rows(&f.table, f.asked, units);
    assert_memory_equal(same.positive, f.positive, sizeof f.positive);
    assert_memory_equal(same.negative, f.negative, sizeof f.negative);
    assert_int_equal(embed_analogy_rank(&f.table, &same, QUEEN), 1);
    assert_int_equal(embed_analogy_rank(&f.table, &same, WOMAN), 0);
    tear_down(&f);
}

static void test_cosine(void **state) {
    (void)state;
    fixture f;
    set_up(&f, EMBED_3COSADD);
    assert_near(embed_cosine(&f.table, KING, KING), 1, tolerance);
    assert_near(embed_cosine(&f.table, KING, MAN), 1 / sqrt(5), tolerance);
    assert_near(embed_cosine(&f.table, MAN, APPLE), 0, tolerance);
    tear_down(&f);
}

static void test_3cosmul(void **state) {
    (void)state;
    fixture f;
    embed_neighbour found[N];
    set_up(&f, EMBED_3COSMUL);
    assert_int_equal(embed_analogy(&f.table, &f.query, N, found), 2);
    assert_int_equal(found[0].row, QUEEN);
    double with_king = (1 + 0.6) / 2, with_woman = (1 + 1 / sqrt(5)) / 2;
    double with_man = (1 - 1 / sqrt(5)) / 2;
    assert_near(found[0].score, with_king * with_woman / (with_man + 1e-6), tolerance);
    assert_near(found[1].score, 0.5 * 0.5 / (0.5 + 1e-6), tolerance);
    tear_down(&f);
}

/* All minus words are one product: 1e-6 is added to it once. */
static void test_3cosmul_of_opposites(void **state) {
    (void)state;
    static const double numbers[] = {1, 0};
    io_vectors v = words_of("x", numbers, 2);
    embed_table table = embed_table_new(&v);
    static const real positive[] = {1, 0}, negative[] = {-1, 0, 0, 1};
    embed_query query = {positive, negative, 1, 2, NULL, 0, 0, EMBED_3COSMUL};
    embed_neighbour found;
    assert_int_equal(embed_analogy(&table, &query, 1, &found), 1);
    assert_near(found.score, 1e6, 1e6 * tolerance);
    embed_table_free(&table);
    words_free(&v);
}

static void test_rank(void **state) {
    (void)state;
    for (int method = EMBED_3COSADD; method <= EMBED_3COSMUL; method++) {
        fixture f;
        set_up(&f, (embed_method)method);
        assert_int_equal(embed_analogy_rank(&f.table, &f.query, QUEEN), 1);
        assert_int_equal(embed_analogy_rank(&f.table, &f.query, APPLE), 2);
        assert_int_equal(embed_analogy_rank(&f.table, &f.query, KING), 0);
        embed_neighbour best;
        assert_int_equal(embed_analogy(&f.table, &f.query, 1, &best), 1);
        assert_true(embed_analogy_score(&f.table, &f.query, QUEEN) == best.score);
        f.query.restrict_n = APPLE;
        assert_int_equal(embed_analogy_rank(&f.table, &f.query, QUEEN), 1);
        assert_int_equal(embed_analogy_rank(&f.table, &f.query, APPLE), 0);
        f.query.restrict_n = QUEEN;
        embed_neighbour found;
        assert_int_equal(embed_analogy(&f.table, &f.query, 1, &found), 0);
        tear_down(&f);
    }
}

/* The rank is the place in the list of all answers, equals included. */
static void test_rank_is_the_place_in_the_list(void **state) {
    (void)state;
    enum { MANY = 60 };
    real *numbers = random_numbers(3, 3 * MANY);
    memcpy(numbers + 3 * 20, numbers + 3 * 10, 3 * sizeof *numbers);
    io_vectors v = words_numbered(numbers, MANY, 3);
    embed_table table = embed_table_new(&v);
    for (int method = EMBED_3COSADD; method <= EMBED_3COSMUL; method++) {
        static const int64_t asked[] = {0, 1, 2};
        embed_query query = {table.units, table.units + 6, 2, 1, asked, 3, 0, (embed_method)method};
        embed_neighbour found[MANY];
        assert_int_equal(embed_analogy(&table, &query, MANY, found), MANY - 3);
        for (int64_t i = 0; i < MANY - 3; i++)
            assert_int_equal(embed_analogy_rank(&table, &query, found[i].row), i + 1);
    }
    embed_table_free(&table);
    words_free(&v);
}

static void test_odd_one_out(void **state) {
    (void)state;
    fixture f;
    double cosines[4];
    set_up(&f, EMBED_3COSADD);
    static const int64_t people[] = {KING, APPLE, MAN}, all[] = {KING, QUEEN, WOMAN, MAN};
    assert_int_equal(embed_odd_one_out(&f.table, people, 3, NULL), 1);
    /* The mean of king, queen, woman and man points along the first axis. */
    assert_int_equal(embed_odd_one_out(&f.table, all + 1, 3, NULL), 2);
    embed_odd_one_out(&f.table, all, 4, cosines);
    assert_near(cosines[0], 2 / sqrt(5), tolerance);
    assert_near(cosines[1], 2 / sqrt(5), tolerance);
    assert_near(cosines[2], 0, tolerance);
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3cosadd),
        cmocka_unit_test(test_a_query_of_rows),
        cmocka_unit_test(test_cosine),
        cmocka_unit_test(test_3cosmul),
        cmocka_unit_test(test_3cosmul_of_opposites),
        cmocka_unit_test(test_rank),
        cmocka_unit_test(test_rank_is_the_place_in_the_list),
        cmocka_unit_test(test_odd_one_out),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
