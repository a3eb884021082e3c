#include "tokenizer/training.h"

#include "base/file.h"
#include "folder.h"
#include "tokenizer_files.h"

static void save(const tokenizer *tok, const char *path) {
    err e = {0};
    if (!tok_save(tok, path, &e)) fail_msg("%s", e.message);
}

static tokenizer *open_saved(const char *path) {
    err e = {0};
    tokenizer *tok = tok_open(path, &e);
    if (!tok) fail_msg("%s", e.message);
    return tok;
}

static void assert_same_ids(const tokenizer *a, const tokenizer *b, const char *text, size_t n) {
    tok_ids x = {0}, y = {0};
    str one = {0}, other = {0};
    const tok_options options = {.add_special = true, .allow_special = true};
    tok_encode(a, text, n, &options, &x);
    tok_encode(b, text, n, &options, &y);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.data, y.data, x.len * sizeof *x.data);
    str_append(&one, "", 0);
    str_append(&other, "", 0);
    tok_decode(a, x.data, x.len, &one);
    tok_decode(b, x.data, x.len, &other);
    assert_string_equal(one.data, other.data);
    str_free(&one);
    str_free(&other);
    tok_ids_free(&x);
    tok_ids_free(&y);
}

/* Written and read: the same tokenizer, and the same file when it is written again. */
static void assert_round_trip(tokenizer *tok) {
    static const char text[] = "Un café, don't <|user|> stop: 1234  été\xFF\n";
    char path[512], again[512];
    snprintf(path, sizeof path, "%s", folder_path("a.json"));
    snprintf(again, sizeof again, "%s", folder_path("b.json"));
    save(tok, path);
    tokenizer *back = open_saved(path);
    assert_int_equal(tok_type_of(tok), tok_type_of(back));
    assert_true(tok_fingerprint(tok) == tok_fingerprint(back));
    assert_same_ids(tok, back, text, sizeof text - 1);
    save(back, again);
    err e = {0};
    file_map a, b;
    assert_true(file_open_map(&a, path, &e) && file_open_map(&b, again, &e));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    file_close_map(&a);
    file_close_map(&b);
    tok_free(back);
    tok_free(tok);
}

static void test_trained(void **state) {
    (void)state;
    static const char text[] =
        "un café, don't stop the café: été, été, 1234, don't\n\xFE un un une";
    for (int type = TOK_BYTE; type <= TOK_UNIGRAM; type++) {
        err e = {0};
        tok_training how = {.type = (tok_type)type, .vocab_size = 300};
        how.special = "<|bos|>,<|user|>";
        tokenizer *tok = tok_train(&how, &(tok_text){text, sizeof text - 1}, 1, &e);
        if (!tok) fail_msg("%s", e.message);
        assert_round_trip(tok);
    }
}

/* Files with every part that trained ones do not have. */
static void test_parts(void **state) {
    (void)state;
    static const char *const parts[] = {
        "`normalizer`:{`type`:`Sequence`,`normalizers`:[{`type`:`NFD`},{`type`:`NFKC`},{`type`:"
        "`NFKD`},{`type`:`Lowercase`},{`type`:`StripAccents`},{`type`:`Strip`,`strip_left`:true,"
        "`strip_right`:false},{`type`:`Prepend`,`prepend`:`▁`},{`type`:`Replace`,`pattern`:"
        "{`String`:`x`},`content`:``},{`type`:`Replace`,`pattern`:{`Regex`:`[xy]+`},`content`:"
        "`\\``},{`type`:`BertNormalizer`,`lowercase`:false,`strip_accents`:true}]}",
        "`pre_tokenizer`:{`type`:`Sequence`,`pretokenizers`:[{`type`:`WhitespaceSplit`},{`type`:"
        "`Digits`,`individual_digits`:true},{`type`:`Punctuation`,`behavior`:`MergedWithNext`},"
        "{`type`:`Split`,`pattern`:{`Regex`:`\\\\w`},`behavior`:`Contiguous`,`invert`:true},"
        "{`type`:`Split`,`pattern`:{`String`:`\\n`},`behavior`:`Removed`}]}",
        "`pre_tokenizer`:{`type`:`Metaspace`,`prepend_scheme`:`first`,`split`:false},`decoder`:"
        "{`type`:`Metaspace`,`prepend_scheme`:`never`}",
        "`pre_tokenizer`:{`type`:`Whitespace`},`decoder`:{`type`:`BPEDecoder`,`suffix`:`</w>`}",
        "`pre_tokenizer`:{`type`:`BertPreTokenizer`},`decoder`:{`type`:`WordPiece`,`prefix`:`@`,"
        "`cleanup`:false}",
        "`pre_tokenizer`:{`type`:`Sequence`,`pretokenizers`:[{`type`:`Digits`},{`type`:"
        "`ByteLevel`,`add_prefix_space`:true,`use_regex`:false}]}",
        "`decoder`:{`type`:`Sequence`,`decoders`:[{`type`:`Replace`,`pattern`:{`String`:`__`},"
        "`content`:` `},{`type`:`ByteFallback`},{`type`:`Fuse`},{`type`:`Strip`,`content`:` `,"
        "`start`:1,`stop`:0}]}",
        "`post_processor`:{`type`:`TemplateProcessing`,`single`:[{`SpecialToken`:{`id`:`q`,"
        "`type_id`:0}},{`Sequence`:{`id`:`A`,`type_id`:0}},{`SpecialToken`:{`id`:`q`,`type_id`:0}}],"
        "`pair`:[],`special_tokens`:{`q`:{`id`:`q`,`ids`:[0,3],`tokens`:[`a`,`<s>`]}}}",
        "`added_tokens`:[{`id`:3,`content`:`<s>`,`special`:true,`lstrip`:true},{`id`:4,`content`:"
        "`un`,`single_word`:true,`rstrip`:true,`normalized`:true}]",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        str text = {0};
        str_printf(&text,
                   "{`model`:{`type`:`BPE`,`unk_token`:`a`,`fuse_unk`:true,`ignore_merges`:true,"
                   "`vocab`:{`a`:0,`n`:1,`an`:2%s},`merges`:[[`a`,`n`]]},%s}",
                   strstr(parts[i], "`q`") ? ",`<s>`:3" : "", parts[i]);
        assert_round_trip(parse(text.data));
        str_free(&text);
    }
}

