#include "tokenizer/training.h"

#include "base/hash.h"
#include "base/thread.h"
#include "tokenizer/learn/unigram_training.h"
#include "tokenizer/model/unigram.h"
#include "tokenizer/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Random sentences of stems with endings, some stems more frequent. */
static str made_up_text(int n_words) {
    static const char *const stems[] = {"walk", "talk", "jump", "paint", "believ", "unlock"};
    static const char *const ends[] = {"", "ed", "ing", "er", "ers", "able"};
    rng_stream s = {.key = rng_from_seed(4)};
    str text = {0};
    for (int i = 0; i < n_words; i++) {
        uint32_t stem = rng_next_below(&s, 1 + rng_next_below(&s, 6));
        str_printf(&text, "%s%s%s", stems[stem], ends[rng_next_below(&s, 6)],
                   rng_next_below(&s, 8) ? " " : ", ");
    }
    return text;
}

static tokenizer *train(tok_training how, const str *text, err *e) {
    how.type = TOK_UNIGRAM;
    return tok_train(&how, &(tok_text){text->data, text->len}, 1, e);
}

static tokenizer *trained(tok_training how, const str *text) {
    err e = {0};
    tokenizer *tok = train(how, text, &e);
    assert_string_equal(e.message, "");
    return tok;
}

static bool has(const tokenizer *tok, const char *piece) {
    return tok_find(tok, piece, strlen(piece)) >= 0;
}

static void test_frequent_words_and_stems_are_pieces(void **state) {
    (void)state;
    str text = made_up_text(3000);
    tokenizer *tok = trained((tok_training){.vocab_size = 42}, &text);
    assert_int_equal(tok_vocab_size(tok), 42);
    assert_int_equal(tok_unknown(tok), 0);
    assert_true(has(tok, "<unk>") && has(tok, "▁walk") && has(tok, "▁walking") &&
                has(tok, "▁believ"));
    for (const char *c = "walktjumpinbevrdsoc,"; *c; c++)
        assert_true(tok_find(tok, c, 1) >= 0); /* all characters */
    const unigram *u = tok->unigram;
    double sum = 0;
    for (int32_t id = 1; id < 42; id++) {
        assert_true(id == 1 || u->scores[id] <= u->scores[id - 1]);
        assert_true(u->scores[id] == (float)u->scores[id]);
        sum += exp(u->scores[id]);
    }
    assert_true(sum > 0.9 && sum < 1.01);
    tok_free(tok);
    str_free(&text);
}

static void test_pieces_hold_letters_or_none_and_blanks_begin_them(void **state) {
    (void)state;
    str text = made_up_text(3000);
    tokenizer *tok = trained((tok_training){.vocab_size = 50}, &text);
    for (int32_t id = 1; id < tok_vocab_size(tok); id++) {
        size_t len;
        const char *piece = tok_piece(tok, id, &len);
        assert_true(len == 1 || !strchr(piece, ','));
        assert_true(strlen(piece) < 3 || !strstr(piece + 1, "▁"));
    }
    tok_free(tok);
    str_free(&text);
}

static void test_the_same_at_any_number_of_threads(void **state) {
    (void)state;
    str text = made_up_text(2000);
    uint64_t fingerprint[2];
    for (int i = 0; i < 2; i++) {
        thread_set_count(1 + 3 * i);
        tokenizer *tok = trained((tok_training){.vocab_size = 45}, &text);
        fingerprint[i] = hash_bytes(HASH_START, (const char *)tok->unigram->scores,
                                    45 * sizeof *tok->unigram->scores) +
                         tok_fingerprint(tok);
        tok_free(tok);
    }
    thread_set_count(0);
    assert_true(fingerprint[0] == fingerprint[1]);
    str_free(&text);
}

static void test_rare_characters_are_unknown_or_bytes(void **state) {
    (void)state;
    str text = made_up_text(2000);
    str_printf(&text, " wal\u017Ced");
    tokenizer *tok = trained((tok_training){.vocab_size = 42, .character_coverage = 0.999}, &text);
    assert_false(has(tok, "\u017C"));
    tok_free(tok);
    tok = trained((tok_training){.vocab_size = 42, .character_coverage = 1}, &text);
    assert_true(has(tok, "\u017C"));
    tok_free(tok);
    tok_ids ids = {0};
    str out = {0};
    tok = trained(
        (tok_training){.vocab_size = 298, .character_coverage = 0.999, .byte_fallback = true},
        &text);
    assert_int_equal(tok_vocab_size(tok), 298);
    assert_int_equal(tok_find(tok, "<0x00>", 6), 1);
    tok_encode(tok, "wal\u017Ced \xFF", 9, NULL, &ids);
    tok_decode(tok, ids.data, ids.len, &out);
    assert_string_equal(out.data, "wal\u017Ced \xFF");
    tok_free(tok);
    tok_ids_free(&ids);
    str_free(&out);
    str_free(&text);
}

static void note_warning(void *context, const char *message) {
    snprintf(context, 256, "%s", message);
}

