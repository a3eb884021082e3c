#include "tokenizer/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Returns a new tokenizer of whole pieces, the first `<s>` special, with that decoder. */
static tokenizer *decoding(decoder_kind kind, const char *const *pieces) {
    err e = {0};
    tokenizer *tok = tok_new(TOK_WORD);
    special_add(&tok->specials, 0, "<s>", 3)->special = true;
    vocab_add(&tok->vocab, "<s>", 3);
    for (; *pieces; pieces++) vocab_add(&tok->vocab, *pieces, strlen(*pieces));
    tok->decoder.kind = kind;
    tok = tok_finish(tok, "test", &e);
    assert_string_equal(e.message, "");
    return tok;
}

/* The pieces, written with | between them, decode to that text, at once and one by one. */
static void assert_decoded(const tokenizer *tok, const char *pieces, const char *expected) {
    tok_ids ids = {0};
    tok_decoding state = {0};
    str at_once = {0}, one_by_one = {0};
    for (const char *p = pieces; *p; p += strcspn(p, "|"), p += *p == '|') {
        tok_ids_append(&ids, tok_find(tok, p, strcspn(p, "|")));
        assert_true(ids.data[ids.len - 1] >= 0);
        tok_decode_next(tok, &state, ids.data[ids.len - 1], &one_by_one);
    }
    tok_decode(tok, ids.data, ids.len, &at_once);
    assert_string_equal(at_once.data, expected);
    assert_string_equal(one_by_one.data, expected);
    tok_ids_free(&ids);
    str_free(&at_once);
    str_free(&one_by_one);
}

static void test_fused(void **state) {
    (void)state;
    tokenizer *tok = decoding(DECODE_FUSED, (const char *[]){"a", " b", "▁c", NULL});
    assert_decoded(tok, "a| b|<s>|▁c", "a b<s>▁c");
    tok_free(tok);
}

static void test_metaspace(void **state) {
    (void)state;
    static const char *const pieces[] = {"▁",      "▁▁b",    "▁a",     "c▁d", "\n",
                                         "<0xE2>", "<0x82>", "<0xAC>", NULL};
    tokenizer *tok = decoding(DECODE_METASPACE, pieces);
    str_append(&tok->decoder.space, "▁", strlen("▁"));
    assert_decoded(tok, "▁a|▁▁b|c▁d|▁", " a  bc d ");
    tok->decoder.strip = true;
    assert_decoded(tok, "▁a|▁▁b|c▁d|▁", "a  bc d ");
    assert_decoded(tok, "▁▁b|▁a", " b a"); /* one blank goes */
    assert_decoded(tok, "▁a|\n|▁a|▁|\n|▁▁b", "a\n a \n  b");
    tok->decoder.line_blanks = true;
    assert_decoded(tok, "▁a|\n|▁a|▁|\n|▁▁b", "a\na \n b"); /* one blank of each line goes */
    assert_decoded(tok, "<s>|▁a", "<s> a");
    assert_decoded(tok, "<0xE2>|▁a", "<0xE2> a");
    tok->byte_fallback = true;
    assert_decoded(tok, "<0xE2>|<0x82>|<0xAC>|▁a|<0xE2>", "€ a\xE2");
    tok_free(tok);
}

/* Expected texts from Hugging Face's decoders.WordPiece. */
static void test_wordpiece(void **state) {
    (void)state;
    static const char *const pieces[] = {"un",  "##able", "!",   "it", "'s",
                                         "n't", "'",      "##.", ".5", NULL};
    tokenizer *tok = decoding(DECODE_WORDPIECE, pieces);
    str_append(&tok->decoder.prefix, "##", 2);
    assert_decoded(tok, "un|##able|!|it|'s", "unable ! it 's");
    tok->decoder.cleanup = true;
    assert_decoded(tok, "<s>|un|##able|!|it|'s|it|n't|'|it|##.|.5",
                   "<s> unable! it's itn't ' it..5");
    assert_decoded(tok, "##able|un|<s>", "##able un <s>");
    tok_free(tok);
}

static void test_suffix(void **state) {
    (void)state;
    tokenizer *tok = decoding(DECODE_SUFFIX, (const char *[]){"un", "able</w>", "x</w>", NULL});
    str_append(&tok->decoder.suffix, "</w>", 4);
    assert_decoded(tok, "un|able</w>|x</w>", "unable x");
    assert_decoded(tok, "x</w>|<s>|un", "x <s>un");
    tok_free(tok);
}

static void test_words(void **state) {
    (void)state;
    static const char *const pieces[] = {"hi", "there", ",", "(",     ")",
                                         "\n", "“",     "”", "don't", NULL};
    tokenizer *tok = decoding(DECODE_WORDS, pieces);
    assert_decoded(tok, "hi|,|there|(|“|hi|”|)|\n|don't|<s>|hi", "hi, there (“hi”)\ndon't <s> hi");
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fused),     cmocka_unit_test(test_metaspace),
        cmocka_unit_test(test_wordpiece), cmocka_unit_test(test_suffix),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
