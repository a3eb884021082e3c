#include "tokenizer/model/unigram.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct scored {
    const char *piece;
    double score;
} scored;

/* <unk> is id 0, piece i is id i + 1; with bytes: they follow the pieces. */
static tokenizer *make(const scored *pieces, int n, bool bytes) {
    err e = {0};
    tokenizer *tok = tok_new(TOK_UNIGRAM);
    unigram *u = tok->unigram = unigram_new();
    u->scores = mem_new((size_t)n + 257, sizeof *u->scores);
    tok->unk = vocab_add(&tok->vocab, "<unk>", 5);
    for (int i = 0; i < n; i++)
        u->scores[vocab_add(&tok->vocab, pieces[i].piece, strlen(pieces[i].piece))] =
            pieces[i].score;
    for (int byte = 0; bytes && byte < 256; byte++) {
        char piece[8];
        vocab_add(&tok->vocab, piece, (size_t)snprintf(piece, sizeof piece, "<0x%02X>", byte));
    }
    u->n = (size_t)tok->vocab.size;
    tok->fuse_unk = true;
    tok->byte_fallback = bytes;
    tok = tok_finish(tok, "test", &e);
    assert_string_equal(e.message, "");
    return tok;
}

static void assert_ids(const tokenizer *tok, const char *text, const int32_t *expected, size_t n) {
    tok_ids ids = {0};
    tok_encode(tok, text, strlen(text), NULL, &ids);
    assert_int_equal(ids.len, n);
    assert_memory_equal(ids.data, expected, n * sizeof *expected);
    tok_ids_free(&ids);
}
#define IDS(...) (const int32_t[]){__VA_ARGS__}, sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)

static const scored un[] = {{"un", -3},      {"believ", -6}, {"able", -4}, {"unbel", -5},
                            {"ievable", -7}, {"a", -8},      {"b", -8},    {"é", -9}};
enum { N_UN = sizeof un / sizeof *un };

static void test_takes_the_segmentation_of_highest_score(void **state) {
    (void)state;
    tokenizer *tok = make(un, N_UN, false);
    assert_ids(tok, "unbelievable", IDS(4, 5)); /* -12, un believ able -13 */
    assert_ids(tok, "unable", IDS(1, 3));
    assert_ids(tok, "éa", IDS(8, 6));
    tok_free(tok);
}

static void test_a_run_of_unknown_characters_is_one_token_or_bytes(void **state) {
    (void)state;
    tokenizer *tok = make(un, N_UN, false);
    assert_ids(tok, "axyb\xFFz", IDS(6, 0, 7, 0));
    tok_free(tok);
    tok = make(un, N_UN, true);
    assert_ids(tok, "aü", IDS(6, 9 + 0xC3, 9 + 0xBC));
    assert_ids(tok, "<0x41>", IDS(9 + '<', 9 + '0', 9 + 'x', 9 + '4', 9 + '1', 9 + '>'));
    tok_free(tok);
}

/* Pieces of random letters a, b, c with random scores; some single letters are missing. */
static tokenizer *random_tokenizer(uint64_t seed) {
    rng_stream s = {.key = rng_from_seed(seed)};
    static char text[24][8];
    scored pieces[24];
    int n = 0;
    vocab seen = {0};
    for (int i = 0; i < 24; i++) {
        size_t length = 1 + rng_next_below(&s, 4);
        for (size_t k = 0; k < length; k++) text[n][k] = (char)('a' + rng_next_below(&s, 3));
        text[n][length] = '\0';
        if (vocab_add(&seen, text[n], length) != n) continue;
        pieces[n] = (scored){text[n], -1 - 9 * rng_next_unit(&s)};
        n++;
    }
    vocab_free(&seen);
    return make(pieces, n, false);
}

/* The highest score of all segmentations. */
static double best_by_trying_all(const tokenizer *tok, const char *text, size_t n) {
    if (n == 0) return 0;
    double best = -INFINITY;
    for (size_t length = 1; length <= n; length++) {
        int32_t id = vocab_find(&tok->vocab, text, length);
        if (id < 0 && length > 1) continue;
        double score = id < 0 ? tok->unigram->unk_score : tok->unigram->scores[id];
        best = fmax(best, score + best_by_trying_all(tok, text + length, n - length));
    }
    return best;
}

/* The score of ids as a segmentation of n_bytes letters. A run of unknown characters is one id:
 * what it covers follows from what the others leave. */
static double score_of(const tokenizer *tok, const tok_ids *ids, size_t n_bytes) {
    double score = 0;
    for (size_t i = 0; i < ids->len; i++) {
        size_t length = 0;
        if (ids->data[i] == tok->unk) continue;
        vocab_piece(&tok->vocab, ids->data[i], &length);
        score += tok->unigram->scores[ids->data[i]];
        n_bytes -= length;
    }
    return score + (double)n_bytes * tok->unigram->unk_score;
}

