#include "tokenizer/training.h"
#include "tokenizer_files.h"

#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

static const char sonnet[] =
    "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"
    "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date:\n";

/* What the observer was told. */
typedef struct seen {
    str stages, warnings;
    double last;
    const char *stop_at;
} seen;

static bool on_progress(void *context, const char *stage, double done) {
    seen *s = context;
    assert_true(done >= 0 && done <= 1);
    if (done == 1) str_printf(&s->stages, "%s ", stage);
    return !s->stop_at || strcmp(stage, s->stop_at) != 0;
}

static void on_warned(void *context, const char *message) {
    seen *s = context;
    str_printf(&s->warnings, "%s\n", message);
}

static tokenizer *trained(const tok_training *how, const char *text, size_t n) {
    err e = {0};
    tokenizer *tok = tok_train(how, &(tok_text){text, n}, 1, &e);
    assert_string_equal(e.message, "");
    assert_non_null(tok);
    return tok;
}

/* All tokens from `from` on, printable, each with a | behind it. */
static void assert_tokens(const tokenizer *tok, int32_t from, const char *expected) {
    str out = {0};
    for (int32_t id = from; id < tok_vocab_size(tok); id++) {
        tok_printable(tok, id, &out);
        str_append(&out, "|", 1);
    }
    assert_string_equal(out.data ? out.data : "", expected);
    str_free(&out);
}

static void assert_learns(const tok_training *how, const char *text, size_t n, int32_t from,
                          const char *expected) {
    tokenizer *tok = trained(how, text, n);
    assert_tokens(tok, from, expected);
    tok_free(tok);
}

#define ASSERT_LEARNS(text, from, expected, ...)                                                   \
    assert_learns(&(tok_training){__VA_ARGS__}, text, sizeof text - 1, from, expected)

static void test_byte(void **state) {
    (void)state;
    tokenizer *tok =
        trained(&(tok_training){.type = TOK_BYTE, .special = "<|bos|>,<|eos|>"}, "", 0);
    assert_int_equal(tok_vocab_size(tok), 258);
    assert_int_equal(tok_unknown(tok), -1);
    assert_int_equal(tok_role_id(tok, TOK_EOS), 257);
    assert_int_equal(tok_find(tok, "A", 1), 'A');
    assert_decodes(tok, "\xFF é\n", "\xFF é\n");
    tok_free(tok);
}

static void test_char(void **state) {
    (void)state;
    ASSERT_LEARNS("bébé\xFF\n\0a", 0, "\\x00|\\n|a|b|é|\\xFF|<unk>|", .type = TOK_CHAR);
    ASSERT_LEARNS("aaabbbccd", 0, "a|b|<unk>|", .type = TOK_CHAR, .vocab_size = 3);
    ASSERT_LEARNS("aaabbbccd", 0, "a|b|c|<unk>|", .type = TOK_CHAR, .min_frequency = 2);
    ASSERT_LEARNS("aaabbbccd", 0, "a|b|c|<unk>|", .type = TOK_CHAR, .character_coverage = 0.8);
    ASSERT_LEARNS("aAbB", 0, "a|b|<unk>|<s>|", .type = TOK_CHAR, .normalize = TOK_NORMALIZE_LOWER,
                  .special = "<s>");
    tokenizer *tok = trained(&(tok_training){.type = TOK_CHAR}, sonnet, strlen(sonnet));
    assert_decodes(tok, sonnet, sonnet);
    tok_free(tok);
}

static void test_word(void **state) {
    (void)state;
    ASSERT_LEARNS("The cat's hat, the CAT's tail.\n", 0, "<unk>|cat's|the|\\n|,|.|hat|tail|",
                  .type = TOK_WORD);
    ASSERT_LEARNS("The the THE 12 12", 0, "<unk>|the|12|", .type = TOK_WORD);
    ASSERT_LEARNS("The the THE the", 0, "<unk>|the|THE|The|", .type = TOK_WORD,
                  .normalize = TOK_NORMALIZE_NONE);
    ASSERT_LEARNS("a a a b b c", 0, "<unk>|a|b|<s>|", .type = TOK_WORD, .vocab_size = 4,
                  .special = "<s>");
    ASSERT_LEARNS("a a a b b c", 0, "<unk>|a|b|", .type = TOK_WORD, .min_frequency = 2);
    tokenizer *tok = trained(&(tok_training){.type = TOK_WORD}, sonnet, strlen(sonnet));
    assert_decodes(tok, "Shall I compare zebras, THOU?", "shall i compare <unk>, thou?");
    tok_free(tok);
}

