#include "tokenizer/text/describe_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The text made by the statement that appends to `out`. */
#define ASSERT_APPENDS(statement, expected)                                                        \
    do {                                                                                           \
        str out = {0};                                                                             \
        statement;                                                                                 \
        assert_string_equal(out.data, expected);                                                   \
        str_free(&out);                                                                            \
    } while (0)

static pattern *pattern_of(const char *source, bool literal) {
    err e = {0};
    pattern *p = pattern_new(source, strlen(source), literal, "test", &e);
    assert_non_null(p);
    return p;
}

static void test_normalizers(void **state) {
    (void)state;
    norm_step bert = {.kind = NORM_BERT, .clean_text = true, .lowercase = true};
    norm_step replace = {.kind = NORM_REPLACE, .pattern = pattern_of("x+", false)};
    ASSERT_APPENDS(norm_step_describe(&(norm_step){.kind = NORM_NFKC}, &out), "NFKC");
    ASSERT_APPENDS(norm_step_describe(&(norm_step){.kind = NORM_LOWERCASE}, &out), "lower case");
    ASSERT_APPENDS(norm_step_describe(&(norm_step){.kind = NORM_STRIP, .right = true}, &out),
                   "strip blanks at the end");
    ASSERT_APPENDS(norm_step_describe(&bert, &out), "BERT: clean text, lower case");
    str_append(&replace.text, "y", 1);
    ASSERT_APPENDS(norm_step_describe(&replace, &out), "replace matches of \"x+\" by \"y\"");
    str_free(&replace.text);
    pattern_free(replace.pattern);
}

static void test_splitters(void **state) {
    (void)state;
    split_step words = {.kind = SPLIT_PATTERN, .behavior = SPLIT_REMOVED, .invert = true};
    split_step space = {.kind = SPLIT_METASPACE, .prepend = SPLIT_PREPEND_FIRST, .split = true};
    words.pattern = pattern_of("x+", false);
    ASSERT_APPENDS(split_step_describe(&words, &out), "all but pattern 'x+' removed");
    pattern_free(words.pattern);
    str_append(&space.replacement, SPLIT_METASPACE_CHAR, strlen(SPLIT_METASPACE_CHAR));
    ASSERT_APPENDS(split_step_describe(&space, &out),
                   "▁ for blanks, one before the text, a piece begins at each");
    str_free(&space.replacement);
    ASSERT_APPENDS(
        split_step_describe(&(split_step){.kind = SPLIT_BYTE_LEVEL, .use_regex = true}, &out),
        "bytes, GPT-2's words");
    ASSERT_APPENDS(split_step_describe(&(split_step){.kind = SPLIT_DIGITS}, &out),
                   "runs of digits");
}

static void test_decoders(void **state) {
    (void)state;
    decoder d = {.kind = DECODE_WORDPIECE, .cleanup = true};
    str_append(&d.prefix, "##", 2);
    ASSERT_APPENDS(decoder_describe(&d, &out),
                   "a blank before each piece without \"##\", but none before marks");
    decoder_free(&d);
    ASSERT_APPENDS(decoder_describe(&d, &out), "pieces one behind the other");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalizers),
        cmocka_unit_test(test_splitters),
        cmocka_unit_test(test_decoders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