static void test_agrees_with_all_segmentations(void **state) {
    (void)state;
    tok_ids ids = {0};
    for (uint64_t seed = 0; seed < 20; seed++) {
        tokenizer *tok = random_tokenizer(seed);
        rng_stream s = {.key = rng_from_seed(seed + 100)};
        for (int i = 0; i < 50; i++) {
            char text[12];
            size_t n = 1 + rng_next_below(&s, 12);
            for (size_t k = 0; k < n; k++) text[k] = (char)('a' + rng_next_below(&s, 3));
            ids.len = 0;
            tok_encode(tok, text, n, NULL, &ids);
            double best = best_by_trying_all(tok, text, n);
            assert_true(fabs(score_of(tok, &ids, n) - best) < 1e-9);
        }
        tok_free(tok);
    }
    tok_ids_free(&ids);
}

/* The score of the best segmentation, place by place. */
static double best_of_long_text(const tokenizer *tok, const char *text, size_t n, size_t longest) {
    double *best = mem_new(n + 1, sizeof *best);
    for (size_t end = 1; end <= n; end++) {
        best[end] = best[end - 1] + tok->unigram->unk_score;
        for (size_t length = 1; length <= longest && length <= end; length++) {
            int32_t id = vocab_find(&tok->vocab, text + end - length, length);
            if (id >= 0) best[end] = fmax(best[end], best[end - length] + tok->unigram->scores[id]);
        }
    }
    double score = best[n];
    free(best);
    return score;
}

static void assert_long_text(const tokenizer *tok, const char *text, size_t n) {
    tok_ids ids = {0};
    tok_scratch *s = scratch_take(tok->scratch);
    unigram_encode(tok, s, text, n, &ids);
    scratch_give(tok->scratch, s);
    assert_true(fabs(score_of(tok, &ids, n) - best_of_long_text(tok, text, n, 8)) < 1e-6);
    tok_ids_free(&ids);
}

static void test_long_texts_are_cut_as_a_whole(void **state) {
    (void)state;
    enum { N = 100001 };
    char *text = mem_new(N, 1);
    rng_stream s = {.key = rng_from_seed(5)};
    for (size_t i = 0; i < N; i++) text[i] = (char)('a' + rng_next_below(&s, 3));
    for (uint64_t seed = 0; seed < 3; seed++) {
        tokenizer *tok = random_tokenizer(seed);
        assert_long_text(tok, text, N);
        tok_free(tok);
    }
    /* Two ways that never meet: whether the first token is "a" or "ab" shows at the end only. */
    static const scored pairs[] = {{"ab", -1}, {"ba", -1}, {"a", -2}, {"c", -2}};
    tokenizer *tok = make(pairs, sizeof pairs / sizeof *pairs, false);
    for (size_t i = 0; i < N; i++) text[i] = i % 2 ? 'b' : 'a';
    text[N - 1] = 'c';
    assert_long_text(tok, text, N);
    tok_free(tok);
    free(text);
}

static void test_draws_segmentations_by_their_probability(void **state) {
    (void)state;
    static const scored pieces[] = {{"a", -1}, {"b", -1.5}, {"ab", -2}, {"ba", -2.2}, {"aba", -3}};
    enum { DRAWS = 20000, WAYS = 4 };
    static const double sums[WAYS] = {-1 - 1.5 - 1, -2 - 1, -1 - 2.2, -3};
    static const int32_t first_two[WAYS][2] = {{1, 2}, {3, 1}, {1, 4}, {5, 0}};
    tokenizer *tok = make(pieces, sizeof pieces / sizeof *pieces, false);
    tok_options options = {.alpha = 0.5};
    int met[WAYS] = {0};
    tok_ids ids = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
        ids.len = 0;
        options.key = rng_split(rng_from_seed(1), i);
        tok_encode(tok, "aba", 3, &options, &ids);
        for (int w = 0; w < WAYS; w++)
            met[w] +=
                ids.data[0] == first_two[w][0] && (ids.len == 1 || ids.data[1] == first_two[w][1]);
    }
    double all = 0;
    for (int w = 0; w < WAYS; w++) all += exp(0.5 * sums[w]);
    for (int w = 0; w < WAYS; w++) {
        double p = exp(0.5 * sums[w]) / all;
        assert_true(fabs(met[w] / (double)DRAWS - p) < 4 * sqrt(p * (1 - p) / DRAWS));
    }
    tok_ids_free(&ids);
    tok_free(tok);
}

static void test_explains_the_choice_and_the_next_best(void **state) {
    (void)state;
    tokenizer *tok = make(un, N_UN, false);
    tok_scratch *s = scratch_take(tok->scratch);
    str out = {0};
    unigram_explain(tok, s, "unbelievable", 12, &out);
    assert_non_null(strstr(out.data, "-12.0000 =  unbel -5.0000  ievable -7.0000\n"));
    assert_non_null(strstr(out.data, "-13.0000 =  un -3.0000  believ -6.0000  able -4.0000\n"));
    out.len = 0;
    unigram_explain(tok, s, "é", 2, &out);
    assert_null(strchr(strchr(out.data, '\n') + 1, '\n')); /* the only way */
    scratch_give(tok->scratch, s);
    str_free(&out);
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_the_segmentation_of_highest_score),
        cmocka_unit_test(test_a_run_of_unknown_characters_is_one_token_or_bytes),
        cmocka_unit_test(test_agrees_with_all_segmentations),
        cmocka_unit_test(test_long_texts_are_cut_as_a_whole),
        cmocka_unit_test(test_draws_segmentations_by_their_probability),
        cmocka_unit_test(test_explains_the_choice_and_the_next_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
