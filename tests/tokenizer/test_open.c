#include "base/file.h"
#include "folder.h"
#include "tokenizer_files.h"

#define JSON   "{`model`:{`type`:`WordLevel`,`unk_token`:`?`,`vocab`:{`?`:0}}}"
#define MERGES "#version: 0.2\n"
#define BERT   "[UNK]\nun\n"
#define MINBPE "minbpe v1\n\n0\n"

static void put(const char *name, const char *text) {
    err e = {0};
    const char *content = quotes(text);
    if (!file_write(folder_path(name), content, strlen(content), &e)) fail_msg("%s", e.message);
}

static int empty_folder(void **state) {
    (void)state;
    DIR *d = opendir(folder);
    for (struct dirent *entry; (entry = readdir(d));) unlink(folder_path(entry->d_name));
    return closedir(d);
}

/* Opens the file in the folder, NULL = the folder itself. */
static void assert_opens(const char *name, tok_type type) {
    err e = {0};
    tokenizer *tok = tok_open(name ? folder_path(name) : folder, &e);
    if (!tok) fail_msg("%s", e.message);
    assert_int_equal(tok_type_of(tok), type);
    tok_free(tok);
}

static void assert_not_opened(const char *name, const char *message) {
    err e = {0};
    assert_null(tok_open(name ? folder_path(name) : folder, &e));
    assert_int_equal(e.code, ERR_INPUT);
    const char *path = name ? folder_path(name) : folder;
    assert_memory_equal(e.message, path, strlen(path));
    assert_string_equal(e.message + strlen(path), message);
}

static void test_content_decides(void **state) {
    (void)state;
    put("vocab.txt", JSON);
    assert_opens("vocab.txt", TOK_WORD);
    put("a.json", BERT);
    assert_opens("a.json", TOK_WORDPIECE);
    put("b.txt", MINBPE);
    assert_opens("b.txt", TOK_BPE);
    put("c.txt", "\n\x05");
    assert_not_opened("none", ": No such file or directory");
    err e = {0};
    assert_null(tok_open(folder_path("c.txt"), &e)); /* SentencePiece's reader refuses it */
    assert_null(strstr(e.message, "JSON"));
}

static void test_pairs(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"vocab.json", "merges.txt"},
                                           {"gpt2-vocab.json", "gpt2-merges.txt"},
                                           {"encoder.json", "vocab.bpe"}};
    for (int i = 0; i < 3; i++) {
        put(pairs[i][0], "{`a`:0,`b`:1,`ab`:2}");
        put(pairs[i][1], i ? "a b\n" : MERGES "a b\n");
        assert_opens(pairs[i][0], TOK_BPE);
        assert_opens(pairs[i][1], TOK_BPE);
    }
    assert_opens(NULL, TOK_BPE);
}

static void test_pair_is_not_whole(void **state) {
    (void)state;
    put("vocab.json", "{`a`:0}");
    assert_not_opened("vocab.json", ": needs merges.txt beside it, which is not there");
    assert_not_opened(NULL, "/vocab.json: needs merges.txt beside it, which is not there");
    put("x-merges.txt", MERGES);
    assert_not_opened("x-merges.txt", ": needs vocab.json beside it, which is not there");
    put("pieces.json", "{`a`:0}");
    assert_not_opened("pieces.json",
                      ": no tokenizer, or the pieces of GPT-2 under another name than vocab.json");
    put("pairs.txt", "a b\n");
    assert_not_opened("pairs.txt",
                      ": no tokenizer, or the merges of GPT-2 under another name than merges.txt");
    assert_refused("{`a`:0}", "file: pieces without merges.txt are no tokenizer");
    assert_refused("a b\n", "file: merges without vocab.json are no tokenizer");
}

static void test_folder(void **state) {
    (void)state;
    assert_not_opened(NULL, ": no tokenizer there, expected tokenizer.json, vocab.json with "
                            "merges.txt, vocab.txt or NAME.model");
    put("x.model", MINBPE);
    assert_opens(NULL, TOK_BPE);
    put("y.model", MINBPE);
    assert_not_opened(NULL, ": holds 2 files NAME.model, name the one");
    put("tokenizer.model", BERT);
    assert_opens(NULL, TOK_WORDPIECE);
    put("vocab.txt", MINBPE);
    assert_opens(NULL, TOK_BPE);
    put("tokenizer.json", JSON);
    assert_opens(NULL, TOK_WORD);
}

static void test_save(void **state) {
    (void)state;
    tokenizer *tok = parse(BERT);
    err e = {0};
    const char *path = folder_path("tokenizer.json");
    assert_true(tok_save(tok, path, &e));
    assert_opens(NULL, TOK_WORDPIECE);
    assert_false(tok_save(tok, folder_path("no/tokenizer.json"), &e));
    assert_int_equal(e.code, ERR_INPUT);
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_content_decides, empty_folder),
        cmocka_unit_test_setup(test_pairs, empty_folder),
        cmocka_unit_test_setup(test_pair_is_not_whole, empty_folder),
        cmocka_unit_test_setup(test_folder, empty_folder),
        cmocka_unit_test_setup(test_save, empty_folder),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
