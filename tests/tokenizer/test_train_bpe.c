#include "tokenizer/learn/trainers.h"

#include "base/mem.h"
#include "base/rng.h"
#include "tokenizer/model/bpe.h"
#include "tokenizer/text/byte_level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { MAX_SYMBOLS = 600, MAX_MERGES = MAX_SYMBOLS };

/* The same by the book: every pair is counted anew for every merge. */
typedef struct naive {
    vocab vocab;
    int32_t *words[4096];
    size_t lengths[4096], n;
    int64_t counts[4096];
    int64_t pairs[MAX_SYMBOLS][MAX_SYMBOLS];
    bpe_merge merges[MAX_MERGES];
    size_t n_merges;
} naive;

static naive *naive_new(const counted_pieces *c) {
    naive *t = mem_new(1, sizeof *t);
    for (int i = 0; i < 256; i++) vocab_add(&t->vocab, &(char){(char)byte_level_at(i)}, 1);
    assert_true(c->n <= 4096);
    t->n = c->n;
    for (size_t w = 0; w < c->n; w++) {
        t->counts[w] = c->pieces[w].count;
        t->lengths[w] = c->pieces[w].length;
        t->words[w] = mem_new(c->pieces[w].length, sizeof(int32_t));
        for (size_t i = 0; i < t->lengths[w]; i++)
            t->words[w][i] = vocab_find(&t->vocab, c->pieces[w].bytes + i, 1);
    }
    return t;
}

static void naive_free(naive *t) {
    for (size_t w = 0; w < t->n; w++) free(t->words[w]);
    vocab_free(&t->vocab);
    free(t);
}

/* The most frequent pair, of equals the smaller; its count. */
static int64_t naive_best(naive *t, int32_t *left, int32_t *right) {
    memset(t->pairs, 0, sizeof t->pairs);
    for (size_t w = 0; w < t->n; w++)
        for (size_t i = 0; i + 1 < t->lengths[w]; i++)
            t->pairs[t->words[w][i]][t->words[w][i + 1]] += t->counts[w];
    int64_t most = 0;
    for (int32_t a = 0; a < t->vocab.size; a++)
        for (int32_t b = 0; b < t->vocab.size; b++)
            if (t->pairs[a][b] > most) {
                most = t->pairs[a][b];
                *left = a;
                *right = b;
            }
    return most;
}

static int32_t naive_join(naive *t, int32_t left, int32_t right) {
    size_t n;
    str piece = {0};
    const char *bytes = vocab_piece(&t->vocab, left, &n);
    str_append(&piece, bytes, n);
    bytes = vocab_piece(&t->vocab, right, &n);
    str_append(&piece, bytes, n);
    int32_t id = vocab_add(&t->vocab, piece.data, piece.len);
    str_free(&piece);
    return id;
}

static void naive_replace(naive *t, int32_t left, int32_t right, int32_t id) {
    for (size_t w = 0; w < t->n; w++) {
        size_t n = 0;
        int32_t *s = t->words[w];
        for (size_t i = 0; i < t->lengths[w]; i++) {
            bool here = i + 1 < t->lengths[w] && s[i] == left && s[i + 1] == right;
            s[n++] = here ? id : s[i];
            i += here;
        }
        t->lengths[w] = n;
    }
}

static void naive_learn(naive *t, int32_t size, int64_t least) {
    while (t->vocab.size < size) {
        int32_t left = 0, right = 0;
        if (naive_best(t, &left, &right) < least) return;
        int32_t id = naive_join(t, left, right);
        t->merges[t->n_merges] = (bpe_merge){left, right, (int32_t)t->n_merges, id};
        t->n_merges++;
        naive_replace(t, left, right, id);
    }
}

static void assert_as_naive(const counted_pieces *c, int32_t size, int64_t least) {
    err e = {0};
    tokenizer *tok = tok_new(TOK_BPE);
    tok_training how = {.type = TOK_BPE, .min_frequency = least};
    assert_true(train_bpe(tok, &how, c, size, &e));
    naive *t = naive_new(c);
    naive_learn(t, size, least ? least : 1);
    assert_int_equal(tok->bpe->n, t->n_merges);
    assert_memory_equal(tok->bpe->merges, t->merges, t->n_merges * sizeof *t->merges);
    assert_int_equal(tok->vocab.size, t->vocab.size);
    assert_memory_equal(tok->vocab.bytes.data, t->vocab.bytes.data, t->vocab.bytes.len);
    naive_free(t);
    tok_free(tok);
}

