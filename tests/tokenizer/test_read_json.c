#include "tokenizer/training.h"

#include "tokenizer_files.h"

#include <stdio.h>
#include <stdlib.h>

#define BYTE_BPE                                                                                   \
    "{`version`:`1.0`,`truncation`:null,`padding`:{`pad_id`:0},"                                   \
    "`added_tokens`:[{`id`:6,`content`:`<|x|>`,`special`:true},{`id`:7,`content`:`  `,"            \
    "`special`:false,`single_word`:false,`lstrip`:false,`rstrip`:false,`normalized`:true}],"       \
    "`normalizer`:null,`pre_tokenizer`:{`type`:`ByteLevel`,`add_prefix_space`:false,"              \
    "`trim_offsets`:true},`post_processor`:{`type`:`ByteLevel`,`add_prefix_space`:true,"           \
    "`trim_offsets`:false},`decoder`:{`type`:`ByteLevel`,`add_prefix_space`:true,"                 \
    "`trim_offsets`:true,`use_regex`:true},`model`:{`type`:`BPE`,`dropout`:null,`unk_token`:null," \
    "`continuing_subword_prefix`:``,`end_of_word_suffix`:``,`fuse_unk`:false,"                     \
    "`vocab`:{`Ġ`:2,`a`:0,`b`:1,`ab`:3,`Ġab`:4,`ĠĠ`:5},`merges`:"

static void test_byte_level_bpe(void **state) {
    (void)state;
    static const char *const merges[] = {"[`a b`,`Ġ ab`]}}", "[[`a`,`b`],[`Ġ`,`ab`]]}}"};
    for (int i = 0; i < 2; i++) {
        str text = {0};
        str_printf(&text, "%s%s", BYTE_BPE, merges[i]);
        tokenizer *tok = parse(text.data);
        assert_int_equal(tok_type_of(tok), TOK_BPE);
        assert_int_equal(tok_vocab_size(tok), 8);
        assert_encodes(tok, "ab ab ba", "3 4 2 1 0");
        assert_encodes(tok, "a  b", "0 7 1"); /* the added token, not the piece of the same bytes */
        assert_encodes(tok, "<|x|>", "");     /* special: only by request */
        assert_encodes_as(tok, "a<|x|>", &(tok_options){.allow_special = true}, "0 6");
        assert_decodes(tok, "ab  ab", "ab  ab");
        tok_free(tok);
        str_free(&text);
    }
}

static void test_bpe_without_bytes(void **state) {
    (void)state;
    tokenizer *tok = parse("{`model`:{`type`:`BPE`,`unk_token`:`<unk>`,`fuse_unk`:true,"
                           "`end_of_word_suffix`:`</w>`,`vocab`:{`<unk>`:0,`a`:1,`b</w>`:2,"
                           "`ab</w>`:3},`merges`:[`a b</w>`]},"
                           "`pre_tokenizer`:{`type`:`WhitespaceSplit`},"
                           "`decoder`:{`type`:`BPEDecoder`,`suffix`:`</w>`}}");
    assert_encodes(tok, "ab aab xyz", "3 1 3 0");
    assert_decodes(tok, "ab aab", "ab aab");
    tok_free(tok);

    tok = parse("{`model`:{`type`:`BPE`,`continuing_subword_prefix`:`##`,`vocab`:{`a`:0,`##b`:1,"
                "`ab`:2,`##a`:3,`##ba`:4},`merges`:[`##b ##a`,`a ##b`]},"
                "`pre_tokenizer`:{`type`:`Whitespace`},`decoder`:{`type`:`WordPiece`}}");
    assert_encodes(tok, "ab aba", "2 0 4");
    tok_free(tok);
}

