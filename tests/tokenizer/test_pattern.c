#include "tokenizer/text/pattern.h"

#include "tokenizer_parts.h"

#include <string.h>

/* The matches in text[0..n), each in [ ]. */
static void assert_n_matches(const char *source, bool literal, const char *text, size_t n,
                             const char *expected) {
    err e = {0};
    pattern *p = pattern_new(source, strlen(source), literal, "test", &e);
    assert_string_equal(e.message, "");
    tok_scratch *s = scratch_take(pool);
    str out = {0};
    str_append(&out, "", 0);
    for (size_t at = 0, begin, end; pattern_find(p, s, text, n, at, &begin, &end); at = end)
        str_printf(&out, "[%.*s]", (int)(end - begin), text + begin);
    assert_string_equal(out.data, expected);
    str_free(&out);
    scratch_give(pool, s);
    pattern_free(p);
}

static void assert_matches(const char *source, const char *text, const char *expected) {
    assert_n_matches(source, false, text, strlen(text), expected);
}

static void assert_refused(const char *source, const char *message) {
    err e = {0};
    assert_null(pattern_new(source, strlen(source), false, "file", &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_string_equal(e.message, message);
}

static void test_fixed_strings(void **state) {
    (void)state;
    assert_n_matches(" ", true, "a b  c", 6, "[ ][ ][ ]");
    assert_n_matches("a.", true, "aba.a", 5, "[a.]");
    assert_n_matches("aab", true, "aaab", 4, "[aab]");
    assert_n_matches("aab", true, "aa", 2, "");
}

static void test_matches_in_order(void **state) {
    (void)state;
    assert_matches("\\p{L}+", "ab 1é4", "[ab][é]");
    assert_matches("x*", "axxb", "[xx]"); /* empty matches are none */
    assert_matches("\\d", "1\u0663\u00B2", "[1][\u0663]");
}

static void test_white_space_is_unicodes(void **state) {
    (void)state;
    assert_matches("\\s", "a\xC2\x85 b\u180E\u3000", "[\xC2\x85][ ][\u3000]");
    assert_matches("[^\\s]+", "a\xC2\x85 b\u180E\u3000", "[a][b\u180E]");
    assert_matches("[\\S]+", "a\xC2\x85 b\u180E\u3000", "[a][b\u180E]");
    assert_matches("\\S+", "a\xC2\x85 b\u180E\u3000", "[a][b\u180E]");
    assert_matches("\\\\s", "\\s s", "[\\s]"); /* an escaped backslash and an s */
    assert_matches("[]\\s]", "a] s", "[]][ ]");
}

static void test_words_are_unicodes(void **state) {
    (void)state;
    assert_matches("\\w+", "a\u0301\u203F1 \u24B6-\u2074", "[a\u0301\u203F1][\u24B6]");
    assert_matches("[\\w-]+", "a\u0301- \u24B6-", "[a\u0301-][\u24B6-]");
    assert_matches("\\W+", "a\u0301. \u24B6-", "[. ][-]");
    assert_matches("\\b..", "a\u0301x y", "[a\u0301][ y]");
    assert_matches("\\Ba", "a\u0301a a", "[a]");
}

/* What Oniguruma takes for something else than PCRE2 does; found with HF tokenizers. */
static void test_means_what_oniguruma_means(void **state) {
    (void)state;
    assert_matches("\\w+", "x\u00B2\u00BD\u200Dy", "[x\u00B2\u00BD][y]");
    assert_matches("[\\w]+", "x\u00B2\u200Dy", "[x][y]");
    assert_matches("a$", "a\nba", "[a][a]");
    assert_matches("^a", "a\naa", "[a][a]");
    assert_matches("(?m).+", "a\nb", "[a\nb]");
    assert_matches(".+", "a\nb", "[a][b]");
    assert_matches("(?im-x:A.)", "a\nb", "[a\n]");
    assert_matches("\\h+", "xaF0 ", "[aF0]");
    assert_matches("[\\h_]+", "xa_ ", "[a_]");
    assert_matches("\\v", "\n\x0B", "[\x0B]");
    assert_matches("[\\[&\\]]+", "a[&]", "[[&]]");
    const char *const unknown[][2] = {
        {"[a[bc]]", "'[' at byte 2"},  {"[[:alpha:]]", "'[' at byte 1"},
        {"[a&&b]", "'&&' at byte 2"},  {"[\\W]", "'\\\\W' at byte 1"},
        {"\\pL", "'\\\\p' at byte 0"}, {"x\\Q.\\E", "'\\\\Q' at byte 1"},
        {"a{,2}", "'{,' at byte 1"},
    };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        err e = {0};
        assert_null(pattern_new(unknown[i][0], strlen(unknown[i][0]), false, "file", &e));
        if (!strstr(e.message, unknown[i][1])) fail_msg("%s: %s", unknown[i][0], e.message);
    }
}

static void test_hostile_patterns_end(void **state) {
    (void)state;
    char text[4096];
    memset(text, 'a', sizeof text);
    assert_n_matches("(?:a+)+b", false, text, sizeof text, "");
    assert_n_matches("(a|aa)+$(?<=b)", false, text, sizeof text, "");
    assert_n_matches("(?:(?R)?a)+b", false, text, sizeof text, "");
    assert_matches("a\\Kb", "abb", "[b]");
}

static void test_broken_patterns_are_one_line(void **state) {
    (void)state;
    assert_refused("a(", "file: regular expression 'a(': missing closing parenthesis");
    assert_refused("", "file: pattern of 0 bytes, expected 1 to 65536");
    err e = {0};
    assert_null(pattern_new("\\C", 2, false, "file", &e)); /* half a character */
    e = (err){0};
    assert_null(pattern_new("\xFF", 1, false, "file", &e));
}

static void test_source_is_kept(void **state) {
    (void)state;
    err e = {0};
    size_t n;
    pattern *p = pattern_new("\\s+", 3, false, "test", &e);
    assert_string_equal(pattern_source(p, &n), "\\s+");
    assert_int_equal(n, 3);
    assert_false(pattern_is_literal(p));
    pattern_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_strings),
        cmocka_unit_test(test_matches_in_order),
        cmocka_unit_test(test_white_space_is_unicodes),
        cmocka_unit_test(test_words_are_unicodes),
        cmocka_unit_test(test_means_what_oniguruma_means),
        cmocka_unit_test(test_hostile_patterns_end),
        cmocka_unit_test(test_broken_patterns_are_one_line),
        cmocka_unit_test(test_source_is_kept),
    };
    return cmocka_run_group_tests(tests, make_pool, free_pool);
}
