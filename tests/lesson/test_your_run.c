/* What the lessons tell of a run of the user's: byte by byte or in words, tied or not, however
 * short the texts that it reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson/small_text.h"
#include "lesson_page.h"
#include "train/kingdom.h"
#include "train/loop.h"
#include "tree.h"

/* A run in a few steps; its folder, until the next call. */
static const char *train_run_of(const char *type, bool tied, int64_t block_size) {
    static char run[512];
    config c;
    err e = {0};
    cfg_defaults(&c);
    snprintf(run, sizeof run, "%s", folder_path("run"));
    snprintf(c.tokenizer, sizeof c.tokenizer, "%s", type);
    c.min_count = 1;
    c.tie_weights = tied;
    c.block_size = block_size;
    c.n_layer = c.n_head = 2;
    c.n_embd = 16;
    c.batch_size = 4;
    c.max_iters = 3;
    c.warmup_iters = 0;
    c.eval_iters = 1;
    c.precision = TRAIN_FP32;
    if (!small_text_write(train_kingdom_write, 200, 1, folder, "text.txt", c.dataset, &e) ||
        !train_loop(&c, run, TRAIN_OVERWRITE, &train_silent, &(sig_atomic_t){0}, &e))
        fail_msg("%s", e.message);
    return run;
}

static const char words[] = "the king and the queen of the land";

static void test_words_tied(void **state) {
    (void)state;
    const char *run = train_run_of("word", true, 16);
    static const int about_runs[] = {1, 3, 5, 9};
    for (size_t i = 0; i < sizeof about_runs / sizeof *about_runs; i++)
        assert_string_equal(complaint(about_runs[i], run, NULL, NULL), "");
    assert_string_equal(complaint(5, run, words, NULL), "");
    assert_string_equal(complaint(11, run, "the king | a king of the land", "king"), "");
    assert_non_null(strstr(complaint(5, run, "king", NULL), "'king' is less than two tokens"));
    assert_non_null(strstr(complaint(9, run, "", NULL), "'' is less than two tokens"));
    assert_non_null(strstr(complaint(11, run, "the king | a king", "knig"), "did you mean 'king'"));
}

static void test_bytes_not_tied(void **state) {
    (void)state;
    const char *run = train_run_of("byte", false, 8);
    assert_string_equal(complaint(3, run, NULL, NULL), "");
    assert_string_equal(complaint(5, run, "\u65e5\u672c, 100 % and\na line", NULL), "");
    assert_string_equal(complaint(9, run, "     ", NULL), "");
    assert_string_equal(complaint(11, run, "a | ba", "a"), "");
}

static void test_a_run_that_reads_one_token(void **state) {
    (void)state;
    const char *run = train_run_of("byte", true, 1);
    assert_string_equal(complaint(5, run, words, NULL), "");
    assert_non_null(strstr(complaint(9, run, words, NULL), "block_size is 1"));
    assert_non_null(strstr(complaint(11, run, "the a | a", "a"), "reads 1"));
}

static void test_a_text_of_many_pages(void **state) {
    (void)state;
    static char text[100001];
    memset(text, 'k', sizeof text - 1);
    for (size_t i = 5; i < sizeof text - 1; i += 6) text[i] = ' ';
    const char *run = train_run_of("word", true, 16);
    assert_string_equal(complaint(5, run, text, NULL), "");
    assert_string_equal(complaint(9, run, text, NULL), "");
}

static void test_what_is_no_text(void **state) {
    (void)state;
    assert_string_equal(complaint(9, NULL, "dog \xff eats", NULL), "--text is not valid UTF-8");
    assert_string_equal(complaint(10, NULL, NULL, "\xff"), "--word is not valid UTF-8");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_tied),
        cmocka_unit_test(test_bytes_not_tied),
        cmocka_unit_test(test_a_run_that_reads_one_token),
        cmocka_unit_test(test_a_text_of_many_pages),
        cmocka_unit_test(test_what_is_no_text),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, tree_remove);
}