/* Few letters and long runs of them: pairs that overlap themselves, ties. */
static void test_random_words_merge_as_in_the_naive_trainer(void **state) {
    (void)state;
    rng_stream random = {.key = rng_from_seed(7)};
    char bytes[200][16];
    counted_piece pieces[200];
    for (int round = 0; round < 40; round++) {
        counted_pieces c = {.pieces = pieces, .n = 1 + rng_next_below(&random, 200)};
        uint32_t letters = 1 + rng_next_below(&random, 5);
        for (size_t i = 0; i < c.n; i++) {
            pieces[i] = (counted_piece){bytes[i], 1 + rng_next_below(&random, 16),
                                        1 + rng_next_below(&random, 6)};
            for (uint32_t k = 0; k < pieces[i].length; k++)
                bytes[i][k] = (char)('a' + rng_next_below(&random, letters));
        }
        int32_t size = (int32_t)(256 + rng_next_below(&random, 200));
        assert_as_naive(&c, size, rng_next_below(&random, 4));
    }
}

static const char real_text[] =
    "To be, or not to be, that is the question: whether 'tis nobler in the mind to suffer the "
    "slings and arrows of outrageous fortune, or to take arms against a sea of troubles and by "
    "opposing end them. To die, to sleep, no more; and by a sleep to say we end the heart-ache "
    "and the thousand natural shocks that flesh is heir to: 'tis a consummation devoutly to be "
    "wish'd. To die, to sleep; to sleep, perchance to dream. Ay, there's the rub, for in that "
    "sleep of death what dreams may come, when we have shuffled off this mortal coil, must give "
    "us pause. There's the respect that makes calamity of so long life.  Naïve café, 12,345 años, "
    "Größe: 你好 你好 世界.\n";

static void test_real_words_merge_as_in_the_naive_trainer(void **state) {
    (void)state;
    err e = {0};
    tokenizer *tok = tok_new(TOK_BPE);
    splitter_add(&tok->splitter, SPLIT_BYTE_LEVEL)->use_regex = true;
    tok_training how = {.type = TOK_BPE};
    counted_pieces c;
    tok_text text = {real_text, sizeof real_text - 1};
    assert_true(count_pieces(&c, tok, &how, &text, 1, &e));
    assert_as_naive(&c, 256, 0);
    assert_as_naive(&c, 400, 0);
    assert_as_naive(&c, 590, 0);
    assert_as_naive(&c, 590, 3);
    counted_free(&c);
    tok_free(tok);
}

static const char *piece_of(const tokenizer *tok, int32_t id) {
    size_t n;
    return vocab_piece(&tok->vocab, id, &n);
}

static void test_wordpiece(void **state) {
    (void)state;
    err e = {0};
    counted_piece pieces[] = {{"hug", 3, 10}, {"pug", 3, 5},   {"pun", 3, 12}, {"bun", 3, 4},
                              {"hugs", 4, 5}, {"x\xFF", 2, 9}, {"é", 2, 1}};
    counted_pieces c = {.pieces = pieces, .n = 7};
    tokenizer *tok = tok_new(TOK_WORDPIECE);
    tok_training how = {.type = TOK_WORDPIECE, .vocab_size = 21};
    assert_true(train_wordpiece(tok, &how, &c, 21, &e));
    /* ##u ##g 20, ##u ##n 16, h ##ug 15, p ##un 12, p ##ug and hug ##s 5, b ##un 4 */
    static const char *const expected[] = {"[UNK]", "b",    "g",   "h",   "n",   "p",    "s",
                                           "u",     "x",    "é",   "##g", "##n", "##s",  "##u",
                                           "##ug",  "##un", "hug", "pun", "pug", "hugs", "bun"};
    assert_int_equal(tok->unk, 0);
    assert_int_equal(tok->vocab.size, 21);
    for (int32_t id = 0; id < 21; id++) assert_string_equal(piece_of(tok, id), expected[id]);
    tok_free(tok);
}

static void test_wordpiece_alphabet(void **state) {
    (void)state;
    err e = {0};
    counted_piece pieces[] = {{"aab", 3, 50}, {"az", 2, 1}};
    counted_pieces c = {.pieces = pieces, .n = 2};
    tok_training how = {.type = TOK_WORDPIECE, .vocab_size = 40, .character_coverage = 0.99};
    tokenizer *tok = tok_new(TOK_WORDPIECE);
    assert_true(train_wordpiece(tok, &how, &c, 40, &e));
    assert_int_equal(vocab_find(&tok->vocab, "z", 1), -1);
    assert_true(vocab_find(&tok->vocab, "aab", 3) > 0);
    tok_free(tok);
    how.vocab_size = 4;
    tok = tok_new(TOK_WORDPIECE);
    assert_false(train_wordpiece(tok, &how, &c, 3, &e));
    assert_string_equal(e.message, "vocab_size 4 is too small: wordpiece needs [UNK], 4 characters "
                                   "and 1 special token, 6");
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_words_merge_as_in_the_naive_trainer),
        cmocka_unit_test(test_real_words_merge_as_in_the_naive_trainer),
        cmocka_unit_test(test_wordpiece),
        cmocka_unit_test(test_wordpiece_alphabet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