static void test_models(void **state) {
    (void)state;
    assert_round_trip(parse("{`model`:{`type`:`Unigram`,`unk_id`:1,`vocab`:[[`n`,-1],[`?`,0],"
                            "[`u`,-1.1000000000000001],[`un`,-3.2345678806304932],[`▁`,-1e-9]]}}"));
    assert_round_trip(parse("{`model`:{`type`:`WordPiece`,`unk_token`:`?`,`vocab`:{`?`:0,`un`:1},"
                            "`continuing_subword_prefix`:`@@`,`max_input_chars_per_word`:7}}"));
    assert_round_trip(parse("{`model`:{`type`:`BPE`,`unk_token`:null,`end_of_word_suffix`:`</w>`,"
                            "`continuing_subword_prefix`:`@`,`vocab`:{`u`:0,`@n</w>`:1,`un</w>`:2},"
                            "`merges`:[`u @n</w>`]}}"));
}

/* Laid out as Hugging Face does. */
static void test_layout(void **state) {
    (void)state;
    tokenizer *tok =
        parse("{`model`:{`type`:`WordLevel`,`unk_token`:`?`,`vocab`:{`\\\"\\t\\u0001é`:"
              "1,`?`:0}},`added_tokens`:[{`id`:0,`content`:`?`,`special`:true}],"
              "`normalizer`:{`type`:`NFC`}}");
    const char *path = folder_path("layout.json");
    save(tok, path);
    err e = {0};
    file_map map;
    assert_true(file_open_map(&map, path, &e));
    static const char expected[] = "{\n"
                                   "  \"version\": \"1.0\",\n"
                                   "  \"truncation\": null,\n"
                                   "  \"padding\": null,\n"
                                   "  \"added_tokens\": [\n"
                                   "    {\n"
                                   "      \"id\": 0,\n"
                                   "      \"content\": \"?\",\n"
                                   "      \"single_word\": false,\n"
                                   "      \"lstrip\": false,\n"
                                   "      \"rstrip\": false,\n"
                                   "      \"normalized\": false,\n"
                                   "      \"special\": true\n"
                                   "    }\n"
                                   "  ],\n"
                                   "  \"normalizer\": {\n"
                                   "    \"type\": \"NFC\"\n"
                                   "  },\n"
                                   "  \"pre_tokenizer\": null,\n"
                                   "  \"post_processor\": null,\n"
                                   "  \"decoder\": null,\n"
                                   "  \"model\": {\n"
                                   "    \"type\": \"WordLevel\",\n"
                                   "    \"vocab\": {\n"
                                   "      \"?\": 0,\n"
                                   "      \"\\\"\\t\\u0001é\": 1\n"
                                   "    },\n"
                                   "    \"unk_token\": \"?\"\n"
                                   "  }\n"
                                   "}";
    assert_int_equal(map.size, sizeof expected - 1);
    assert_memory_equal(map.data, expected, map.size);
    file_close_map(&map);
    tok_free(tok);
}

/* Added tokens behind the others are not the model's: NeoX's runs of blanks are other tokens of the
 * same bytes. */
static void test_added_tokens(void **state) {
    (void)state;
    assert_round_trip(parse("{`added_tokens`:[{`id`:3,`content`:`  `,`normalized`:true}],"
                            "`pre_tokenizer`:{`type`:`ByteLevel`,`add_prefix_space`:false},"
                            "`model`:{`type`:`BPE`,`vocab`:{`Ġ`:0,`ĠĠ`:1,`e`:2},`merges`:"
                            "[`Ġ Ġ`]}}"));
}

static void test_what_json_cannot_hold(void **state) {
    (void)state;
    tokenizer *tok = parse("minbpe v1\n\n0\n97 98\n256 99\n98 99\n97 258\n"); /* abc twice */
    err e = {0};
    assert_false(tok_save(tok, folder_path("same.json"), &e));
    assert_non_null(strstr(e.message, "same.json: tokens 257 and 259 are spelled alike, which "
                                      "tokenizer.json cannot hold"));
    assert_false(file_exists(folder_path("same.json")));
    tok_free(tok);
    tok = parse("minbpe v1\n\n1\n< 256\n"); /* the special token and the byte */
    e = (err){0};
    assert_false(tok_save(tok, folder_path("same.json"), &e));
    assert_non_null(strstr(e.message, "tokens 60 and 256 are spelled alike"));
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trained),      cmocka_unit_test(test_parts),
        cmocka_unit_test(test_models),       cmocka_unit_test(test_layout),
        cmocka_unit_test(test_added_tokens), cmocka_unit_test(test_what_json_cannot_hold),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
