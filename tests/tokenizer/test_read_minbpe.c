#include "tokenizer_files.h"

static void test_without_pattern(void **state) {
    (void)state;
    tokenizer *tok = parse("minbpe v1\n\n0\n97 98\n256 32\n257 256\n");
    assert_int_equal(tok_type_of(tok), TOK_BPE);
    assert_int_equal(tok_vocab_size(tok), 259);
    assert_encodes(tok, "ab abab c\xFF", "258 257 99 255");
    assert_decodes(tok, "ab abab \xFF", "ab abab \xFF");
    size_t len;
    assert_string_equal(tok_piece(tok, 258, &len), "ab ab");
    tok_free(tok);
}

static void test_with_pattern_and_special(void **state) {
    (void)state;
    tokenizer *tok = parse("minbpe v1\n ?\\p{L}+|\\d| \n1\n<|endoftext|> 258\n97 98\n32 256\n");
    assert_encodes(tok, "ab ab1", "256 257 49");
    assert_encodes(tok, "ab!", "256"); /* what the pattern leaves out is nothing */
    assert_encodes_as(tok, "<|endoftext|>ab", &(tok_options){.allow_special = true}, "258 256");
    tok_free(tok);
}

static void test_refused(void **state) {
    (void)state;
    assert_refused("minbpe v2\n\n0\n", "file:1: 'minbpe v2', expected minbpe v1");
    assert_refused("minbpe v1", "file:2: '', expected the pattern that splits");
    assert_refused("minbpe v1\n\n", "file:3: '', expected the number of special tokens");
    assert_refused("minbpe v1\n\n-1\n", "file:3: '-1', expected the number of special tokens");
    assert_refused("minbpe v1\n\n2\n<s> 256\n", "file:5: '', expected a special token and its id");
    assert_refused("minbpe v1\n\n1\n<s> 97\n",
                   "file:4: '<s> 97', expected a special token and its id");
    assert_refused("minbpe v1\n\n0\n97 256\n",
                   "file:4: '97 256', expected the ids of two tokens that are there already");
    assert_refused("minbpe v1\n\n0\n97 -1\n",
                   "file:4: '97 -1', expected the ids of two tokens that are there already");
    assert_refused("minbpe v1\n\n0\n97\n",
                   "file:4: '97', expected the ids of two tokens that are there already");
    assert_refused("minbpe v1\n\n1\n<s> 300\n",
                   "file: added token '<s>' has id 300, expected one up to 256");
}

/* Merges of merges double: 2^17 bytes after 17 lines. */
static void test_too_long(void **state) {
    (void)state;
    str text = {0};
    str_printf(&text, "minbpe v1\n\n0\n97 97\n");
    for (int id = 256; id < 272; id++) str_printf(&text, "%d %d\n", id, id);
    assert_refused(text.data, "file:20: '271 271', expected tokens of fewer bytes");
    str_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_pattern),
        cmocka_unit_test(test_with_pattern_and_special),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
