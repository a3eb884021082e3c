#include "tokenizer_files.h"

#define SPECIALS "[PAD]\n[unused0]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"

static void test_uncased(void **state) {
    (void)state;
    tokenizer *tok = parse(SPECIALS "un\n##aff\n##able\n,\ncafe\n");
    assert_int_equal(tok_type_of(tok), TOK_WORDPIECE);
    assert_int_equal(tok_unknown(tok), 2);
    assert_encodes(tok, "Unaffable, CAFÉ xyz", "6 7 8 9 10 2");
    assert_encodes_as(tok, "un", &(tok_options){.add_special = true}, "3 6 4");
    assert_encodes_as(tok, "un[MASK]", &(tok_options){.allow_special = true}, "6 5");
    assert_decodes(tok, "unaffable , un", "unaffable, un");
    assert_true(tok_is_special(tok, 0));
    assert_false(tok_is_special(tok, 1));
    tok_free(tok);
}

/* A piece with a capital letter tells that case matters. */
static void test_cased(void **state) {
    (void)state;
    tokenizer *tok = parse(SPECIALS "un\r\nUn\r\ncafé\r\ncafe");
    assert_encodes(tok, "un Un UN café", "6 7 2 8");
    tok_free(tok);
}

static void test_refused(void **state) {
    (void)state;
    assert_refused("[PAD]\nun\n",
                   "file: not a tokenizer: no line is [UNK], as in BERT's vocab.txt");
    assert_refused("", "file: not a tokenizer: no line is [UNK], as in BERT's vocab.txt");
    assert_refused(SPECIALS "un\nun\n", "file:8: piece 'un' stands twice in the vocabulary");
    assert_refused(SPECIALS "\nun\n", "file:7: the piece with the id 6 is empty");
    assert_refused("[UNK]\n\xC3\n", "file: not a tokenizer: byte 6 is not UTF-8");
    assert_refused_bytes("[UNK]\n\0\n", 8, "file: not a tokenizer: byte 6 is zero");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uncased),
        cmocka_unit_test(test_cased),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