/* As Llama's: no pre-tokenizer, bytes for what is unknown. */
static void test_llama(void **state) {
    (void)state;
    str text = {0};
    str_printf(&text,
               "{`normalizer`:{`type`:`Sequence`,`normalizers`:[{`type`:`Prepend`,`prepend`:`▁`},"
               "{`type`:`Replace`,`pattern`:{`String`:` `},`content`:`▁`}]},"
               "`post_processor`:{`type`:`TemplateProcessing`,`single`:[{`SpecialToken`:{`id`:`<s>`"
               ",`type_id`:0}},{`Sequence`:{`id`:`A`,`type_id`:0}}],`pair`:[],`special_tokens`:"
               "{`<s>`:{`id`:`<s>`,`ids`:[1],`tokens`:[`<s>`]}}},`decoder`:{`type`:`Sequence`,"
               "`decoders`:[{`type`:`Replace`,`pattern`:{`String`:`▁`},`content`:` `},"
               "{`type`:`ByteFallback`},{`type`:`Fuse`},{`type`:`Strip`,`content`:` `,`start`:1,"
               "`stop`:0}]},`added_tokens`:[{`id`:1,`content`:`<s>`,`special`:true}],"
               "`model`:{`type`:`BPE`,`unk_token`:`<unk>`,`fuse_unk`:true,`byte_fallback`:true,"
               "`vocab`:{`<unk>`:0,`<s>`:1");
    for (int byte = 0; byte < 256; byte++) str_printf(&text, ",`<0x%02X>`:%d", byte, byte + 2);
    str_printf(&text, ",`▁`:258,`a`:259,`▁a`:260},`merges`:[`▁ a`]}}");
    tokenizer *tok = parse(text.data);
    assert_encodes(tok, "a aé", "260 260 197 171");
    assert_encodes_as(tok, "a", &(tok_options){.add_special = true}, "1 260");
    assert_decodes(tok, "a  aé\n", "a  aé\n");
    tok_free(tok);
    str_free(&text);
}

static void test_simple_types(void **state) {
    (void)state;
    tokenizer *tok = parse("{`model`:{`type`:`BPE`,`unk_token`:`<unk>`,`vocab`:{`a`:0,`é`:1,"
                           "`<unk>`:2},`merges`:[]},`decoder`:{`type`:`Fuse`}}");
    assert_int_equal(tok_type_of(tok), TOK_CHAR);
    assert_encodes(tok, "aéz", "0 1 2");
    tok_free(tok);
    tok = parse("{`model`:{`type`:`WordLevel`,`unk_token`:`?`,`vocab`:{`?`:0,`cat`:1}},"
                "`pre_tokenizer`:{`type`:`Whitespace`},`decoder`:null}");
    assert_int_equal(tok_type_of(tok), TOK_WORD);
    assert_encodes(tok, "cat dog cat", "1 0 1");
    tok_free(tok);
    /* A vocabulary of characters with a longer piece stays BPE. */
    tok = parse("{`model`:{`type`:`BPE`,`vocab`:{`a`:0,`ab`:1},`merges`:[]}}");
    assert_int_equal(tok_type_of(tok), TOK_BPE);
    tok_free(tok);
}

static void test_wordpiece(void **state) {
    (void)state;
    static const char *const heads[] = {"`type`:`WordPiece`,", ""}; /* old files have no type */
    for (int i = 0; i < 2; i++) {
        str text = {0};
        str_printf(&text,
                   "{`model`:{%s`unk_token`:`[UNK]`,`continuing_subword_prefix`:`##`,"
                   "`max_input_chars_per_word`:5,`vocab`:{`[UNK]`:0,`[CLS]`:1,`[SEP]`:2,`un`:3,"
                   "`##able`:4}},`normalizer`:{`type`:`BertNormalizer`,`clean_text`:true,"
                   "`handle_chinese_chars`:true,`strip_accents`:null,`lowercase`:true},"
                   "`pre_tokenizer`:{`type`:`BertPreTokenizer`},`post_processor`:"
                   "{`type`:`BertProcessing`,`sep`:[`[SEP]`,2],`cls`:[`[CLS]`,1]},"
                   "`decoder`:{`type`:`WordPiece`,`prefix`:`##`,`cleanup`:true}}",
                   heads[i]);
        tokenizer *tok = parse(text.data);
        assert_encodes_as(tok, "Ün unable", &(tok_options){.add_special = true}, "1 3 0 2");
        tok_free(tok);
        str_free(&text);
    }
}

static void test_unigram(void **state) {
    (void)state;
    static const char *const spaces[] = {"`prepend_scheme`:`always`,`split`:true",
                                         "`add_prefix_space`:true,`str_rep`:`▁`"};
    for (int i = 0; i < 2; i++) {
        str text = {0};
        str_printf(&text,
                   "{`model`:{`type`:`Unigram`,`unk_id`:0,`vocab`:[[`<unk>`,0.0],[`▁`,-2.5],"
                   "[`a`,-1],[`▁a`,-1.5],[`aa`,-1.75]],`byte_fallback`:false},`pre_tokenizer`:"
                   "{`type`:`Metaspace`,`replacement`:`▁`,%s},`decoder`:{`type`:`Metaspace`,"
                   "`replacement`:`▁`,`add_prefix_space`:true}}",
                   spaces[i]);
        tokenizer *tok = parse(text.data);
        assert_int_equal(tok_type_of(tok), TOK_UNIGRAM);
        assert_encodes(tok, "aaa zz", "3 4 1 0"); /* unknown characters in a row are one */
        assert_decodes(tok, "aaa a", "aaa a");
        tok_free(tok);
        str_free(&text);
    }
}

