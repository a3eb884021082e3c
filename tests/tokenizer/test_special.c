#include "tokenizer/special.h"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { SPECIAL = 1, WORD = 2, LEFT = 4, RIGHT = 8, NORMALIZED = 16 };

static void add(specials *sp, int32_t id, const char *content, int flags) {
    special_token *token = special_add(sp, id, content, strlen(content));
    token->special = flags & SPECIAL;
    token->single_word = flags & WORD;
    token->lstrip = flags & LEFT;
    token->rstrip = flags & RIGHT;
    token->normalized = flags & NORMALIZED;
}

/* Prepares sp over a vocabulary of "a" and "b"; the message when that fails, else "". */
static const char *prepared(specials *sp, const normalizer *norm) {
    static err e;
    static const normalizer none;
    vocab v = {0};
    tok_scratch *s = calloc(1, sizeof *s);
    e = (err){0};
    vocab_add(&v, "a", 1);
    vocab_add(&v, "b", 1);
    specials_prepare(sp, &v, norm ? norm : &none, s, "file", &e);
    vocab_free(&v);
    for (int i = 0; i < 2; i++) str_free(&s->normalized[i]);
    free(s);
    return e.message;
}

/* The text with [ ] around what each token found in it takes. */
static void assert_found(const specials *sp, bool normalized, bool allow, const char *text,
                         const char *expected) {
    size_t n = strlen(text), at = 0, begin, end;
    str out = {0};
    while (special_find(sp, normalized, allow, text, n, at, &begin, &end)) {
        str_printf(&out, "%.*s[%.*s]", (int)(begin - at), text + at, (int)(end - begin),
                   text + begin);
        at = end;
    }
    str_printf(&out, "%s", text + at);
    assert_string_equal(out.data, expected);
    str_free(&out);
}

static void test_special_ones_are_found_only_where_allowed(void **state) {
    (void)state;
    specials sp = {0};
    add(&sp, 3, "<s>", SPECIAL);
    add(&sp, 2, "  ", 0);
    assert_string_equal(prepared(&sp, NULL), "");
    assert_true(sp.any_plain);
    assert_int_equal(sp.tokens[0].id, 2);
    assert_found(&sp, false, true, "<s>a   <s", "[<s>]a[  ] <s");
    assert_found(&sp, false, false, "<s>a   <s", "<s>a[  ] <s");
    assert_found(&sp, true, true, "<s>a   <s", "<s>a   <s");
    specials_free(&sp);
}

static void test_first_then_longest(void **state) {
    (void)state;
    specials sp = {0};
    add(&sp, 2, "xy", 0);
    add(&sp, 3, "xyxz", 0);
    add(&sp, 4, "yx", 0);
    add(&sp, 5, "z", 0);
    add(&sp, 6, "é", 0);
    assert_string_equal(prepared(&sp, NULL), "");
    assert_found(&sp, false, false, "xyxyxzyxxyxé\xC3", "[xy][xyxz][yx][xy]x[é]\xC3");
    assert_found(&sp, false, false, "xyxyx", "[xy][xy]x");
    assert_found(&sp, false, false, "z", "[z]");
    assert_found(&sp, false, false, "", "");
    specials_free(&sp);
}

/* As Hugging Face's AddedVocabulary (tokenizers 0.23). */
static void test_single_words_and_white_space(void **state) {
    (void)state;
    specials sp = {0};
    add(&sp, 2, "cat", WORD);
    add(&sp, 3, "<l>", LEFT);
    add(&sp, 4, "<r>", RIGHT);
    add(&sp, 5, "at", 0);
    assert_string_equal(prepared(&sp, NULL), "");
    assert_found(&sp, false, false, "cat cats (cat) _cat écat cat\xC3",
                 "[cat] cats ([cat]) _cat écat [cat]\xC3");
    assert_found(&sp, false, false, "a \t<l> b", "a[ \t<l>] b");
    assert_found(&sp, false, false, "a <r>\xE3\x80\x80\n<l>", "a [<r>\xE3\x80\x80\n][<l>]");
    assert_found(&sp, false, false, "hat", "h[at]");
    specials_free(&sp);
}

static void test_normalized_ones_are_looked_for_as_normalized(void **state) {
    (void)state;
    specials sp = {0};
    normalizer lower = {0};
    normalizer_add(&lower, NORM_LOWERCASE);
    add(&sp, 2, "<X>", NORMALIZED);
    assert_string_equal(prepared(&sp, &lower), "");
    assert_found(&sp, true, false, "<x><X>", "[<x>]<X>");
    assert_found(&sp, false, false, "<x><X>", "<x><X>");
    assert_string_equal(special_of(&sp, 2)->content.data, "<X>");
    assert_null(special_of(&sp, 1));
    assert_ptr_equal(special_named(&sp, "<X>", 3), special_of(&sp, 2));
    assert_null(special_named(&sp, "<x>", 3));
    normalizer_free(&lower);
    specials_free(&sp);
}

static void test_wrong_ids_are_refused(void **state) {
    (void)state;
    static const struct {
        int32_t id;
        const char *content, *message;
    } wrong[] = {
        {4, "x", "file: added token 'x' has id 4, expected one up to 3"},
        {-1, "x", "file: added token 'x' has id -1, expected one up to 2"},
        {0, "x", "file: added token 0 is 'x', the vocabulary has 'a' there"},
        {2, "x", "file: two added tokens have id 2"},
        {3, "", "file: added token 3 is empty"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        specials sp = {0};
        add(&sp, 2, "<s>", SPECIAL);
        add(&sp, wrong[i].id, wrong[i].content, 0);
        assert_string_equal(prepared(&sp, NULL), wrong[i].message);
        specials_free(&sp);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_special_ones_are_found_only_where_allowed),
        cmocka_unit_test(test_first_then_longest),
        cmocka_unit_test(test_single_words_and_white_space),
        cmocka_unit_test(test_normalized_ones_are_looked_for_as_normalized),
        cmocka_unit_test(test_wrong_ids_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