static void test_sizes_that_do_not_fit(void **state) {
    (void)state;
    str text = made_up_text(500);
    char warning[256] = "";
    const tok_observer observer = {.warned = note_warning, .context = warning};
    tokenizer *tok = trained((tok_training){.vocab_size = 5000, .observer = &observer}, &text);
    assert_true(tok_vocab_size(tok) > 50 && tok_vocab_size(tok) < 5000);
    assert_non_null(strstr(warning, "5000"));
    tok_free(tok);
    err e = {0};
    assert_null(train((tok_training){.vocab_size = 10}, &text, &e));
    assert_non_null(strstr(e.message, "vocab_size 10 is too small"));
    str_free(&text);
}

static void test_a_text_without_characters_gives_no_pieces(void **state) {
    (void)state;
    str text = {0};
    str_append(&text, "\xFF \xFE", 3);
    tokenizer *tok = trained((tok_training){.vocab_size = 300, .byte_fallback = true}, &text);
    assert_true(tok_vocab_size(tok) <= 1 + 256 + 1); /* a blank may be there */
    tok_free(tok);
    str_free(&text);
}

typedef struct watch {
    double last;
    int calls, stop_at;
} watch;

static bool note_progress(void *context, const char *stage, double done) {
    watch *w = context;
    if (strcmp(stage, "training") != 0) return true;
    assert_true(done >= w->last && done <= 1);
    w->last = done;
    return ++w->calls != w->stop_at;
}

static void test_progress_rises_to_its_end_and_can_stop(void **state) {
    (void)state;
    str text = made_up_text(2000);
    watch w = {0};
    const tok_observer observer = {.progress = note_progress, .context = &w};
    const tok_training how = {.vocab_size = 42, .observer = &observer};
    tok_free(trained(how, &text));
    assert_true(w.last == 1 && w.calls > 3);
    w = (watch){.stop_at = 3};
    err e = {0};
    assert_null(train(how, &text, &e));
    assert_int_equal(e.code, ERR_INTERRUPTED);
    str_free(&text);
}

/* Every substring of words that occurs twice and may be a piece is a seed when what follows it
 * differs, by frequency * length; single characters always. */
static void test_seeds(void **state) {
    (void)state;
    counted_piece words[] = {{"▁abab", 7, 3}, {"▁abc", 6, 2}, {"zb,,", 4, 1}};
    static const char *const expected[] = {",",  "a", "ab", "abab", "abc", "b",     "bab",
                                           "bc", "c", "z",  "▁",    "▁ab", "▁abab", "▁abc"};
    unigram_candidates found;
    unigram_seeds(&(unigram_text){words, 3, 3}, &found);
    double weights = 0, ab = 0;
    for (size_t i = 0; i < found.n; i++) {
        const unigram_candidate *c = &found.list[i];
        if (i < sizeof expected / sizeof *expected) {
            assert_int_equal(c->length, strlen(expected[i]));
            assert_memory_equal(c->bytes, expected[i], c->length);
        }
        weights += exp(c->score);
        if (c->length == 2 && memcmp(c->bytes, "ab", 2) == 0) ab = exp(c->score);
    }
    assert_int_equal(found.n, sizeof expected / sizeof *expected);
    assert_true(fabs(weights - 1) < 1e-9);
    /* ab occurs 3 * 2 + 2 times. Characters count once, the other weights are count * length:
     * , 2  a 8  b 9  c 2  z 1  _ 5  bab 9  bc 4  abab 12  abc 6  _ab 15  _abab 15  _abc 8 */
    assert_true(fabs(ab - 16.0 / (27 + 16 + 9 + 4 + 12 + 6 + 15 + 15 + 8)) < 1e-9);
    free(found.list);
}

/* The expected counts of one step, against all segmentations of "aab" written out. */
static void test_expectation_step(void **state) {
    (void)state;
    counted_piece word = {"aab", 3, 100};
    unigram_candidate list[] = {{"a", 1, log(0.3)},
                                {"aa", 2, log(0.2)},
                                {"aab", 3, log(0.001)},
                                {"ab", 2, log(0.1)},
                                {"b", 1, log(0.4)}};
    unigram_candidates c = {list, 5};
    double ways[] = {0.3 * 0.3 * 0.4, 0.2 * 0.4, 0.3 * 0.1, 0.001};
    double all = ways[0] + ways[1] + ways[2] + ways[3];
    double a = 100 * (2 * ways[0] + ways[2]) / all, aa = 100 * ways[1] / all;
    unigram_em_step(&(unigram_text){&word, 1, 1}, &c);
    assert_int_equal(c.n, 5);
    /* digamma(x) is log(x) - 1/2x - 1/12x^2 nearly */
    double difference =
        log(a) - 0.5 / a - 1 / (12 * a * a) - (log(aa) - 0.5 / aa - 1 / (12 * aa * aa));
    assert_true(fabs(c.list[0].score - c.list[1].score - difference) < 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequent_words_and_stems_are_pieces),
        cmocka_unit_test(test_pieces_hold_letters_or_none_and_blanks_begin_them),
        cmocka_unit_test(test_the_same_at_any_number_of_threads),
        cmocka_unit_test(test_rare_characters_are_unknown_or_bytes),
        cmocka_unit_test(test_sizes_that_do_not_fit),
        cmocka_unit_test(test_a_text_without_characters_gives_no_pieces),
        cmocka_unit_test(test_progress_rises_to_its_end_and_can_stop),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_expectation_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