/* Parts that are known, each in a file of its own. */
static void test_parts(void **state) {
    (void)state;
    static const char *const parts[] = {
        "`normalizer`:{`type`:`NFC`}",
        "`normalizer`:{`type`:`NFD`}",
        "`normalizer`:{`type`:`NFKC`}",
        "`normalizer`:{`type`:`NFKD`}",
        "`normalizer`:{`type`:`Lowercase`}",
        "`normalizer`:{`type`:`StripAccents`}",
        "`normalizer`:{`type`:`Strip`,`strip_left`:true,`strip_right`:false}",
        "`normalizer`:{`type`:`Replace`,`pattern`:{`Regex`:`x+`},`content`:`a`}",
        "`normalizer`:{`type`:`Precompiled`,`precompiled_charsmap`:null}",
        "`normalizer`:{`type`:`Sequence`,`normalizers`:[{`type`:`Sequence`,`normalizers`:[]}]}",
        "`pre_tokenizer`:{`type`:`Split`,`pattern`:{`Regex`:` `},`behavior`:`Removed`,`invert`:"
        "false}",
        "`pre_tokenizer`:{`type`:`Split`,`pattern`:{`String`:` `},`behavior`:`MergedWithNext`}",
        "`pre_tokenizer`:{`type`:`Digits`,`individual_digits`:true}",
        "`pre_tokenizer`:{`type`:`Punctuation`,`behavior`:`Contiguous`}",
        "`pre_tokenizer`:{`type`:`Punctuation`}",
        "`pre_tokenizer`:{`type`:`Sequence`,`pretokenizers`:[{`type`:`Digits`},"
        "{`type`:`ByteLevel`,`use_regex`:false}]}",
        "`post_processor`:{`type`:`RobertaProcessing`,`sep`:[`b`,1],`cls`:[`a`,0],"
        "`trim_offsets`:true,`add_prefix_space`:false}",
        "`post_processor`:{`type`:`Sequence`,`processors`:[{`type`:`ByteLevel`}]}",
        "`decoder`:{`type`:`Sequence`,`decoders`:[{`type`:`ByteFallback`},{`type`:`Fuse`}]}",
        "`decoder`:{`type`:`Sequence`,`decoders`:[{`type`:`ByteLevel`}]}",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        str text = {0};
        str_printf(&text, "{`model`:{`type`:`BPE`,`vocab`:{`a`:0,`b`:1},`merges`:[]},%s}",
                   parts[i]);
        tokenizer *tok = parse(text.data);
        assert_encodes(tok, "ab", "0 1");
        tok_free(tok);
        str_free(&text);
    }
}

