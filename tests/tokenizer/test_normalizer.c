#include "tokenizer/text/normalizer.h"

#include "base/array.h"
#include "base/rng.h"
#include "tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

static void assert_bytes(const normalizer *norm, const char *text, size_t n, const char *expected,
                         size_t n_expected) {
    tok_scratch *s = scratch_take(pool);
    const char *found = normalizer_apply(norm, norm->n, s, text, &n);
    assert_int_equal(n, n_expected);
    assert_memory_equal(found, expected, n);
    scratch_give(pool, s);
}

static void assert_normalized(const normalizer *norm, const char *text, const char *expected) {
    assert_bytes(norm, text, strlen(text), expected, strlen(expected));
}

static void assert_step(norm_kind kind, const char *text, const char *expected) {
    normalizer norm = {0};
    normalizer_add(&norm, kind);
    assert_normalized(&norm, text, expected);
    normalizer_free(&norm);
}

static void test_normal_forms(void **state) {
    (void)state;
    assert_step(NORM_NFC, "e\u0301a\u0323\u0302x", "\u00E9\u1EADx");
    assert_step(NORM_NFC, "a\u0302\u0323", "\u1EAD"); /* reordered, then composed */
    assert_step(NORM_NFC, "\u1100\u1161\u11A8 \uAC00\u11A8 \u212B \u0958",
                "\uAC01 \uAC01 \u00C5 \u0915\u093C");
    assert_step(NORM_NFC, "\uFB01\u00BD", "\uFB01\u00BD");
    assert_step(NORM_NFD, "\u00E9\u1EAD\uAC01", "e\u0301a\u0323\u0302\u1100\u1161\u11A8");
    assert_step(
        NORM_NFKC, "\uFB01\u00BD \uFF76\uFF9E\u3131\u314F \uFDFA",
        "fi1\u20442 \u30AC\uAC00 \u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064A\u0647 \u0648\u0633\u0644\u0645");
    assert_step(NORM_NFKD, "\u00E9\u2460\u00A0", "e\u03011 ");
    assert_step(NORM_NFD, "", "");
}

static void test_unchanged_text_is_not_copied(void **state) {
    (void)state;
    const char *text = "plain ASCII, all of it";
    tok_scratch *s = scratch_take(pool);
    for (int kind = NORM_NFC; kind <= NORM_NFKD; kind++) {
        normalizer norm = {0};
        size_t n = strlen(text);
        normalizer_add(&norm, (norm_kind)kind);
        normalizer_add(&norm, NORM_STRIP_ACCENTS);
        assert_ptr_equal(normalizer_apply(&norm, norm.n, s, text, &n), text);
        normalizer_free(&norm);
    }
    scratch_give(pool, s);
}

/* A composed text is the same whether it was decomposed before or not, and as it was once composed;
 * over random characters that compose, reorder and decompose. */
static void test_forms_agree_with_each_other(void **state) {
    (void)state;
    static const char *const parts[] = {"a",      "E",      "\u0301", "\u0323", "\u0345", "\u1100",
                                        "\u1161", "\u11A8", "\uAC00", "\u00E9", "\u0958", "\u0B47",
                                        "\u0B3E", "\u1EAD", "\xC3",   "\uFF76", "\uFF9E", " "};
    rng_stream random = {.key = rng_from_seed(3)};
    normalizer once = {0}, twice = {0}, apart = {0};
    normalizer_add(&once, NORM_NFC);
    normalizer_add(&twice, NORM_NFC);
    normalizer_add(&twice, NORM_NFC);
    normalizer_add(&apart, NORM_NFD);
    normalizer_add(&apart, NORM_NFC);
    tok_scratch *s = scratch_take(pool);
    for (int i = 0; i < 5000; i++) {
        str text = {0}, composed = {0};
        for (uint32_t j = 1 + rng_next_below(&random, 40); j > 0; j--) {
            const char *part = parts[rng_next_below(&random, COUNT(parts))];
            str_append(&text, part, strlen(part));
        }
        size_t n = text.len;
        const char *found = normalizer_apply(&once, 1, s, text.data, &n);
        str_append(&composed, found, n);
        assert_bytes(&twice, text.data, text.len, composed.data, composed.len);
        assert_bytes(&apart, text.data, text.len, composed.data, composed.len);
        str_free(&text);
        str_free(&composed);
    }
    scratch_give(pool, s);
    normalizer_free(&once);
    normalizer_free(&twice);
    normalizer_free(&apart);
}

static void test_bytes_that_are_not_utf8_stay(void **state) {
    (void)state;
    assert_step(NORM_NFC,
                "e\xFF\u0301"
                "e\u0301\xC3",
                "e\xFF\u0301\u00E9\xC3");
    assert_step(NORM_LOWERCASE,
                "\xC3\xC4"
                "AÄ",
                "\xC3\xC4"
                "aä");
    assert_step(NORM_STRIP_ACCENTS, "a\u0301\xCC", "a\xCC");
    normalizer norm = {0};
    normalizer_add(&norm, NORM_NFD);
    assert_bytes(&norm, "\0\u00E9\0", 4, "\0e\u0301\0", 5);
    normalizer_free(&norm);
}

