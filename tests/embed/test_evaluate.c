#include "embed/evaluate.h"

#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numbers.h"

/* Capitals above their countries, the comparative above the adjective. */
static const char names[] = "paris France rome ITALY big bigger old older r\xc3\xb6m PARIS";
static const double rows[] = {5, 1, 0, 5, 0, 0, 3, 1, 2, 3, 0, 2, 0, 2, 5,
                              0, 5, 5, 0, 0, 4, 0, 3, 4, 1, 1, 1, 5, 1, 0};

typedef struct fixture {
    io_vectors v;
    embed_table table;
    embed_analogies result;
    err e;
} fixture;

static void set_up(fixture *f) {
    *f = (fixture){.v = words_of(names, rows, 3)};
    f->table = embed_table_new(&f->v);
}

static void tear_down(fixture *f) {
    embed_analogies_free(&f->result);
    embed_table_free(&f->table);
    words_free(&f->v);
}

static bool ask(fixture *f, const char *text, int64_t restrict_n) {
    embed_analogies_free(&f->result);
    f->e = (err){0};
    return embed_evaluate_analogy_text(&f->table, text, strlen(text), "q.txt", restrict_n,
                                       EMBED_3COSADD, &f->result, &f->e);
}

static void assert_section(const embed_section *s, const char *name, int n_correct, int n,
                           int n_skipped) {
    assert_string_equal(s->name, name);
    assert_int_equal(s->n_correct, n_correct);
    assert_int_equal(s->n, n);
    assert_int_equal(s->n_skipped, n_skipped);
}

static void test_sections_and_totals(void **state) {
    (void)state;
    fixture f;
    set_up(&f);
    assert_true(ask(&f,
                    ": capitals of the world\n"
                    "France Paris Italy Rome\n"
                    "Italy Rome France Rome\n"
                    "\n"
                    "Italy Rome Spain Madrid\n"
                    ":empty\n"
                    ": gram-comparative\n"
                    "big bigger OLD oLDER",
                    0));
    assert_int_equal(f.result.n_sections, 3);
    assert_section(&f.result.sections[0], "capitals of the world", 1, 2, 1);
    assert_section(&f.result.sections[1], "empty", 0, 0, 0);
    assert_section(&f.result.sections[2], "gram-comparative", 1, 1, 0);
    assert_false(f.result.sections[0].syntactic);
    assert_true(f.result.sections[2].syntactic);
    assert_section(&f.result.semantic, "semantic", 1, 2, 1);
    assert_section(&f.result.syntactic, "syntactic", 1, 1, 0);
    assert_section(&f.result.all, "all", 2, 3, 1);
    tear_down(&f);
}

/* A word beyond the cut is unknown and no answer. */
static void test_restricted_vocabulary(void **state) {
    (void)state;
    fixture f;
    set_up(&f);
    assert_true(ask(&f, ": s\nFrance Paris Italy Rome\nbig bigger old older\n", 4));
    assert_section(&f.result.all, "all", 1, 1, 1);
    assert_true(ask(&f, ": s\nFrance Paris Italy Rome\n", 2));
    assert_section(&f.result.all, "all", 0, 0, 1);
    assert_true(isnan(f.result.low) && isnan(f.result.high));
    assert_true(ask(&f, ": s\nFrance Paris Italy Rome\n", 1000));
    assert_section(&f.result.all, "all", 1, 1, 0);
    tear_down(&f);
}

/* Of names that are equal but for case the first is meant; another of them may answer. */
static void test_names_that_differ_in_case(void **state) {
    (void)state;
    fixture f;
    set_up(&f);
    assert_true(ask(&f, ": s\nItaly Rome France Paris\n", 0));
    assert_section(&f.result.all, "all", 1, 1, 0);
    /* paris itself is excluded, PARIS in the same place is not. */
    assert_true(ask(&f, ": s\nItaly Italy Paris Paris\n", 0));
    assert_section(&f.result.all, "all", 1, 1, 0);
    assert_true(ask(&f, ": s\nItaly Italy Paris Paris\n", 9));
    assert_section(&f.result.all, "all", 0, 1, 0);
    tear_down(&f);
}

static void test_line_ends_and_utf8(void **state) {
    (void)state;
    fixture f;
    set_up(&f);
    assert_true(ask(&f,
                    "\r\n: st\xc3\xa4"
                    "dte\t \r\n  France\tParis  Italy Rome \r\n\r\n"
                    "r\xc3\xb6m rome r\xc3\xb6m rome\r\n",
                    0));
    assert_string_equal(f.result.sections[0].name, "st\xc3\xa4"
                                                   "dte");
    assert_int_equal(f.result.all.n, 2);
    assert_int_equal(f.result.all.n_skipped, 0);
    tear_down(&f);
}

