/* A sentence as bytes, characters, words and BPE; what ids say of words. */
#include "lesson/01_tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesson_page.h"

#include <math.h>
#include <stdlib.h>

enum { SENTENCES = 500, BPE_SIZE = 500 };

static const char sentence[] = "The unbelievable café of the king.";

static tokens_cut cut(tok_type type) {
    err e = {0};
    tokenizer *tok = tokens_learn(type, BPE_SIZE, SENTENCES, 1, &e);
    assert_non_null(tok);
    return tokens_cut_by(tok_type_name(type), tok, sentence);
}

/* How many tokens of the cut are the unknown one. */
static int64_t unknown(const tokens_cut *c) {
    int64_t n = 0;
    for (size_t i = 0; i < c->ids.len; i++) n += c->ids.data[i] == tok_unknown(c->tok);
    return n;
}

static void test_bytes_are_as_many_as_the_text_has(void **state) {
    (void)state;
    tokens_cut c = cut(TOK_BYTE);
    assert_int_equal(c.ids.len, strlen(sentence));
    assert_int_equal(tok_vocab_size(c.tok), 256);
    assert_true(c.is_same);
    for (size_t i = 0; i < c.ids.len; i++)
        assert_int_equal(c.ids.data[i], (unsigned char)sentence[i]);
    tokens_cut_free(&c);
}

static void test_characters_never_seen_are_lost(void **state) {
    (void)state;
    tokens_cut c = cut(TOK_CHAR);
    assert_int_equal(c.ids.len, strlen(sentence) - 1); /* é is two bytes */
    assert_int_equal(unknown(&c), 2);                  /* T and é */
    assert_false(c.is_same);
    tokens_cut_free(&c);
}

static void test_words_never_seen_are_lost(void **state) {
    (void)state;
    tokens_cut c = cut(TOK_WORD);
    assert_int_equal(c.ids.len, 7); /* with the point */
    assert_int_equal(unknown(&c), 2);
    assert_false(c.is_same);
    assert_memory_equal(c.back.data, "the ", 4);
    tokens_cut_free(&c);
}

static void test_bpe_loses_nothing_and_is_shorter_than_bytes(void **state) {
    (void)state;
    tokens_cut c = cut(TOK_BPE);
    assert_true(c.is_same);
    assert_true(c.ids.len > 7 && c.ids.len < strlen(sentence) * 3 / 4);
    assert_int_equal(tok_vocab_size(c.tok), BPE_SIZE);
    tokens_cut_free(&c);
}

static void test_ids_say_nothing_of_words(void **state) {
    (void)state;
    err e = {0};
    tokenizer *first = tokens_learn(TOK_WORD, 0, 2000, 1, &e);
    tokenizer *second = tokens_learn(TOK_WORD, 0, 2000, 2, &e);
    tokens_order o = tokens_compare(first, second);
    assert_int_equal(o.n_words, 2 * TOKENS_PAIRS);
    assert_true(o.n_same < o.n_words / 10);
    assert_true(o.n_next < o.n_words / 5);
    assert_true(fabs(o.correlation) < 0.1);
    assert_true(o.across < 0.6);
    o = tokens_compare(first, first);
    assert_int_equal(o.n_same, o.n_words);
    assert_true(o.across > 0.999);
    tok_free(first);
    tok_free(second);
}

static void test_the_lesson_is_told(void **state) {
    (void)state;
    err e = {0};
    tell_lesson(1);
    assert_told("byte: 47 tokens");
    assert_told("\u2581queen");
    assert_told("caf<unk>.");
    assert_told("|king - queen|");
    free(page_told);
    assert_true(lesson_check(1, 1, "6", &e));
    assert_false(lesson_check(1, 1, "5", &e));
    assert_true(lesson_check(1, 2, "word", &e));
}

static void test_texts_of_the_user(void **state) {
    (void)state;
    char most[601];
    memset(most, '\t', sizeof most);
    most[600] = '\0';
    assert_string_equal(complaint(1, NULL, most, NULL), "");
    assert_string_equal(complaint(1, NULL, "\u65e5 100% %s", NULL), "");
    assert_string_equal(complaint(1, NULL, "", NULL), "--text has 0 bytes, expected 1 to 600");
    assert_string_equal(complaint(1, NULL, "\xff", NULL), "--text is not valid UTF-8");
}

static void test_a_run_that_is_none(void **state) {
    (void)state;
    assert_non_null(strstr(complaint(1, folder, NULL, NULL), "not a run"));
}

static void write_file(const char *name, const char *text) {
    FILE *out = fopen(folder_path(name), "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void test_the_tokenizer_of_a_run(void **state) {
    (void)state;
    err e = {0};
    write_file("config.ini", "[run]\nobjective = word2vec\n");
    assert_non_null(strstr(complaint(1, folder, NULL, NULL), "no tokenizer"));
    write_file("config.ini", "");
    assert_non_null(strstr(complaint(1, folder, NULL, NULL), "tokenizer.json"));
    tokens_cut c = cut(TOK_BPE);
    assert_true(tok_save(c.tok, folder_path("tokenizer.json"), &e));
    assert_string_equal(complaint(1, folder, NULL, NULL), "");
    tokens_cut_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_are_as_many_as_the_text_has),
        cmocka_unit_test(test_characters_never_seen_are_lost),
        cmocka_unit_test(test_words_never_seen_are_lost),
        cmocka_unit_test(test_bpe_loses_nothing_and_is_shorter_than_bytes),
        cmocka_unit_test(test_ids_say_nothing_of_words),
        cmocka_unit_test(test_the_lesson_is_told),
        cmocka_unit_test(test_texts_of_the_user),
        cmocka_unit_test(test_a_run_that_is_none),
        cmocka_unit_test(test_the_tokenizer_of_a_run),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
