#include "tokenizer/model/bpe.h"

#include "base/array.h"
#include "base/mem.h"
#include "tokenizer_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t id_of(const tokenizer *tok, const char *piece) {
    int32_t id = vocab_find(&tok->vocab, piece, strlen(piece));
    assert_true(id >= 0);
    return id;
}

/* "left right" merge, in this order; what they become enters the vocabulary. */
static void add_merge(tokenizer *tok, const char *left, const char *right, int32_t rank) {
    str whole = {0};
    str_printf(&whole, "%s%s", left, right);
    int32_t id = vocab_add(&tok->vocab, whole.data, whole.len);
    bpe_add_merge(tok->bpe, id_of(tok, left), id_of(tok, right), rank, id);
    str_free(&whole);
}

static tokenizer *new_bpe(bool byte_level) {
    tokenizer *tok = tok_new(TOK_BPE);
    tok->bpe = bpe_new();
    tok->byte_level = byte_level;
    for (int c = 0; byte_level && c < 256; c++) vocab_add(&tok->vocab, &(char){(char)c}, 1);
    return tok;
}

static void test_lowest_rank_first(void **state) {
    (void)state;
    tokenizer *tok = new_bpe(true);
    add_merge(tok, "b", "c", 0);
    add_merge(tok, "a", "b", 1);
    add_merge(tok, "a", "bc", 2);
    add_merge(tok, "a", "a", 3);
    tok = finished(tok);
    assert_pieces(tok, "abc", "abc|");
    assert_pieces(tok, "abab", "ab|ab|");
    assert_pieces(tok, "aaa", "aa|a|"); /* the leftmost of equals */
    assert_pieces(tok, "xabcy", "x|abc|y|");
    tok_free(tok);
}

enum { N_LETTERS = 3, N_MERGES = 60 };

/* Random merges of "a", "b", "c" and of what they became; ranks may be equal. */
static tokenizer *random_bpe(rng_stream *random) {
    tokenizer *tok = new_bpe(true);
    for (int32_t i = 0; i < N_MERGES;) {
        char pieces[2][64];
        for (int side = 0; side < 2; side++) {
            uint32_t pick = rng_next_below(random, (uint32_t)(N_LETTERS + i));
            int32_t id =
                pick < N_LETTERS ? 'a' + (int32_t)pick : tok->bpe->merges[pick - N_LETTERS].id;
            size_t n;
            const char *piece = vocab_piece(&tok->vocab, id, &n);
            memcpy(pieces[side], n < 12 ? piece : "a", n < 12 ? n + 1 : 2);
        }
        int32_t left = id_of(tok, pieces[0]), right = id_of(tok, pieces[1]);
        bool is_new = true;
        for (int32_t j = 0; j < i; j++)
            is_new &= tok->bpe->merges[j].left != left || tok->bpe->merges[j].right != right;
        if (!is_new) continue;
        add_merge(tok, pieces[0], pieces[1], i / 2);
        i++;
    }
    return finished(tok);
}

/* Byte-pair encoding as it is defined: the whole list searched for every merge. */
static size_t encode_slowly(const tokenizer *tok, const char *text, size_t n, int32_t *ids) {
    for (size_t i = 0; i < n; i++) ids[i] = (unsigned char)text[i];
    while (true) {
        const bpe_merge *best = NULL;
        size_t at = 0;
        for (size_t i = 0; i + 1 < n; i++) {
            const bpe_merge *m = NULL;
            for (size_t j = 0; j < tok->bpe->n && !m; j++)
                if (tok->bpe->merges[j].left == ids[i] && tok->bpe->merges[j].right == ids[i + 1])
                    m = &tok->bpe->merges[j];
            if (m && (!best || m->rank < best->rank)) {
                best = m;
                at = i;
            }
        }
        if (!best) return n;
        ids[at] = best->id;
        memmove(ids + at + 1, ids + at + 2, (n - at - 2) * sizeof *ids);
        n--;
    }
}

static void test_same_as_by_definition(void **state) {
    (void)state;
    enum { LONGEST = 200 };
    rng_stream random = {.key = rng_from_seed(3)};
    char text[LONGEST];
    int32_t expected[LONGEST];
    tok_ids ids = {0};
    for (int i = 0; i < 300; i++) {
        tokenizer *tok = random_bpe(&random);
        size_t n = 1 + rng_next_below(&random, i % 3 ? 20 : LONGEST);
        for (size_t j = 0; j < n; j++) text[j] = (char)('a' + rng_next_below(&random, N_LETTERS));
        size_t n_expected = encode_slowly(tok, text, n, expected);
        ids.len = 0;
        tok_encode(tok, text, n, NULL, &ids);
        assert_int_equal(ids.len, n_expected);
        assert_memory_equal(ids.data, expected, n_expected * sizeof *expected);
        tok_free(tok);
    }
    tok_ids_free(&ids);
}

static void test_a_megabyte_of_one_letter(void **state) {
    (void)state;
    enum { N = 1 << 20 };
    tokenizer *tok = new_bpe(true);
    add_merge(tok, "a", "a", 0);
    add_merge(tok, "aa", "aa", 1);
    tok = finished(tok);
    char *text = mem_new(N + 1, 1);
    memset(text, 'a', N + 1);
    tok_ids ids = {0};
    tok_encode(tok, text, N + 1, NULL, &ids);
    assert_int_equal(ids.len, N / 4 + 1);
    assert_int_equal(ids.data[N / 4], 'a');
    tok_ids_free(&ids);
    free(text);
    tok_free(tok);
}