static void test_bpe(void **state) {
    (void)state;
    ASSERT_LEARNS("low low low lower lowest", 256, "lo|low| low| lowe|", .type = TOK_BPE,
                  .vocab_size = 260);
    ASSERT_LEARNS("low low low lower lowest", 256, "lo|low| low|", .type = TOK_BPE,
                  .min_frequency = 3);
    tokenizer *tok =
        trained(&(tok_training){.type = TOK_BPE, .vocab_size = 300}, sonnet, strlen(sonnet));
    assert_int_equal(tok_find(tok, "!", 1), 0);
    assert_int_equal(tok_find(tok, "\0", 1), 188);
    assert_decodes(tok, sonnet, sonnet);
    assert_decodes(tok, "\xFF\xC3 zebra 你好\n", "\xFF\xC3 zebra 你好\n");
    tok_free(tok);
}

static void test_wordpiece(void **state) {
    (void)state;
    ASSERT_LEARNS("Tée tee, tea", 0, "[UNK]|,|a|e|t|##a|##e|te|tee|tea|[CLS]|",
                  .type = TOK_WORDPIECE, .special = "[CLS]");
    ASSERT_LEARNS("Té té", 0, "[UNK]|T|t|é|##é|Té|té|", .type = TOK_WORDPIECE,
                  .normalize = TOK_NORMALIZE_NFC);
    tokenizer *tok = trained(&(tok_training){.type = TOK_WORDPIECE}, sonnet, strlen(sonnet));
    assert_decodes(tok, "Rough winds, Buzz?", "rough winds, [UNK]?");
    tok_free(tok);
}

/* The last id of b is that of a. */
static void assert_encodes_alike(const tokenizer *tok, const char *a, const char *b) {
    tok_ids of_a = {0}, of_b = {0};
    tok_encode(tok, a, strlen(a), NULL, &of_a);
    tok_encode(tok, b, strlen(b), NULL, &of_b);
    assert_int_equal(of_a.data[of_a.len - 1], of_b.data[of_b.len - 1]);
    assert_int_equal(of_a.len, 1);
    tok_ids_free(&of_a);
    tok_ids_free(&of_b);
}

static void test_unigram(void **state) {
    (void)state;
    tok_training how = {.type = TOK_UNIGRAM, .vocab_size = 60, .special = "<s>"};
    tokenizer *tok = trained(&how, sonnet, strlen(sonnet));
    assert_int_equal(tok_unknown(tok), 0);
    assert_int_equal(tok_find(tok, "<s>", 3), tok_vocab_size(tok) - 1);
    assert_true(tok_vocab_size(tok) <= 60);
    assert_decodes(tok, "  more   ﬁnd and ", "more find and");
    tok_free(tok);
}

/* A word is the same token at the beginning of a line as inside one; the text comes back as it
 * was, from a reread file, too. */
static void test_unigram_lines(void **state) {
    (void)state;
    static const char text[] = "to be\nto be\n\n  to be \nto be or\n \nto be\n";
    tok_training how = {.type = TOK_UNIGRAM, .normalize = TOK_NORMALIZE_NONE};
    tokenizer *tok = trained(&how, text, strlen(text));
    err e = {0};
    str json = {0};
    assert_true(tok_write(tok, &json, "test", &e));
    tokenizer *reread = tok_parse(json.data, json.len, "test", &e);
    assert_string_equal(e.message, "");
    const tokenizer *const both[] = {tok, reread};
    for (int i = 0; i < 2; i++) {
        assert_decodes(both[i], text, text);
        assert_decodes(both[i], "\n\n be\n", "\n\n be\n");
        assert_encodes_alike(both[i], "to", "be\nto");
    }
    tok_free(tok);
    tok_free(reread);
    str_free(&json);
}

static void assert_not_trained(const tok_training *how, const char *text, int code,
                               const char *expected) {
    err e = {0};
    assert_null(tok_train(how, &(tok_text){text, strlen(text)}, 1, &e));
    assert_string_equal(e.message, expected);
    assert_int_equal(e.code, code);
}

