#include "tokenizer/text/split_gpt2.h"

#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* Pieces with a | behind each. */
static void append_piece(void *context, const char *piece, size_t n) {
    str_append(context, piece, n);
    str_append(context, "|", 1);
}

static void assert_split(const char *text, size_t n, const char *expected) {
    str out = {0};
    str_append(&out, "", 0);
    split_gpt2(text, n, append_piece, &out);
    assert_string_equal(out.data, expected);
    str_free(&out);
}

#define ASSERT_SPLIT(text, expected) assert_split(text, sizeof(text) - 1, expected)

static void test_words_numbers_and_marks(void **state) {
    (void)state;
    ASSERT_SPLIT("", "");
    ASSERT_SPLIT("Hello, world!! It's 2024", "Hello|,| world|!!| It|'s| 2024|");
    ASSERT_SPLIT("a1b", "a|1|b|");
    ASSERT_SPLIT("é\u4F60\u0663x", "é\u4F60|\u0663|x|");
}

static void test_blanks_join_what_follows(void **state) {
    (void)state;
    ASSERT_SPLIT("a  b", "a| | b|");
    ASSERT_SPLIT("a \n b  ", "a| \n| b|  |");
    ASSERT_SPLIT("\n\nx\ty", "\n|\n|x|\t|y|");
    ASSERT_SPLIT("a\u3000\u3000b", "a|\u3000|\u3000|b|");
}

static void test_contractions(void **state) {
    (void)state;
    ASSERT_SPLIT("'s 't", "'s| '|t|");
    ASSERT_SPLIT("we'll you'REx I'dn", "we|'ll| you|'|REx| I|'d|n|");
    ASSERT_SPLIT("''s't", "''|s|'t|");
}

static void test_lone_bytes_are_ends(void **state) {
    (void)state;
    ASSERT_SPLIT("a\xFF\xC3 b", "a|\xFF\xC3| b|");
    ASSERT_SPLIT("a  \xFF b", "a|  |\xFF| b|");
    ASSERT_SPLIT(".\xFF'sx", ".|\xFF|'s|x|");
}

/* The same by PCRE2, each stretch of UTF-8 by itself. */
static void split_by_pattern(const pattern *p, tok_scratch *s, const char *text, size_t n,
                             str *out) {
    for (size_t at = 0, lone; at < n; at += lone) {
        size_t valid = str_utf8_valid(text + at, n - at), begin, end;
        for (size_t from = 0; from < valid; from = end) {
            assert_true(pattern_find(p, s, text + at, valid, from, &begin, &end));
            assert_int_equal(begin, from);
            append_piece(out, text + at + begin, end - begin);
        }
        at += valid;
        for (lone = 0; at + lone < n && str_utf8_valid(text + at + lone, n - at - lone) == 0;)
            lone++;
        if (lone) append_piece(out, text + at, lone);
    }
}

static void test_same_as_regular_expression(void **state) {
    (void)state;
    err e = {0};
    pattern *p = pattern_new(SPLIT_GPT2_PATTERN, strlen(SPLIT_GPT2_PATTERN), false, "test", &e);
    assert_non_null(p);
    tok_scratch_pool *pool = scratch_pool_new();
    tok_scratch *s = scratch_take(pool);
    rng_stream random = {.key = rng_from_seed(11)};
    str text = {0}, expected = {0}, found = {0};
    for (int i = 0; i < 20000; i++) {
        hostile_text(&random, i % 120, 0, &text);
        expected.len = found.len = 0;
        str_append(&expected, "", 0);
        str_append(&found, "", 0);
        split_by_pattern(p, s, text.data, text.len, &expected);
        split_gpt2(text.data, text.len, append_piece, &found);
        assert_string_equal(found.data, expected.data);
    }
    str_free(&text);
    str_free(&expected);
    str_free(&found);
    scratch_give(pool, s);
    scratch_pool_free(pool);
    pattern_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_numbers_and_marks),
        cmocka_unit_test(test_blanks_join_what_follows),
        cmocka_unit_test(test_contractions),
        cmocka_unit_test(test_lone_bytes_are_ends),
        cmocka_unit_test(test_same_as_regular_expression),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
