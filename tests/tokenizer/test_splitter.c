#include "tokenizer/text/splitter.h"

#include "hostile.h"
#include "tokenizer/text/split_gpt2.h"
#include "tokenizer_parts.h"

#include <string.h>

#define CL100K                                                                                     \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"                       \
    "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

static void append_piece(void *context, const char *piece, size_t n) {
    assert_true(n > 0);
    str_append(context, piece, n);
    str_append(context, "|", 1);
}

/* Appends the pieces, a | behind each. */
static void split(const splitter *sp, const char *text, size_t n, bool first, str *out) {
    tok_scratch *s = scratch_take(pool);
    str_append(out, "", 0);
    splitter_run(sp, s, text, n, first, append_piece, out);
    scratch_give(pool, s);
}

static void assert_split(const splitter *sp, const char *text, const char *expected) {
    str out = {0};
    split(sp, text, strlen(text), true, &out);
    assert_string_equal(out.data, expected);
    str_free(&out);
}

/* A splitter of that one step. */
static splitter one_step(split_step step) {
    splitter sp = {0};
    *splitter_add(&sp, step.kind) = step;
    return sp;
}

static void assert_step(split_step step, const char *text, const char *expected) {
    splitter sp = one_step(step);
    assert_split(&sp, text, expected);
    splitter_free(&sp);
}

static split_step pattern_step(const char *source, split_behavior behavior, bool invert) {
    err e = {0};
    pattern *p = pattern_new(source, strlen(source), false, "test", &e);
    assert_non_null(p);
    return (split_step){
        .kind = SPLIT_PATTERN, .pattern = p, .behavior = behavior, .invert = invert};
}

static split_step metaspace_step(split_prepend prepend, bool cut) {
    split_step step = {.kind = SPLIT_METASPACE, .prepend = prepend, .split = cut};
    str_append(&step.replacement, "_", 1);
    return step;
}

static void test_behaviors_are_those_of_hugging_face(void **state) {
    (void)state;
    const char *text = "a--b-";
    assert_step(pattern_step("-", SPLIT_REMOVED, false), text, "a|b|");
    assert_step(pattern_step("-", SPLIT_ISOLATED, false), text, "a|-|-|b|-|");
    assert_step(pattern_step("-", SPLIT_MERGED_WITH_PREVIOUS, false), text, "a-|-|b-|");
    assert_step(pattern_step("-", SPLIT_MERGED_WITH_NEXT, false), text, "a|-|-b|-|");
    assert_step(pattern_step("-", SPLIT_CONTIGUOUS, false), text, "a|--|b|-|");
    assert_step(pattern_step("-", SPLIT_REMOVED, true), text, "-|-|-|");
}

static void test_classes_of_characters(void **state) {
    (void)state;
    const char *text = " Don't\u3000pay_it: \u00AB12.5\u00BD\u00BB";
    assert_step((split_step){.kind = SPLIT_BERT}, text,
                "Don|'|t|pay|_|it|:|\u00AB|12|.|5\u00BD|\u00BB|");
    assert_step((split_step){.kind = SPLIT_WHITESPACE}, text,
                "Don|'|t|pay_it|:|\u00AB|12|.|5|\u00BD\u00BB|");
    assert_step((split_step){.kind = SPLIT_WHITESPACE_SPLIT}, text,
                "Don't|pay_it:|\u00AB12.5\u00BD\u00BB|");
    assert_step((split_step){.kind = SPLIT_DIGITS}, "a12.5\u00BDb", "a|12|.|5\u00BD|b|");
    assert_step((split_step){.kind = SPLIT_DIGITS, .individual_digits = true}, "a12", "a|1|2|");
    assert_step((split_step){.kind = SPLIT_PUNCTUATION, .behavior = SPLIT_CONTIGUOUS}, "a b..c",
                "a b|..|c|");
}

static void test_metaspace(void **state) {
    (void)state;
    assert_step(metaspace_step(SPLIT_PREPEND_ALWAYS, true), "ab  c", "_ab|_|_c|");
    assert_step(metaspace_step(SPLIT_PREPEND_ALWAYS, true), " ab", "_ab|");
    assert_step(metaspace_step(SPLIT_PREPEND_NEVER, true), "ab c ", "ab|_c|_|");
    assert_step(metaspace_step(SPLIT_PREPEND_FIRST, false), "ab c", "_ab_c|");
    splitter sp = one_step(metaspace_step(SPLIT_PREPEND_FIRST, false));
    str out = {0};
    split(&sp, "ab c", 4, false, &out);
    assert_string_equal(out.data, "ab_c|");
    str_free(&out);
    splitter_free(&sp);
}

static void test_cut_at_blanks(void **state) {
    (void)state;
    splitter sp = one_step(metaspace_step(SPLIT_PREPEND_ALWAYS, false));
    sp.cut_at_blanks = true;
    assert_split(&sp, "ab   c d", "_ab|___c|_d|");
    splitter_free(&sp);
    splitter none = {.cut_at_blanks = true}; /* the normalizer has put the marks */
    assert_split(&none, "\u2581ab\u2581\u2581c\u2581", "\u2581ab|\u2581\u2581c|\u2581|");
    char_pairs pairs = {0};
    char_pairs_add(&pairs, 'b', ',');
    none.cut_pairs = &pairs;
    assert_split(&none, "ab,b\u2581,b,", "ab|,b|\u2581,b|,|");
}

