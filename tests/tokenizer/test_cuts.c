#include "tokenizer/cuts.h"

#include "tokenizer_files.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

#define METASPACE "`pre_tokenizer`:{`type`:`Metaspace`,`prepend_scheme`:`never`,`split`:false},"
#define BPE(merges, vocab)                                                                         \
    "{" METASPACE "`model`:{`type`:`BPE`,`vocab`:{" vocab "},`merges`:[" merges "]}}"

/* A text may be cut at its blanks where the vocabulary has a blank and none inside a piece. */
static void test_where_blanks_cut(void **state) {
    (void)state;
    static const struct {
        const char *file;
        bool cuts;
    } cases[] = {
        {BPE("", "`▁`:0,`▁▁`:1,`▁a`:2"), true},
        {BPE("", "`▁`:0,`a▁`:1"), false},
        {BPE("", "`▁`:0,`▁a▁`:1"), false},
        {BPE("", "`▁▁`:0,`a`:1"), false},
        /* a word is looked for as a whole */
        {"{" METASPACE "`model`:{`type`:`WordLevel`,`unk_token`:`▁`,`vocab`:{`▁`:0,`ab`:1}}}",
         false},
        /* the end of a piece is not like its middle */
        {"{" METASPACE "`model`:{`type`:`BPE`,`end_of_word_suffix`:`e`,`vocab`:{`▁`:0,`a`:1},"
         "`merges`:[]}}",
         false},
        /* what follows could look beyond the cut */
        {"{`pre_tokenizer`:{`type`:`Sequence`,`pretokenizers`:[{`type`:`Metaspace`,`split`:false},"
         "{`type`:`Punctuation`}]},`model`:{`type`:`BPE`,`vocab`:{`▁`:0,`a`:1,`▁a`:2},`merges`:[`▁ a`]}}",
         false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        tokenizer *tok = parse(cases[i].file);
        assert_int_equal(tok->splitter.cut_at_blanks, cases[i].cuts);
        tok_free(tok);
    }
}

static void test_pairs_that_no_piece_has(void **state) {
    (void)state;
    tokenizer *tok = parse(BPE("`a b`", "`▁`:0,`a`:1,`b`:2,`ab`:3,`,`:4,`a,b`:5"));
    const char_pairs *pairs = tok->splitter.cut_pairs;
    assert_non_null(pairs);
    assert_true(char_pairs_has(pairs, 'b', ','));
    assert_true(char_pairs_has(pairs, 'b', 'a'));
    assert_false(char_pairs_has(pairs, 'a', 'b'));
    assert_false(char_pairs_has(pairs, 'a', ','));
    assert_false(char_pairs_has(pairs, ',', 'b'));
    assert_false(char_pairs_has(pairs, 'b', 'x')); /* may be in a run of unknown ones */
    assert_false(char_pairs_has(pairs, 'b', 0xC3));
    tok_free(tok);
}

/* Texts of the characters that the tokenizers know and of some that they do not. */
static void random_text(rng_stream *random, str *out) {
    static const char *const chars[] = {"a", "b", "c", ",", ".", " ", "x", "é", "▁"};
    out->len = 0;
    str_append(out, "", 0);
    for (uint64_t n = rng_next_below(random, 30); n > 0; n--) {
        const char *c = chars[rng_next_below(random, COUNT(chars))];
        str_append(out, c, strlen(c));
    }
}

static void assert_cuts_change_nothing(const char *file) {
    tokenizer *tok = parse(file), *uncut = parse(file);
    assert_true(tok->splitter.cut_at_blanks);
    assert_int_equal(tok->splitter.cut_pairs != NULL, tok_type_of(tok) == TOK_BPE);
    free(uncut->splitter.cut_pairs);
    uncut->splitter.cut_pairs = NULL;
    uncut->splitter.cut_at_blanks = false;
    rng_stream random = {.key = {1}};
    str text = {0};
    tok_ids found = {0}, expected = {0};
    for (int i = 0; i < 2000; i++) {
        random_text(&random, &text);
        found.len = expected.len = 0;
        tok_encode(tok, text.data, text.len, NULL, &found);
        tok_encode(uncut, text.data, text.len, NULL, &expected);
        assert_int_equal(found.len, expected.len);
        if (found.len) assert_memory_equal(found.data, expected.data, found.len * sizeof(int32_t));
    }
    tok_ids_free(&found);
    tok_ids_free(&expected);
    str_free(&text);
    tok_free(tok);
    tok_free(uncut);
}

static void test_cuts_change_no_ids(void **state) {
    (void)state;
    assert_cuts_change_nothing(
        "{" METASPACE "`model`:{`type`:`BPE`,`unk_token`:`?`,`fuse_unk`:true,`vocab`:{`?`:0,`▁`:1,"
        "`a`:2,`b`:3,`c`:4,`,`:5,`ab`:6,`▁a`:7,`▁ab`:8,`ca`:9,`c,`:10,`▁▁`:11},"
        "`merges`:[`▁ a`,`a b`,`c a`,`▁a b`,`c ,`,`▁ ▁`]}}");
    assert_cuts_change_nothing(
        "{" METASPACE "`model`:{`type`:`Unigram`,`unk_id`:0,`vocab`:[[`?`,0],[`▁`,-3],[`a`,-2],"
        "[`b`,-2.5],[`c`,-4],[`,`,-3],[`ab`,-3.5],[`▁a`,-4],[`b,`,-4.5],[`ca`,-7],[`cab`,-8]]}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_blanks_cut),
        cmocka_unit_test(test_pairs_that_no_piece_has),
        cmocka_unit_test(test_cuts_change_no_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