/* Refusals of a file with that in the place of a part, or of the model. */
static const struct {
    const char *part, *message;
} refused_parts[] = {
    {"`normalizer`:{`type`:`Nmt`}",
     "file: normalizer 'Nmt' is not known (known: NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, "
     "Strip, BertNormalizer, Prepend, Replace, Precompiled, Sequence)"},
    {"`pre_tokenizer`:{`type`:`UnicodeScripts`}",
     "file: pre_tokenizer 'UnicodeScripts' is not known (known: ByteLevel, BertPreTokenizer, "
     "Metaspace, Split, Whitespace, WhitespaceSplit, Digits, Punctuation, Sequence)"},
    {"`pre_tokenizer`:{`type`:7}", "file: pre_tokenizer: expected an object with a \"type\""},
    {"`pre_tokenizer`:{`type`:`Sequence`,`pretokenizers`:[{`type`:`ByteLevel`},{`type`:"
     "`Whitespace`}]}",
     "file: pre_tokenizer: ByteLevel must be the last of a Sequence"},
    {"`pre_tokenizer`:{`type`:`Metaspace`,`replacement`:`▁▁`}",
     "file: pre_tokenizer 'Metaspace': replacement '▁▁' is not one character"},
    {"`pre_tokenizer`:{`type`:`Metaspace`,`prepend_scheme`:`last`}",
     "file: pre_tokenizer 'Metaspace': prepend_scheme 'last', expected one of always|first|never"},
    {"`pre_tokenizer`:{`type`:`Split`,`pattern`:{`String`:` `},`behavior`:`Gone`}",
     "file: pre_tokenizer 'Split': behavior 'Gone', expected one of "
     "Removed|Isolated|MergedWithPrevious|MergedWithNext|Contiguous"},
    {"`pre_tokenizer`:{`type`:`Digits`,`individual_digits`:1}",
     "file: pre_tokenizer 'Digits': 'individual_digits' is not true or false"},
    {"`normalizer`:{`type`:`Strip`,`strip_left`:true,`strip_left`:true}",
     "file: normalizer 'Strip': 'strip_left' stands there twice"},
    {"`normalizer`:{`type`:`Strip`,`strip_up`:true}",
     "file: normalizer 'Strip': 'strip_up' is not known (known: strip_left, strip_right)"},
    {"`normalizer`:{`type`:`Replace`,`content`:`x`}",
     "file: normalizer 'Replace': expected a pattern, {\"String\": ..} or {\"Regex\": ..}"},
    {"`normalizer`:{`type`:`Precompiled`,`precompiled_charsmap`:`A===`}",
     "file: normalizer 'Precompiled': not in base 64"},
    {"`normalizer`:{`type`:`Sequence`,`normalizers`:[{`type`:`Replace`,`pattern`:{`String`:`a`},"
     "`content`:`0123456789012345678901234567890123456789012345678901234567890123456789`},"
     "{`type`:`Replace`,`pattern`:{`Regex`:`.`},"
     "`content`:`0123456789012345678901234567890123456789012345678901234567890123456789`}]}",
     "file: normalizer: makes a text more than 4096 times longer"},
    {"`decoder`:{`type`:`CTC`}",
     "file: decoder 'CTC' is not known (known: Replace, ByteFallback, Fuse, Strip, ByteLevel, "
     "WordPiece, Metaspace, BPEDecoder, Sequence)"},
    {"`decoder`:{`type`:`Sequence`,`decoders`:[{`type`:`Fuse`},{`type`:`ByteFallback`}]}",
     "file: decoder 'ByteFallback': unknown Sequence, expected Replace, ByteFallback, Fuse, Strip "
     "in this order or fewer of them"},
    {"`decoder`:{`type`:`Sequence`,`decoders`:[{`type`:`Replace`,`pattern`:{`String`:`_`},"
     "`content`:` `},{`type`:`ByteLevel`}]}",
     "file: decoder 'ByteLevel': unknown Sequence, expected Replace, ByteFallback, Fuse, Strip "
     "in this order or fewer of them"},
    {"`decoder`:{`type`:`Sequence`,`decoders`:[{`type`:`Fuse`},{`type`:`Replace`,`pattern`:{"
     "`String`:`a`},`content`:`b`}]}",
     "file: decoder 'Replace': behind Fuse known is only that of \"\\n \" by \"\\n\""},
    {"`decoder`:{`type`:`Sequence`,`decoders`:[{`type`:`Strip`,`content`:` `,`start`:1}]}",
     "file: decoder 'Strip': known is only that of one blank at the start, behind Replace and "
     "Fuse"},
    {"`post_processor`:{`type`:`TemplateProcessing`,`single`:[],`special_tokens`:{}}",
     "file: post_processor 'TemplateProcessing': the text must stand once in \"single\""},
    {"`post_processor`:{`type`:`TemplateProcessing`,`single`:[{`SpecialToken`:{`id`:`<s>`}}]}",
     "file: post_processor 'TemplateProcessing': '<s>' is not in special_tokens"},
    {"`post_processor`:{`type`:`BertProcessing`,`sep`:[`a`],`cls`:[`b`,1]}",
     "file: post_processor 'BertProcessing': expected \"sep\" and \"cls\", each [\"CONTENT\", ID]"},
    {"`post_processor`:{`type`:`BertProcessing`,`sep`:[`a`,1.5],`cls`:[`b`,1]}",
     "file: post_processor 'BertProcessing': an id that is none"},
    {"`post_processor`:{`type`:`BertProcessing`,`sep`:[`a`,17],`cls`:[`b`,1]}",
     "file: the template's id 17 is outside a vocabulary of 2"},
    {"`added_tokens`:[{`id`:5,`content`:`<s>`,`special`:true}]",
     "file: no piece has the id 2, expected 0 to 2"},
    {"`added_tokens`:[{`id`:5,`content`:`b`,`special`:true}]",
     "file: added token: 'b' has the id 5, in the vocabulary 1"},
    {"`added_tokens`:[{`id`:1,`content`:`b`},{`id`:1,`content`:`b`}]",
     "file: two added tokens have id 1"},
    {"`added_tokens`:[{`id`:2}]", "file: added token: no \"content\""},
    {"`version`:`2.0`", "file: version '2.0', expected 1.0"},
};