static void test_malformed_lines(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "q.txt: no questions, expected lines ': section' and 'a b c d'"},
        {"\n \n", "q.txt: no questions"},
        {": s\na b c d\na b c\n", "q.txt:3: found 3 words, expected 4, or ': section'"},
        {": s\r\n\r\na b c d e\r\n", "q.txt:3: found 5 words, expected 4"},
        {": s\nword", "q.txt:2: found 1 word, expected 4"},
        {"a b c d\n: s\n", "q.txt:1: a question before the first line ': section'"},
        {": s\n:  \n", "q.txt:2: ':' without a section's name"},
    };
    fixture f;
    set_up(&f);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_false(ask(&f, cases[i].text, 0));
        assert_int_equal(f.e.code, ERR_INPUT);
        if (!strstr(f.e.message, cases[i].message)) fail_msg("%s", f.e.message);
    }
    tear_down(&f);
}

static void test_huge_lines(void **state) {
    (void)state;
    enum { LENGTH = 1 << 20 };
    fixture f;
    str text = {0};
    set_up(&f);
    str_printf(&text, ": s\nFrance Paris Italy ");
    for (int i = 0; i < LENGTH; i++) str_append(&text, "x", 1);
    assert_true(ask(&f, text.data, 0));
    assert_section(&f.result.all, "all", 0, 0, 1);
    for (int i = 0; i < LENGTH; i++) str_append(&text, " y", 2);
    assert_false(ask(&f, text.data, 0));
    assert_non_null(strstr(f.e.message, "q.txt:2: found 1048580 words"));
    str_free(&text);
    /* A NUL in a word is a byte like others: no word that is known. */
    static const char nul[] = ": s\nFrance\0 Paris Italy Rome\0x\n";
    embed_analogies_free(&f.result);
    assert_true(embed_evaluate_analogy_text(&f.table, nul, sizeof nul - 1, "q.txt", 0,
                                            EMBED_3COSMUL, &f.result, &f.e));
    assert_section(&f.result.all, "all", 0, 0, 1);
    tear_down(&f);
}

static void test_file(void **state) {
    (void)state;
    fixture f;
    set_up(&f);
    static const char text[] = ": s\nFrance Paris Italy Rome\n";
    assert_true(file_write(folder_path("q"), text, strlen(text), &f.e));
    assert_true(
        embed_evaluate_analogies(&f.table, folder_path("q"), 0, EMBED_3COSADD, &f.result, &f.e));
    assert_section(&f.result.all, "all", 1, 1, 0);
    embed_analogies_free(&f.result);
    assert_false(embed_evaluate_analogies(&f.table, folder_path("absent"), 0, EMBED_3COSADD,
                                          &f.result, &f.e));
    assert_non_null(strstr(f.e.message, "No such file"));
    tear_down(&f);
}

enum { MANY = 1500, WIDTH = 12, QUESTIONS = 1200 };

/* Questions over more words than a batch holds, with the answer of a naive search in some of them.
 */
static str make_questions(const embed_table *table, embed_method method, int64_t n_rows,
                          int64_t *n_right) {
    str text = {0};
    rng_stream random = {rng_from_seed(9), 0};
    str_printf(&text, ": s\n");
    *n_right = 0;
    for (int i = 0; i < QUESTIONS; i++) {
        int64_t asked[3];
        embed_neighbour best;
        real *units = mem_new(3 * WIDTH, sizeof *units);
        for (int w = 0; w < 3; w++) {
            asked[w] = rng_next_below(&random, (uint32_t)n_rows);
            memcpy(units + (w + 2) % 3 * WIDTH, table->units + asked[w] * WIDTH,
                   WIDTH * sizeof *units);
        }
        embed_query query = {units, units + 2 * WIDTH, 2, 1, asked, 3, n_rows, method};
        embed_analogy(table, &query, 1, &best);
        bool right = rng_next_below(&random, 3) == 0;
        *n_right += right;
        str_printf(&text, "W%d w%d w%d w%d\n", (int)asked[0], (int)asked[1], (int)asked[2],
                   (int)(right ? best.row : (best.row + 1) % n_rows));
        free(units);
    }
    return text;
}

static void test_against_a_naive_search(void **state) {
    (void)state;
    io_vectors v = words_numbered(random_numbers(1, MANY * WIDTH), MANY, WIDTH);
    embed_table table = embed_table_new(&v);
    for (int method = EMBED_3COSADD; method <= EMBED_3COSMUL; method++)
        for (int64_t n_rows = 1300; n_rows <= MANY; n_rows += MANY - 1300) {
            int64_t n_right;
            str text = make_questions(&table, (embed_method)method, n_rows, &n_right);
            embed_analogies result;
            err e = {0};
            assert_true(embed_evaluate_analogy_text(&table, text.data, text.len, "q", n_rows,
                                                    (embed_method)method, &result, &e));
            assert_section(&result.all, "all", (int)n_right, QUESTIONS, 0);
            double share = (double)n_right / QUESTIONS;
            double normal = 1.96 * sqrt(share * (1 - share) / QUESTIONS);
            assert_near(result.low, share - normal, 0.1 * normal);
            assert_near(result.high, share + normal, 0.1 * normal);
            embed_analogies_free(&result);
            str_free(&text);
        }
    embed_table_free(&table);
    words_free(&v);
}