static void test_settings_that_cannot_be(void **state) {
    (void)state;
    assert_not_trained(&(tok_training){.type = TOK_BPE, .vocab_size = 100, .special = "a,b,c"}, "x",
                       ERR_INPUT,
                       "vocab_size 100 is too small: byte-level bpe needs 256 bytes and 3 special "
                       "tokens, 259");
    assert_not_trained(
        &(tok_training){.type = TOK_BYTE, .vocab_size = 256, .special = "<s>"}, "x", ERR_INPUT,
        "vocab_size 256 is too small: byte needs 256 bytes and 1 special token, 257");
    assert_not_trained(
        &(tok_training){.type = TOK_CHAR, .vocab_size = 1}, "x", ERR_INPUT,
        "vocab_size 1 is too small: char needs <unk>, 1 character and 0 special tokens, "
        "2");
    assert_not_trained(&(tok_training){.type = TOK_BPE, .vocab_size = -5}, "x", ERR_USAGE,
                       "vocab_size is -5, expected 0 (default) to 16777216");
    assert_not_trained(&(tok_training){.type = TOK_BPE, .min_frequency = -1}, "x", ERR_USAGE,
                       "min_frequency is -1, expected 0 or more");
    assert_not_trained(&(tok_training){.type = TOK_CHAR, .character_coverage = 2}, "x", ERR_USAGE,
                       "character_coverage is 2, expected a share from 0 to 1");
    assert_not_trained(&(tok_training){.type = TOK_BPE}, "", ERR_INPUT,
                       "the texts hold nothing to learn from");
    assert_not_trained(&(tok_training){.type = TOK_WORD}, "  \t ", ERR_INPUT,
                       "the texts hold nothing to learn from");
}

/* Wrong names are told before any text is read. */
static void test_names_of_special_tokens(void **state) {
    (void)state;
    err e = {0};
    seen s = {0};
    tok_training how = {.type = TOK_BPE,
                        .special = "<s>,,</s>",
                        .observer = &(tok_observer){on_progress, on_warned, &s}};
    assert_null(tok_train(&how, &(tok_text){sonnet, strlen(sonnet)}, 1, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_null(s.stages.data);
}

static void test_the_observer(void **state) {
    (void)state;
    err e = {0};
    seen s = {0};
    tok_observer observer = {on_progress, on_warned, &s};
    tok_training how = {.type = TOK_BPE, .vocab_size = 1000, .observer = &observer};
    assert_learns(&how, "aaa", 3, 256, "aa|aaa|");
    assert_string_equal(s.stages.data, "counting merging ");
    assert_string_equal(s.warnings.data, "the texts give only 258 tokens of the 1000 asked for\n");
    s.warnings.len = 0;
    how.special = "<|bos|>";
    tok_free(tok_train(&how, &(tok_text){"aaa", 3}, 1, &e));
    assert_string_equal(s.warnings.data, "the texts give only 259 tokens of the 1000 asked for\n");
    s.stop_at = "merging";
    assert_null(tok_train(&how, &(tok_text){sonnet, strlen(sonnet)}, 1, &e));
    assert_int_equal(e.code, ERR_INTERRUPTED);
    str_free(&s.stages);
    str_free(&s.warnings);
}

/* The text is long enough to be cut for threads. */
static void test_threads_change_nothing(void **state) {
    (void)state;
    str text = {0};
    for (int i = 0; i < 40000; i++)
        str_printf(&text, "The %xth word of %d, É.  ", i * i % 4099, i % 999);
    for (int type = TOK_CHAR; type <= TOK_UNIGRAM; type++) {
        tok_training how = {.type = (tok_type)type, .vocab_size = 500};
        uint64_t expected = 0;
        for (int threads = 1; threads <= 3; threads++) {
            thread_set_count(threads);
            tokenizer *tok = trained(&how, text.data, text.len);
            if (threads == 1) expected = tok_fingerprint(tok);
            assert_true(tok_fingerprint(tok) == expected);
            tok_free(tok);
        }
    }
    str_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte),
        cmocka_unit_test(test_char),
        cmocka_unit_test(test_word),
        cmocka_unit_test(test_bpe),
        cmocka_unit_test(test_wordpiece),
        cmocka_unit_test(test_unigram),
        cmocka_unit_test(test_unigram_lines),
        cmocka_unit_test(test_settings_that_cannot_be),
        cmocka_unit_test(test_names_of_special_tokens),
        cmocka_unit_test(test_the_observer),
        cmocka_unit_test(test_threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
