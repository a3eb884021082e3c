#include "tokenizer/model/wordpiece.h"

#include "tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

/* Returns a new tokenizer of these pieces, the first being the unknown token, split as BERT does.
 */
static tokenizer *wordpieces(const char *const *pieces, int64_t longest) {
    err e = {0};
    tokenizer *tok = tok_new(TOK_WORDPIECE);
    for (; *pieces; pieces++) vocab_add(&tok->vocab, *pieces, strlen(*pieces));
    tok->unk = 0;
    tok->wordpiece = wordpiece_new();
    tok->wordpiece->longest = longest;
    splitter_add(&tok->splitter, SPLIT_BERT);
    tok = tok_finish(tok, "test", &e);
    assert_string_equal(e.message, "");
    return tok;
}

static const char *const pieces[] = {"[UNK]", "un",   "##believ", "##able", "u",  "##be", "##b",
                                     "##é",   "##é.", "é",        ".",      "##", NULL};

static void test_longest_first(void **state) {
    (void)state;
    tokenizer *tok = wordpieces(pieces, 100);
    assert_pieces(tok, "unbelievable", "un|##believ|##able|");
    assert_pieces(tok, "unbe.uéb", "un|##be|.|u|##é|##b|");
    assert_pieces(tok, "", "");
    tok_free(tok);
}

/* The longest token is taken although a shorter one would leave a word that is known. */
static void test_what_does_not_fit_is_unknown_as_a_whole(void **state) {
    (void)state;
    tokenizer *tok = wordpieces(pieces, 100);
    assert_pieces(tok, "unbeli un unx xun", "[UNK]|un|[UNK]|[UNK]|");
    assert_pieces(tok, "un\xC3 \xFFun", "un|[UNK]|[UNK]|un|");
    assert_pieces(tok, "believ able", "[UNK]|[UNK]|");
    tok_free(tok);
}

static void test_long_words_are_unknown(void **state) {
    (void)state;
    tokenizer *tok = wordpieces(pieces, 4);
    assert_pieces(tok, "éééé", "é|##é|##é|##é|");
    assert_pieces(tok, "ééééé unb", "[UNK]|un|##b|");
    tok_free(tok);
}

static void test_special_tokens_are_no_pieces(void **state) {
    (void)state;
    err e = {0};
    tokenizer *tok = tok_new(TOK_WORDPIECE);
    special_add(&tok->specials, 1, "sep", 3)->special = true;
    vocab_add(&tok->vocab, "[UNK]", 5);
    vocab_add(&tok->vocab, "sep", 3);
    tok->wordpiece = wordpiece_new();
    tok = tok_finish(tok, "test", &e);
    assert_non_null(tok);
    assert_pieces(tok, "sep", ""); /* no unknown token either */
    tok_free(tok);
}

static void test_explanation_names_every_token(void **state) {
    (void)state;
    tokenizer *tok = wordpieces(pieces, 100);
    str out = {0};
    tok->model->explain(tok, NULL, "unbex", 5, &out);
    assert_non_null(strstr(out.data, "begins \"unbex\": un (id 1)\n"));
    assert_non_null(strstr(out.data, "continues with \"bex\": ##be (id 5)\n"));
    assert_non_null(strstr(out.data, "continues with \"x\": none"));
    str_free(&out);
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longest_first),
        cmocka_unit_test(test_what_does_not_fit_is_unknown_as_a_whole),
        cmocka_unit_test(test_long_words_are_unknown),
        cmocka_unit_test(test_special_tokens_are_no_pieces),
        cmocka_unit_test(test_explanation_names_every_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