static void test_same_at_any_thread_count(void **state) {
    (void)state;
    io_vectors v = words_numbered(random_numbers(2, MANY * WIDTH), MANY, WIDTH);
    embed_table table = embed_table_new(&v);
    int64_t n_right;
    str text = make_questions(&table, EMBED_3COSADD, MANY, &n_right);
    double low = 0, high = 0;
    for (int threads = 1; threads <= 3; threads++) {
        embed_analogies result;
        err e = {0};
        thread_set_count(threads);
        assert_true(embed_evaluate_analogy_text(&table, text.data, text.len, "q", 0, EMBED_3COSADD,
                                                &result, &e));
        assert_int_equal(result.all.n_correct, n_right);
        if (threads > 1) assert_true(low == result.low && high == result.high);
        low = result.low;
        high = result.high;
        embed_analogies_free(&result);
    }
    thread_set_count(1);
    str_free(&text);
    embed_table_free(&table);
    words_free(&v);
}

/* a to e stand at 0, 60, 90, 120 and 180 degrees. */
static bool score_pairs(const char *text, int64_t restrict_n, embed_pairs *out, err *e) {
    const double s = sqrt(0.75);
    const double circle[] = {1, 0, 0.5, s, 0, 1, -0.5, s, -1, 0};
    io_vectors v = words_of("a b c d e", circle, 2);
    embed_table table = embed_table_new(&v);
    *e = (err){0};
    assert_true(file_write(folder_path("pairs"), text, strlen(text), e));
    bool ok = embed_evaluate_pairs(&table, folder_path("pairs"), restrict_n, out, e);
    embed_table_free(&table);
    words_free(&v);
    return ok;
}

static void test_pairs(void **state) {
    (void)state;
    embed_pairs p;
    err e;
    /* Cosines 1, 0.5, 0, -0.5, -1; the scores of b and c are equal. */
    assert_true(score_pairs("# a comment\nword1\tword2\tscore\n"
                            "a\ta\t10\r\nA b 6 and more\n\na\tC\t6\nno\ta\t3\na\td\t0\na\te\t1.0",
                            0, &p, &e));
    assert_int_equal(p.n, 5);
    assert_int_equal(p.n_skipped, 1);
    assert_near(p.pearson, 12 / sqrt(2.5 * 67.2), 1e-6);
    /* Ranks 5 4 3 2 1 and 5 3.5 3.5 1 2. */
    assert_near(p.spearman, 8.5 / sqrt(10 * 9.5), 1e-6);
    assert_true(p.low <= p.spearman && p.spearman <= p.high);
    assert_true(score_pairs("a a 10\na b 6\na c 6\na d 0\na e 1", 4, &p, &e));
    assert_int_equal(p.n, 4);
    assert_int_equal(p.n_skipped, 1);
}

static void test_pairs_too_few_to_say(void **state) {
    (void)state;
    embed_pairs p;
    err e;
    assert_true(score_pairs("a b 3\n", 0, &p, &e));
    assert_int_equal(p.n, 1);
    assert_true(isnan(p.spearman) && isnan(p.pearson) && isnan(p.low) && isnan(p.high));
    assert_true(score_pairs("x y 3\n", 0, &p, &e));
    assert_int_equal(p.n_skipped, 1);
    assert_true(isnan(p.spearman));
}

static void test_malformed_pairs(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "pairs: no pairs, expected lines 'word word score'"},
        {"# nothing\n", "pairs: no pairs"},
        {"a b 1\n\na b\n", "pairs:3: found 2 columns, expected word, word, score"},
        {"a\n", "pairs:1: found 1 column,"},
        {"a b 1\na c high\n", "pairs:2: 'high' in column 3, expected a number"},
        {"a b score\na c nan\n", "pairs:2: 'nan' in column 3"},
        {"a b 1\na b 1111111111111111111111111111111111111111111111111111111111111111111111\n",
         "pairs:2: '1111111111111111111111111111111111111111' in column 3"},
    };
    embed_pairs p;
    err e;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_false(score_pairs(cases[i].text, 0, &p, &e));
        if (!strstr(e.message, cases[i].message)) fail_msg("%s", e.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sections_and_totals),
        cmocka_unit_test(test_restricted_vocabulary),
        cmocka_unit_test(test_names_that_differ_in_case),
        cmocka_unit_test(test_line_ends_and_utf8),
        cmocka_unit_test(test_malformed_lines),
        cmocka_unit_test(test_huge_lines),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_against_a_naive_search),
        cmocka_unit_test(test_same_at_any_thread_count),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_pairs_too_few_to_say),
        cmocka_unit_test(test_malformed_pairs),
    };
    thread_set_count(1);
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