static void test_lower_case_is_that_of_rust(void **state) {
    (void)state;
    assert_step(NORM_LOWERCASE, "ABC[Z@`{ ÄÖ Ж Σ", "abc[z@`{ äö ж σ");
    assert_step(NORM_LOWERCASE, "\u0130\u1E9E\u212A\U00010400", "i\u0307\u00DFk\U00010428");
}

static void test_strip(void **state) {
    (void)state;
    for (int side = 0; side < 4; side++) {
        normalizer norm = {0};
        norm_step *step = normalizer_add(&norm, NORM_STRIP);
        step->left = side & 1;
        step->right = side & 2;
        static const char *const expected[] = {" \u3000a b\u00A0\n", "a b\u00A0\n", " \u3000a b",
                                               "a b"};
        assert_normalized(&norm, " \u3000a b\u00A0\n", expected[side]);
        assert_normalized(&norm, " \t", side ? "" : " \t");
        normalizer_free(&norm);
    }
    assert_step(NORM_STRIP_ACCENTS, "a\u0301\u0903\u20DDb\u00E9", "ab\u00E9");
}

static void add_replacement(normalizer *norm, const char *source, bool literal, const char *text) {
    err e = {0};
    norm_step *step = normalizer_add(norm, NORM_REPLACE);
    step->pattern = pattern_new(source, strlen(source), literal, "test", &e);
    assert_string_equal(e.message, "");
    str_append(&step->text, text, strlen(text));
}

static void test_prepend_and_replace(void **state) {
    (void)state;
    normalizer norm = {0};
    norm_step *step = normalizer_add(&norm, NORM_PREPEND);
    str_append(&step->text, "▁", 3);
    add_replacement(&norm, " ", true, "▁");
    assert_normalized(&norm, "a  b", "▁a▁▁b");
    assert_normalized(&norm, " \xFF ", "▁▁\xFF▁");
    assert_normalized(&norm, "", "");
    add_replacement(&norm, "[ab]+", false, "");
    assert_normalized(&norm, "ab ab", "▁▁");
    normalizer_free(&norm);
    add_replacement(&norm, NORM_LEADING_BLANKS, false, "");
    add_replacement(&norm, NORM_TRAILING_BLANKS, false, "");
    assert_normalized(&norm, "  a \xFF b\n  ", "a \xFF b\n"); /* the ends are those of the text */
    normalizer_free(&norm);
}

static void assert_bert(const char *flags, const char *text, const char *expected) {
    normalizer norm = {0};
    norm_step *step = normalizer_add(&norm, NORM_BERT);
    step->clean_text = strchr(flags, 't') != NULL;
    step->handle_chinese_chars = strchr(flags, 'c') != NULL;
    step->strip_accents = strchr(flags, 'a') != NULL;
    step->lowercase = strchr(flags, 'l') != NULL;
    assert_normalized(&norm, text, expected);
    normalizer_free(&norm);
}

static void test_bert(void **state) {
    (void)state;
    assert_bert("tcal", "Héllo\tWÖRLD\u00A0x\u200B\v你好", "hello world x 你  好 ");
    assert_bert("t", "A\x01\x7F\xC2\x85\uFFFD\uE000\nB\r\u3000É", "A B  É");
    assert_bert("c", "a\u4E00b\u3040\U0002B820", "a \u4E00 b\u3040\U0002B820");
    assert_bert("a", "É\u0903\u20DD", "E\u0903\u20DD");
    assert_bert("l", "É\t\u0130", "é\ti\u0307");
    assert_bert("", "É\t", "É\t");
}

static void test_where_a_text_may_be_cut(void **state) {
    (void)state;
    static const struct {
        const char *source;
        bool literal, can_cut;
    } cases[] = {{" ", true, true},
                 {"``", true, true},
                 {"a", true, false},
                 {" a", true, false},
                 {" {2,}", false, true},
                 {"\\s+", false, false},
                 {NORM_LEADING_BLANKS, false, true},
                 {NORM_TRAILING_BLANKS, false, true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        normalizer norm = {0};
        normalizer_add(&norm, NORM_NFKC);
        normalizer_add(&norm, NORM_BERT);
        normalizer_add(&norm, NORM_PREPEND);
        add_replacement(&norm, cases[i].source, cases[i].literal, "x");
        assert_int_equal(normalizer_can_cut(&norm), cases[i].can_cut);
        normalizer_add(&norm, NORM_NFKC);
        assert_int_equal(normalizer_can_cut(&norm), cases[i].can_cut && i > 0);
        normalizer_free(&norm);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_forms),
        cmocka_unit_test(test_unchanged_text_is_not_copied),
        cmocka_unit_test(test_forms_agree_with_each_other),
        cmocka_unit_test(test_bytes_that_are_not_utf8_stay),
        cmocka_unit_test(test_lower_case_is_that_of_rust),
        cmocka_unit_test(test_strip),
        cmocka_unit_test(test_prepend_and_replace),
        cmocka_unit_test(test_bert),
        cmocka_unit_test(test_where_a_text_may_be_cut),
    };
    return cmocka_run_group_tests(tests, make_pool, free_pool);
}
