#include "tokenizer/model/bpe.h"

#include "base/mem.h"
#include "base/thread.h"
#include "hostile.h"
#include "tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

/* A byte-level tokenizer of a handful of merges, split as GPT-2 does, with one special token and
 * one that is found in every text. */
static tokenizer *byte_level_bpe(void) {
    static const char *const merges[][2] = {{"t", "h"},           {"th", "e"}, {" ", "the"},
                                            {"\xE4\xBD", "\xA0"}, {" ", "w"},  {"o", "r"},
                                            {" w", "or"},         {"'", "s"}};
    tokenizer *tok = tok_new(TOK_BPE);
    tok->bpe = bpe_new();
    tok->byte_level = true;
    for (int c = 0; c < 256; c++) vocab_add(&tok->vocab, &(char){(char)c}, 1);
    vocab_add(&tok->vocab, "\xE4\xBD", 2);
    for (int32_t i = 0; i < (int32_t)(sizeof merges / sizeof *merges); i++) {
        str whole = {0};
        str_printf(&whole, "%s%s", merges[i][0], merges[i][1]);
        int32_t id = vocab_add(&tok->vocab, whole.data, whole.len);
        bpe_add_merge(tok->bpe, vocab_find(&tok->vocab, merges[i][0], strlen(merges[i][0])),
                      vocab_find(&tok->vocab, merges[i][1], strlen(merges[i][1])), i, id);
        str_free(&whole);
    }
    splitter_add(&tok->splitter, SPLIT_BYTE_LEVEL)->use_regex = true;
    return tok;
}

static int32_t add_token(tokenizer *tok, const char *content, bool special) {
    int32_t id = tok->vocab.size + (int32_t)tok->specials.n;
    special_add(&tok->specials, id, content, strlen(content))->special = special;
    return id;
}

static void test_random_bytes_come_back(void **state) {
    (void)state;
    tokenizer *tok = finished(byte_level_bpe());
    rng_stream random = {.key = rng_from_seed(1)};
    str text = {0}, back = {0};
    tok_ids ids = {0};
    for (int i = 0; i < 10000; i++) {
        if (i % 2) {
            hostile_text(&random, 30, 0, &text);
        } else {
            text.len = 0;
            for (uint32_t n = rng_next_below(&random, 60); n > 0; n--)
                str_append(&text, &(char){(char)rng_next_below(&random, 256)}, 1);
        }
        ids.len = back.len = 0;
        tok_encode(tok, text.data, text.len, NULL, &ids);
        tok_decode(tok, ids.data, ids.len, &back);
        assert_int_equal(back.len, text.len);
        if (text.len) assert_memory_equal(back.data, text.data, text.len);
    }
    str_free(&text);
    str_free(&back);
    tok_ids_free(&ids);
    tok_free(tok);
}

static void test_added_tokens(void **state) {
    (void)state;
    tokenizer *tok = byte_level_bpe();
    add_token(tok, "<|end|>", true);
    add_token(tok, "  ", false);
    tok = finished(tok);
    const char *text = "the  w<|end|>";
    assert_pieces_as(tok, text, NULL, "the|  |w|<|||e|n|d|||>|");
    assert_pieces_as(tok, text, &(tok_options){.allow_special = true}, "the|  |w|<|end|>|");
    assert_pieces_as(tok, "<|end|><|end|>", &(tok_options){.allow_special = true},
                     "<|end|>|<|end|>|");
    assert_pieces_as(tok, "", NULL, "");
    tok_free(tok);
}

static void test_template(void **state) {
    (void)state;
    tokenizer *tok = byte_level_bpe();
    tok_ids_append(&tok->before, add_token(tok, "<s>", true));
    tok_ids_append(&tok->after, add_token(tok, "</s>", true));
    tok = finished(tok);
    assert_pieces_as(tok, "the", &(tok_options){.add_special = true}, "<s>|the|</s>|");
    assert_pieces_as(tok, "", &(tok_options){.add_special = true}, "<s>|</s>|");
    assert_pieces_as(tok, "the", NULL, "the|");
    tok_free(tok);
}