static void test_steps_follow_one_another(void **state) {
    (void)state;
    splitter sp = {0};
    splitter_add(&sp, SPLIT_WHITESPACE_SPLIT);
    *splitter_add(&sp, SPLIT_METASPACE) = metaspace_step(SPLIT_PREPEND_FIRST, true);
    splitter_add(&sp, SPLIT_DIGITS);
    assert_split(&sp, "ab1 c2", "_ab|1|c|2|");
    assert_split(&sp, " ab", "ab|"); /* the first piece does not begin the text */
    tok_scratch *s = scratch_take(pool);
    str out = {0};
    splitter_run_steps(&sp, 1, s, "ab1 c2", 6, true, append_piece, &out);
    assert_string_equal(out.data, "ab1|c2|");
    str_free(&out);
    scratch_give(pool, s);
    splitter_free(&sp);
}

static void test_byte_level(void **state) {
    (void)state;
    assert_step((split_step){.kind = SPLIT_BYTE_LEVEL, .use_regex = true}, "a b", "a| b|");
    assert_step((split_step){.kind = SPLIT_BYTE_LEVEL}, "a b", "a b|");
    split_step prefix = {.kind = SPLIT_BYTE_LEVEL, .use_regex = true, .add_prefix_space = true};
    assert_step(prefix, "a b", " a| b|");
    assert_step(prefix, " a b", " a| b|");
}

static void test_lone_bytes_stand_alone(void **state) {
    (void)state;
    assert_step((split_step){.kind = SPLIT_WHITESPACE}, "a b\xFF\xC3 c", "a|b|\xFF\xC3|c|");
    assert_step(pattern_step(CL100K, SPLIT_ISOLATED, false), "a  \xFF b", "a|  |\xFF| b|");
}

/* Whether cutting where splitter_cut says leaves the pieces of random texts as they are. */
static void assert_cuts_change_nothing(splitter sp, bool expected_to_cut) {
    rng_stream random = {.key = rng_from_seed(5)};
    str text = {0}, whole = {0}, parts = {0};
    int n_cuts = 0;
    for (int i = 0; i < 500; i++) {
        hostile_text(&random, 60, 0, &text);
        whole.len = parts.len = 0;
        split(&sp, text.data, text.len, true, &whole);
        for (size_t at = 0, next; at < text.len; at = next) {
            next = splitter_cut(&sp, text.data, text.len, at + 1);
            split(&sp, text.data + at, next - at, at == 0, &parts);
            n_cuts += next < text.len;
        }
        if (text.len) assert_string_equal(parts.data, whole.data);
    }
    assert_int_equal(n_cuts > 0, expected_to_cut);
    str_free(&text);
    str_free(&whole);
    str_free(&parts);
    splitter_free(&sp);
}

static void test_cuts_change_nothing(void **state) {
    (void)state;
    assert_cuts_change_nothing(one_step((split_step){.kind = SPLIT_BYTE_LEVEL, .use_regex = true}),
                               true);
    assert_cuts_change_nothing(one_step(pattern_step(SPLIT_GPT2_PATTERN, SPLIT_ISOLATED, false)),
                               true);
    assert_cuts_change_nothing(one_step(pattern_step(CL100K, SPLIT_ISOLATED, false)), true);
    assert_cuts_change_nothing(one_step(pattern_step(CL100K, SPLIT_REMOVED, true)), true);
    assert_cuts_change_nothing(one_step(metaspace_step(SPLIT_PREPEND_FIRST, true)), true);
    assert_cuts_change_nothing(one_step((split_step){.kind = SPLIT_BERT}), true);
    assert_cuts_change_nothing(one_step((split_step){.kind = SPLIT_WHITESPACE}), true);
    assert_cuts_change_nothing(one_step((split_step){.kind = SPLIT_WHITESPACE_SPLIT}), true);
    assert_cuts_change_nothing(one_step((split_step){.kind = SPLIT_DIGITS}), false);
    assert_cuts_change_nothing(one_step(pattern_step("b c", SPLIT_ISOLATED, false)), false);
    assert_cuts_change_nothing(one_step(metaspace_step(SPLIT_PREPEND_FIRST, false)), false);
    splitter two = one_step((split_step){.kind = SPLIT_DIGITS});
    splitter_add(&two, SPLIT_BYTE_LEVEL)->use_regex = true;
    assert_cuts_change_nothing(two, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_behaviors_are_those_of_hugging_face),
        cmocka_unit_test(test_classes_of_characters),
        cmocka_unit_test(test_metaspace),
        cmocka_unit_test(test_cut_at_blanks),
        cmocka_unit_test(test_steps_follow_one_another),
        cmocka_unit_test(test_byte_level),
        cmocka_unit_test(test_lone_bytes_stand_alone),
        cmocka_unit_test(test_cuts_change_nothing),
    };
    return cmocka_run_group_tests(tests, make_pool, free_pool);
}