/* A part that holds the text `item` many times is refused with that message. */
static void assert_refused_many(const char *begin, const char *item, int n, const char *end,
                                const char *message) {
    str text = {0};
    str_printf(&text, "{`model`:{`type`:`BPE`,`vocab`:{`a`:0,`b`:1},`merges`:[]},%s", begin);
    for (int i = 0; i < n; i++) str_printf(&text, "%s%s", i ? "," : "", item);
    str_printf(&text, "%s}", end);
    assert_refused(text.data, message);
    str_free(&text);
}

/* More of them than any tokenizer has, which would only take memory or time. */
static void test_refused_many(void **state) {
    (void)state;
    assert_refused_many("`normalizer`:{`type`:`Sequence`,`normalizers`:[", "{`type`:`NFC`}", 65,
                        "]}", "file: normalizer: more than 64 steps");
    assert_refused_many("`pre_tokenizer`:{`type`:`Sequence`,`pretokenizers`:[",
                        "{`type`:`Whitespace`}", 17, "]}",
                        "file: pre_tokenizer: more than 16 steps");
    assert_refused_many("`post_processor`:{`type`:`TemplateProcessing`,`single`:[",
                        "{`SpecialToken`:{`id`:`a`}}", 65, "],`special_tokens`:{`a`:{`ids`:[0]}}}",
                        "file: post_processor 'TemplateProcessing': more than 64 places in "
                        "\"single\"");
}

static void test_refused_parts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused_parts / sizeof *refused_parts; i++) {
        str text = {0};
        str_printf(&text, "{`model`:{`type`:`BPE`,`vocab`:{`a`:0,`b`:1},`merges`:[]},%s}",
                   refused_parts[i].part);
        assert_refused(text.data, refused_parts[i].message);
        str_free(&text);
    }
}

static const struct {
    const char *model, *message;
} refused_models[] = {
    {"{`type`:`Neural`}",
     "file: model 'Neural' is not known (known: BPE, WordPiece, WordLevel, Unigram)"},
    {"{`type`:`BPE`,`merges`:[]}", "file: model 'BPE': no \"vocab\""},
    {"{`type`:`BPE`,`vocab`:{`a`:0}}", "file: model 'BPE': no \"merges\""},
    {"{`type`:`BPE`,`vocab`:[],`merges`:[]}", "file: model 'BPE': 'vocab' is not an object"},
    {"{`type`:`BPE`,`vocab`:{},`merges`:[]}", "file: the vocabulary is empty"},
    {"{`type`:`BPE`,`vocab`:{`a`:0,`a`:1},`merges`:[]}",
     "file: piece 'a' stands twice in the vocabulary"},
    {"{`type`:`BPE`,`vocab`:{`a`:0,`b`:0},`merges`:[]}", "file: two pieces have the id 0"},
    {"{`type`:`BPE`,`vocab`:{`a`:0,`b`:2},`merges`:[]}",
     "file: no piece has the id 1, expected 0 to 1"},
    {"{`type`:`BPE`,`vocab`:{`a\\n`:-1},`merges`:[]}",
     "file: piece 'a\\n' has the id -1, expected 0 to 16777215"},
    {"{`type`:`BPE`,`vocab`:{`a`:1e99},`merges`:[]}",
     "file: piece 'a' has the id 1e+99, expected 0 to 16777215"},
    {"{`type`:`BPE`,`vocab`:{`a`:`0`},`merges`:[]}", "file: piece 'a' has no number as its id"},
    {"{`type`:`BPE`,`vocab`:{``:0},`merges`:[]}", "file: the piece with the id 0 is empty"},
    {"{`type`:`BPE`,`vocab`:{`a`:0},`merges`:[`a a`]}",
     "file: merge 0: the merge of 'a' and 'a': 'aa' is no piece"},
    {"{`type`:`BPE`,`vocab`:{`a`:0,`aa`:1},`merges`:[`a a`,`aa`]}",
     "file: merge 1 is not two pieces"},
    {"{`type`:`BPE`,`vocab`:{`a`:0,`aa`:1},`merges`:[[`a`,`a`,`a`]]}",
     "file: merge 0 is not two pieces"},
    {"{`type`:`BPE`,`unk_token`:`?`,`vocab`:{`a`:0},`merges`:[]}",
     "file: model 'BPE': unk_token '?' is not in the vocabulary"},
    {"{`type`:`WordLevel`,`vocab`:{`a`:0}}", "file: model 'WordLevel': no \"unk_token\""},
    {"{`type`:`WordPiece`,`unk_token`:`a`,`vocab`:{`a`:0},`max_input_chars_per_word`:-4}",
     "file: model 'WordPiece': max_input_chars_per_word is -4"},
    {"{`type`:`Unigram`,`vocab`:[[`a`,0],[`b`]]}",
     "file: model 'Unigram': entry 1 of \"vocab\" is not [\"PIECE\", SCORE]"},
    {"{`type`:`Unigram`,`vocab`:[[`a`,1e999]]}",
     "file: model 'Unigram': entry 0 of \"vocab\" is not [\"PIECE\", SCORE]"},
    {"{`type`:`Unigram`,`unk_id`:1,`vocab`:[[`a`,0]]}",
     "file: model 'Unigram': unk_id 1 is none of the vocabulary's 1"},
};

