#include "tokenizer_files.h"

#define BPE                                                                                        \
    "{`normalizer`:{`type`:`Sequence`,`normalizers`:[{`type`:`NFC`},{`type`:`Lowercase`}]},"       \
    "`pre_tokenizer`:{`type`:`ByteLevel`,`add_prefix_space`:false},"                               \
    "`added_tokens`:[{`id`:4,`content`:`<|x|>`,`special`:true}],"                                  \
    "`model`:{`type`:`BPE`,`vocab`:{`a`:0,`b`:1,`Ġ`:2,`ab`:3},`merges`:[`a b`]}}"

static void assert_explained(const tokenizer *tok, const char *text, const tok_options *options,
                             const char *expected) {
    str out = {0};
    tok_explain(tok, text, strlen(text), options, &out);
    assert_string_equal(out.data, expected);
    str_free(&out);
}

/* What changes nothing is not told, and a piece is explained once. */
static void test_bpe(void **state) {
    (void)state;
    tokenizer *tok = parse(BPE);
    const tok_options options = {.allow_special = true};
    str out = {0};
    tok_explain(tok, "AB ab<|x|>b ab", 14, &options, &out);
    const char *const lines[] = {"text: \"AB ab<|x|>b ab\"\n",
                                 "lower case: \"ab ab\"\n",
                                 ": ab| ab\n",
                                 "\"ab\"\n  ",
                                 "\" ab\"\n  ",
                                 "special token: <|x|> (id 4)\n",
                                 ": b| ab\n",
                                 "\"b\"\n  ",
                                 "tokens:\n       3  \"ab\"\n       2  \" \"\n       3  \"ab\"\n"
                                 "       4  \"<|x|>\"\n       1  \"b\"\n       2  \" \"\n"
                                 "       3  \"ab\"\n"
                                 "14 bytes, 14 characters, 7 tokens: 2.00 bytes, 2.00 characters "
                                 "per token\n"};
    const char *at = out.data;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *found = strstr(at, lines[i]);
        if (!found) fail_msg("no '%s' in\n%s", lines[i], at);
        at = found + strlen(lines[i]);
    }
    assert_null(strstr(out.data, "NFC"));
    assert_null(strstr(strstr(out.data, "\" ab\"\n") + 1, "\" ab\"\n"));
    str_free(&out);
    tok_free(tok);
}

static void test_nothing_to_tell(void **state) {
    (void)state;
    tokenizer *tok = parse("{`model`:{`type`:`BPE`,`unk_token`:`?`,`vocab`:{`é`:0,`?`:1},"
                           "`merges`:[]}}");
    assert_explained(tok, "", NULL, "text: \"\"\ntokens:\n0 bytes, 0 characters, 0 tokens\n");
    assert_explained(tok, "é\n", NULL,
                     "text: \"é\\n\"\ntokens:\n       0  \"é\"\n       1  \"?\"\n"
                     "3 bytes, 2 characters, 2 tokens: 1.50 bytes, 1.00 characters per token\n");
    tok_free(tok);
}

static void test_description(void **state) {
    (void)state;
    tokenizer *tok = parse(BPE);
    str out = {0};
    tok_describe(tok, &out);
    const char *const lines[] = {"type: bpe, byte level\n",
                                 "vocabulary: 5 tokens, 1 merges\n",
                                 "normalizer: NFC, then lower case\n",
                                 "splitter: ",
                                 "decoder: ",
                                 "special tokens: 1\n       4  <|x|>\n",
                                 "longest tokens:\n       3  \"ab\"\n       0  \"a\"\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(out.data, lines[i])) fail_msg("no '%s' in\n%s", lines[i], out.data);
    str_free(&out);
    tok_free(tok);
}

/* Line breaks and blanks in patterns and symbols stay readable, on one line. */
static void test_blanks_are_shown(void **state) {
    (void)state;
    tokenizer *tok = parse("{`normalizer`:{`type`:`Replace`,`pattern`:{`String`:`\\r`},"
                           "`content`:`\\n`},"
                           "`pre_tokenizer`:{`type`:`Sequence`,`pretokenizers`:["
                           "{`type`:`Split`,`pattern`:{`Regex`:`\\n\\\\s`},`behavior`:`Isolated`},"
                           "{`type`:`Split`,`pattern`:{`String`:`\\n`},`behavior`:`Isolated`},"
                           "{`type`:`ByteLevel`,`add_prefix_space`:false,`use_regex`:false}]},"
                           "`model`:{`type`:`BPE`,`vocab`:{`a`:0,`Ġ`:1,`Ġa`:2},`merges`:[`Ġ a`]}}");
    str out = {0};
    tok_explain(tok, "a a\r", 4, NULL, &out);
    tok_describe(tok, &out);
    const char *const lines[] = {"text: \"a a\\r\"\n", "replace \"\\r\" by \"\\n\": \"a a\\n\"\n",
                                 "  symbols: a \u2581 a\n  merge 0 to \u2581a: a \u2581a\n",
                                 "splitter: pattern '\\n\\s' apart, then text '\\n' apart\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(out.data, lines[i])) fail_msg("no '%s' in\n%s", lines[i], out.data);
    str_free(&out);
    tok_free(tok);
}

static void test_description_of_bert(void **state) {
    (void)state;
    str text = {0}, out = {0};
    str_printf(&text, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n");
    for (int i = 0; i < 60; i++) str_append(&text, "-", 1);
    tokenizer *tok = parse(text.data);
    tok_describe(tok, &out);
    const char *const lines[] = {"unknown: [UNK] (id 1)\n", "template: [CLS] TEXT [SEP]\n",
                                 "       0  [PAD]  (padding)\n",
                                 "       2  [CLS]  (beginning of text)\n",
                                 "       4  \"----------------------------------------...\"  "
                                 "(60 characters)\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(out.data, lines[i])) fail_msg("no '%s' in\n%s", lines[i], out.data);
    tok_free(tok);
    str_free(&text);
    str_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bpe),
        cmocka_unit_test(test_nothing_to_tell),
        cmocka_unit_test(test_description),
        cmocka_unit_test(test_blanks_are_shown),
        cmocka_unit_test(test_description_of_bert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