static void test_unknown_characters(void **state) {
    (void)state;
    for (int fuse = 0; fuse < 2; fuse++) {
        tokenizer *tok = new_bpe(false);
        tok->unk = vocab_add(&tok->vocab, "<unk>", 5);
        tok->fuse_unk = fuse;
        vocab_add(&tok->vocab, "\u00E9", 2);
        tok = finished(tok);
        assert_pieces(tok, "\u00E9xy\u00E9\xFF",
                      fuse ? "\u00E9|<unk>|\u00E9|<unk>|" : "\u00E9|<unk>|<unk>|\u00E9|<unk>|");
        tok_free(tok);
    }
    tokenizer *tok = new_bpe(false);
    vocab_add(&tok->vocab, "a", 1);
    tok = finished(tok);
    assert_pieces(tok, "xax", "a|");
    assert_pieces(tok, "x", "");
    tok_free(tok);
}

static void test_unknown_characters_as_bytes(void **state) {
    (void)state;
    tokenizer *tok = new_bpe(false);
    tok->byte_fallback = true;
    for (int c = 0; c < 256; c++) {
        char piece[8];
        snprintf(piece, sizeof piece, "<0x%02X>", (unsigned)c);
        vocab_add(&tok->vocab, piece, 6);
    }
    vocab_add(&tok->vocab, "a", 1);
    tok = finished(tok);
    assert_pieces(tok, "a\u00E9\xFF", "a|<0xC3>|<0xA9>|<0xFF>|");
    tok_free(tok);
}

static void test_prefix_and_suffix(void **state) {
    (void)state;
    tokenizer *tok = new_bpe(false);
    str_append(&tok->bpe->continuing_prefix, "##", 2);
    str_append(&tok->bpe->end_suffix, "</w>", 4);
    const char *const pieces[] = {"a", "##b", "##c</w>", "a</w>", "ab"};
    for (size_t i = 0; i < COUNT(pieces); i++) vocab_add(&tok->vocab, pieces[i], strlen(pieces[i]));
    bpe_add_merge(tok->bpe, 0, 1, 0, 4);
    tok = finished(tok);
    assert_pieces(tok, "abc", "ab|##c</w>|");
    assert_pieces(tok, "a", "a</w>|");
    tok_free(tok);
}

static void test_whole_pieces_need_no_merges(void **state) {
    (void)state;
    for (int ignore = 0; ignore < 2; ignore++) {
        tokenizer *tok = new_bpe(true);
        vocab_add(&tok->vocab, "abc", 3);
        tok->bpe->ignore_merges = ignore;
        tok = finished(tok);
        assert_pieces(tok, "abc", ignore ? "abc|" : "a|b|c|");
        tok_free(tok);
    }
}

static size_t count_sampled(const tokenizer *tok, double dropout, uint64_t seed) {
    const char *text = "abcabcabcabcabcabcabcabcabcabc";
    tok_ids ids = {0};
    str back = {0};
    tok_options options = {.dropout = dropout, .key = rng_from_seed(seed)};
    tok_encode(tok, text, strlen(text), &options, &ids);
    tok_decode(tok, ids.data, ids.len, &back);
    assert_string_equal(back.data, text);
    size_t n = ids.len;
    str_free(&back);
    tok_ids_free(&ids);
    return n;
}

static void test_dropout(void **state) {
    (void)state;
    tokenizer *tok = new_bpe(true);
    add_merge(tok, "b", "c", 0);
    add_merge(tok, "a", "bc", 1);
    tok = finished(tok);
    assert_int_equal(count_sampled(tok, 1, 1), 30);
    assert_int_equal(count_sampled(tok, 1e-9, 1), 10);
    double sum = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        size_t n = count_sampled(tok, 0.5, seed);
        assert_int_equal(n, count_sampled(tok, 0.5, seed));
        sum += (double)n;
    }
    /* No merge is left out for good while others are made: fewer tokens than the 22.5 of leaving
     * each out once, more than the 10 of none. */
    assert_true(sum / 400 > 11 && sum / 400 < 22.5);
    tok_free(tok);
}

static void test_explanation(void **state) {
    (void)state;
    tokenizer *tok = new_bpe(true);
    add_merge(tok, "b", "c", 0);
    add_merge(tok, "a", "bc", 7);
    tok = finished(tok);
    tok_scratch *s = scratch_take(tok->scratch);
    str out = {0};
    tok->model->explain(tok, s, "abc", 3, &out);
    assert_string_equal(out.data, "symbols: a b c\nmerge 0 to bc: a bc\nmerge 7 to abc: abc\n");
    str_free(&out);
    scratch_give(tok->scratch, s);
    tok_free(tok);
}

static void assert_refused(int32_t right, int32_t id, const char *message) {
    err e = {0};
    tokenizer *tok = new_bpe(true);
    bpe_add_merge(tok->bpe, 'a', 'b', 0, 'c');
    bpe_add_merge(tok->bpe, 'a', right, 1, id);
    assert_null(tok_finish(tok, "file", &e));
    assert_string_equal(e.message, message);
}

static void test_wrong_merges_are_one_line(void **state) {
    (void)state;
    assert_refused('b', 'd', "file: merge 1: (97, 98) stands there twice");
    assert_refused(256, 'd', "file: merge 1: (97, 256) to 100, the vocabulary has 256");
    assert_refused(-1, 'd', "file: merge 1: (97, -1) to 100, the vocabulary has 256");
    assert_refused('c', 999, "file: merge 1: (97, 99) to 999, the vocabulary has 256");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lowest_rank_first),
        cmocka_unit_test(test_same_as_by_definition),
        cmocka_unit_test(test_a_megabyte_of_one_letter),
        cmocka_unit_test(test_unknown_characters),
        cmocka_unit_test(test_unknown_characters_as_bytes),
        cmocka_unit_test(test_prefix_and_suffix),
        cmocka_unit_test(test_whole_pieces_need_no_merges),
        cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_explanation),
        cmocka_unit_test(test_wrong_merges_are_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