static void test_refused_models(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused_models / sizeof *refused_models; i++) {
        str text = {0};
        str_printf(&text, "{`model`:%s}", refused_models[i].model);
        assert_refused(text.data, refused_models[i].message);
        str_free(&text);
    }
    assert_refused("{`pre_tokenizer`:{`type`:`ByteLevel`},`model`:{`type`:`BPE`,`merges`:[],"
                   "`vocab`:{`日`:0}}}",
                   "file: piece '日' is not spelled in GPT-2's characters for bytes");
    assert_refused("{`pre_tokenizer`:{`type`:`ByteLevel`},`model`:{`type`:`Unigram`,`vocab`:[]}}",
                   "file: pre_tokenizer: ByteLevel is not known for the model Unigram");
}

static void test_refused_files(void **state) {
    (void)state;
    assert_refused("{}", "file: not a tokenizer: no \"model\"");
    assert_refused("{`model`:[]}", "file: 'model' is not an object");
    assert_refused("{`modell`:{}}",
                   "file: 'modell' is not known (known: version, truncation, padding, "
                   "added_tokens, normalizer, pre_tokenizer, post_processor, decoder, model)");
    assert_refused("{`a\\u0000`:`b`}", "file: byte 3: \\u0000 is not allowed");
    assert_refused("{`a`:`\xFF`}", "file: not a tokenizer: byte 6 is not UTF-8");
    assert_refused("{`model`:{}} x", "file: broken JSON at byte 13");
    assert_refused("{`type`:`char`,`version`:1,`min_count`:1,`vocab`:[`a`]}",
                   "file: written by gradus before its tokenizers were tokenizer.json; train it "
                   "again");
    assert_refused_bytes("{\"a\":\"\0\"}", 9, "file: not a tokenizer: byte 6 is zero");
    static char deep[100000];
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    err e = {0};
    assert_null(tok_parse(deep, sizeof deep, "file", &e));
    assert_non_null(strstr(e.message, "file: broken JSON at byte "));
}

/* Whatever a file is cut at, there is one line. */
static void test_truncated(void **state) {
    (void)state;
    str text = {0};
    str_printf(&text, "%s%s", quotes(BYTE_BPE), "[\"a b\"]}}");
    for (size_t n = 1; n < text.len; n++) {
        err e = {0};
        char *copy = malloc(n); /* a sanitizer sees what is read behind it */
        memcpy(copy, text.data, n);
        assert_null(tok_parse(copy, n, "file", &e));
        assert_int_equal(e.code, ERR_INPUT);
        assert_null(strchr(e.message, '\n'));
        free(copy);
    }
    str_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_level_bpe), cmocka_unit_test(test_bpe_without_bytes),
        cmocka_unit_test(test_llama),          cmocka_unit_test(test_simple_types),
        cmocka_unit_test(test_wordpiece),      cmocka_unit_test(test_unigram),
        cmocka_unit_test(test_parts),          cmocka_unit_test(test_refused_parts),
        cmocka_unit_test(test_refused_many),   cmocka_unit_test(test_refused_models),
        cmocka_unit_test(test_refused_files),  cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