/* At least  bytes of words with hostile pieces between. */
static str long_text(size_t size) {
    rng_stream random = {.key = rng_from_seed(9)};
    str text = {0}, hostile = {0};
    while (text.len < size) {
        for (int i = 0; i < 20; i++) {
            static const char *const words[] = {" the", " world", " or", " whether", "'s", " x"};
            const char *word = words[rng_next_below(&random, 6)];
            str_append(&text, word, strlen(word));
        }
        hostile_text(&random, 6, 0, &hostile);
        str_append(&text, hostile.data, hostile.len);
    }
    str_free(&hostile);
    return text;
}

typedef struct slow_encoding {
    const tokenizer *tok;
    tok_scratch *s;
    tok_ids *out;
} slow_encoding;

static void take_slowly(void *context, const char *piece, size_t n) {
    slow_encoding *slow = context;
    slow->tok->model->encode(slow->tok, slow->s, piece, n, slow->out);
}

/* Without parts, threads and cache. */
static void encode_slowly(const tokenizer *tok, const char *text, size_t n, tok_ids *out) {
    slow_encoding slow = {tok, scratch_take(tok->scratch), out};
    const char *normalized =
        normalizer_apply(&tok->normalizer, tok->normalizer.n, slow.s, text, &n);
    splitter_run(&tok->splitter, slow.s, normalized, n, true, take_slowly, &slow);
    scratch_give(tok->scratch, slow.s);
}

static void assert_same_ids(const tok_ids *a, const tok_ids *b) {
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->data, b->data, a->len * sizeof *a->data);
}

static void assert_long_text_the_same(const tokenizer *tok, size_t size) {
    str text = long_text(size);
    tok_ids expected = {0}, found = {0};
    encode_slowly(tok, text.data, text.len, &expected);
    for (int threads = 1; threads <= 3; threads++) {
        thread_set_count(threads);
        found.len = 0;
        tok_encode(tok, text.data, text.len, NULL, &found);
        assert_same_ids(&found, &expected);
    }
    thread_set_count(1);
    tok_ids_free(&expected);
    tok_ids_free(&found);
    str_free(&text);
}

static void test_long_texts_at_any_number_of_threads(void **state) {
    (void)state;
    tokenizer *tok = finished(byte_level_bpe());
    assert_long_text_the_same(tok, 5 << 18);
    tok_free(tok);
}

/* As Llama's tokenizer.json: its normalizer puts the marks and no step splits; what it does at the
 * ends of a text it must not do at those of a part. */
static void add_replacement(tokenizer *tok, const char *source, bool literal, const char *text) {
    err e = {0};
    norm_step *replace = normalizer_add(&tok->normalizer, NORM_REPLACE);
    replace->pattern = pattern_new(source, strlen(source), literal, "test", &e);
    str_append(&replace->text, text, strlen(text));
}

static tokenizer *marking_bpe(bool strips) {
    tokenizer *tok = tok_new(TOK_BPE);
    tok->bpe = bpe_new();
    tok->unk = vocab_add(&tok->vocab, "<unk>", 5);
    vocab_add(&tok->vocab, SPLIT_METASPACE_CHAR, 3);
    for (char c = 'a'; c <= 'z'; c++) vocab_add(&tok->vocab, &c, 1);
    int32_t th = vocab_add(&tok->vocab, SPLIT_METASPACE_CHAR "t", 4);
    bpe_add_merge(tok->bpe, 1, vocab_find(&tok->vocab, "t", 1), 0, th);
    if (strips) {
        norm_step *strip = normalizer_add(&tok->normalizer, NORM_STRIP);
        strip->left = strip->right = true;
    } else {
        add_replacement(tok, NORM_LEADING_BLANKS, false, "");
        add_replacement(tok, NORM_TRAILING_BLANKS, false, "");
    }
    str_append(&normalizer_add(&tok->normalizer, NORM_PREPEND)->text, SPLIT_METASPACE_CHAR, 3);
    add_replacement(tok, " ", true, SPLIT_METASPACE_CHAR);
    return finished(tok);
}

