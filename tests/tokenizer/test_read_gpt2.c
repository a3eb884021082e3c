#include "base/file.h"
#include "folder.h"
#include "tokenizer_files.h"

#define VOCAB "{`a`: 0, `b`: 1, `Ġ`: 2, `ab`: 3, `Ġab`: 4, `Ã`: 5, `©`: 6, `<|endoftext|>`: 7}"

static void put(const char *name, const char *text) {
    err e = {0};
    const char *content = quotes(text);
    if (!file_write(folder_path(name), content, strlen(content), &e)) fail_msg("%s", e.message);
}

static tokenizer *open_pair(const char *vocab, const char *merges, err *e) {
    put("vocab.json", vocab);
    put("merges.txt", merges);
    return tok_open(folder, e);
}

static void assert_pair_refused(const char *vocab, const char *merges, const char *file,
                                const char *message) {
    err e = {0};
    assert_null(open_pair(vocab, merges, &e));
    str expected = {0};
    str_printf(&expected, "%s%s", folder_path(file), message);
    assert_string_equal(e.message, expected.data);
    str_free(&expected);
}

static void test_pair(void **state) {
    (void)state;
    static const char *const merges[] = {"#version: 0.2\na b\nĠ ab\n", "a b\r\nĠ ab",
                                         "a b\nĠ ab\n\n"};
    for (int i = 0; i < 3; i++) {
        err e = {0};
        tokenizer *tok = open_pair(VOCAB, merges[i], &e);
        if (!tok) fail_msg("%s", e.message);
        assert_int_equal(tok_vocab_size(tok), 8);
        assert_encodes(tok, "ab ab  é", "3 4 2 2 5 6");
        assert_decodes(tok, "ab  aé", "ab  aé");
        assert_encodes_as(tok, "a<|endoftext|>", &(tok_options){.allow_special = true}, "0 7");
        assert_encodes_as(tok, "a", &(tok_options){.add_special = true}, "0");
        assert_int_equal(tok_role_id(tok, TOK_EOS), 7);
        tok_free(tok);
    }
}

static void test_without_end_of_text(void **state) {
    (void)state;
    err e = {0};
    tokenizer *tok = open_pair("{`a`:0,`b`:1}", "#version\n", &e);
    if (!tok) fail_msg("%s", e.message);
    assert_encodes(tok, "abba", "0 1 1 0");
    assert_int_equal(tok_role_id(tok, TOK_EOS), -1);
    tok_free(tok);
}

static void test_refused(void **state) {
    (void)state;
    assert_pair_refused(VOCAB, "#version: 0.2\na b\nab\n", "merges.txt",
                        ":3: 'ab', expected two pieces with a blank between");
    assert_pair_refused(VOCAB, "a b\na  b\n", "merges.txt",
                        ":2: 'a  b', expected two pieces with a blank between");
    assert_pair_refused(VOCAB, "a b\nb a\n", "merges.txt",
                        ":2: the merge of 'b' and 'a': 'ba' is no piece");
    assert_pair_refused(VOCAB, "a b\nz a\n", "merges.txt",
                        ":2: the merge of 'z' and 'a': 'z' is no piece");
    assert_pair_refused(VOCAB, "a b\n\xC3 a\n", "merges.txt",
                        ": not a tokenizer: byte 4 is not UTF-8");
    assert_pair_refused("{`a`:0,`b`:1", "a b\n", "vocab.json", ": broken JSON at byte 11");
    assert_pair_refused("{`a`:0,`b`:3}", "#version\n", "vocab.json",
                        ": no piece has the id 1, expected 0 to 1");
    assert_pair_refused("{`a`:0,`a b`:1}", "#version\n", "vocab.json",
                        ": piece 'a b' is not spelled in GPT-2's characters for bytes");
    assert_pair_refused("{`a`:0,`b`:`1`}", "#version\n", "vocab.json",
                        ": piece 'b' has no number as its id");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pair),
        cmocka_unit_test(test_without_end_of_text),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