static void test_long_texts_with_marks_for_blanks(void **state) {
    (void)state;
    for (int strips = 0; strips < 2; strips++) {
        tokenizer *tok = marking_bpe(strips);
        assert_true(tok->splitter.cut_at_blanks);
        assert_true(normalizer_can_cut(&tok->normalizer));
        assert_pieces_as(tok, "  the tt ", NULL, "\u2581t|h|e|\u2581t|t|");
        assert_long_text_the_same(tok, 5 << 18);
        tok_free(tok);
    }
}

static void test_long_texts_with_added_tokens(void **state) {
    (void)state;
    tokenizer *tok = byte_level_bpe();
    int32_t end = add_token(tok, "<|end|>", true);
    tok = finished(tok);
    str text = long_text(5 << 18), twice = {0};
    str_append(&twice, text.data, text.len);
    str_append(&twice, "<|end|>", 7);
    str_append(&twice, text.data, text.len);
    tok_ids expected = {0}, found = {0};
    encode_slowly(tok, text.data, text.len, &expected);
    tok_ids_append(&expected, end);
    encode_slowly(tok, text.data, text.len, &expected);
    thread_set_count(2);
    tok_encode(tok, twice.data, twice.len, &(tok_options){.allow_special = true}, &found);
    thread_set_count(1);
    assert_same_ids(&found, &expected);
    tok_ids_free(&expected);
    tok_ids_free(&found);
    str_free(&text);
    str_free(&twice);
    tok_free(tok);
}

static void test_sampling_is_the_same_at_any_number_of_threads(void **state) {
    (void)state;
    tokenizer *tok = finished(byte_level_bpe());
    str text = long_text(5 << 18), back = {0};
    tok_ids one = {0}, three = {0}, other = {0};
    tok_options options = {.dropout = 0.3, .key = rng_from_seed(4)};
    tok_encode(tok, text.data, text.len, &options, &one);
    thread_set_count(3);
    tok_encode(tok, text.data, text.len, &options, &three);
    thread_set_count(1);
    assert_same_ids(&three, &one);
    options.key = rng_from_seed(5);
    tok_encode(tok, text.data, text.len, &options, &other);
    assert_true(other.len != one.len ||
                memcmp(other.data, one.data, one.len * sizeof *one.data) != 0);
    tok_decode(tok, one.data, one.len, &back);
    assert_int_equal(back.len, text.len);
    assert_memory_equal(back.data, text.data, text.len);
    tok_ids_free(&one);
    tok_ids_free(&three);
    tok_ids_free(&other);
    str_free(&text);
    str_free(&back);
    tok_free(tok);
}

static void test_short_texts_allocate_nothing(void **state) {
    (void)state;
    tokenizer *tok = finished(byte_level_bpe());
    const char *text = "the world's whether of words and numbers 1234";
    tok_ids ids = {0};
    tok_encode(tok, text, strlen(text), NULL, &ids);
    size_t before = mem_allocations();
    for (int i = 0; i < 100; i++) {
        ids.len = 0;
        tok_encode(tok, text, strlen(text), NULL, &ids);
    }
    assert_int_equal(mem_allocations(), before);
    tok_ids_free(&ids);
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_bytes_come_back),
        cmocka_unit_test(test_added_tokens),
        cmocka_unit_test(test_template),
        cmocka_unit_test(test_long_texts_at_any_number_of_threads),
        cmocka_unit_test(test_long_texts_with_marks_for_blanks),
        cmocka_unit_test(test_long_texts_with_added_tokens),
        cmocka_unit_test(test_sampling_is_the_same_at_any_number_of_threads),
        cmocka_unit_test(test_short_texts_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
