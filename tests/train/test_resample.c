#include "train/resample.h"

#include "tokenizer/training.h"
#include "train/batches.h"
#include "train/kingdom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16 };

static tokenizer *tok;
static tok_ids usual;
static train_set set;
static char *text;
static size_t n_text;

static int learn(void **state) {
    (void)state;
    err e = {0};
    FILE *f = open_memstream(&text, &n_text);
    train_kingdom_write(f, 200, 1);
    fclose(f);
    const tok_training how = {.type = TOK_BPE, .vocab_size = 400, .special = "<|eos|>"};
    tok = tok_train(&how, &(tok_text){text, n_text}, 1, &e);
    if (!tok) return -1;
    tok_encode(tok, text, n_text, NULL, &usual);
    set = train_set_of(usual.data, NULL, (int64_t)usual.len);
    return 0;
}

static int forget(void **state) {
    (void)state;
    tok_ids_free(&usual);
    tok_free(tok);
    free(text);
    return 0;
}

static train_resample dropping(uint64_t seed) {
    return (train_resample){.tok = tok, .set = &set, .dropout = 0.2, .key = rng_from_seed(seed)};
}

static tok_ids epoch_of(const train_resample *r, int64_t epoch) {
    tok_ids ids = {0}, mask = {0};
    train_resample_epoch(r, epoch, &ids, &mask);
    assert_int_equal(mask.len, 0);
    return ids;
}

static bool same(const tok_ids *a, const tok_ids *b) {
    return a->len == b->len && memcmp(a->data, b->data, a->len * sizeof *a->data) == 0;
}

static void test_other_tokens_of_the_same_text(void **state) {
    (void)state;
    train_resample r = dropping(1);
    tok_ids first = epoch_of(&r, 0), second = epoch_of(&r, 1), again = epoch_of(&r, 0);
    str decoded = {0};
    assert_true(first.len > usual.len);
    assert_false(same(&first, &second));
    assert_true(same(&first, &again));
    tok_decode(tok, first.data, first.len, &decoded);
    assert_int_equal(decoded.len, n_text);
    assert_memory_equal(decoded.data, text, n_text);
    str_free(&decoded);
    r = dropping(2);
    tok_ids other = epoch_of(&r, 0);
    assert_false(same(&first, &other));
    tok_ids_free(&first);
    tok_ids_free(&second);
    tok_ids_free(&again);
    tok_ids_free(&other);
}

static void test_without_dropout_the_usual_tokens(void **state) {
    (void)state;
    train_resample r = dropping(1);
    r.dropout = 0;
    tok_ids ids = epoch_of(&r, 0);
    assert_true(same(&ids, &usual));
    tok_ids_free(&ids);
}

static void test_unigram_draws_segmentations(void **state) {
    (void)state;
    err e = {0};
    const tok_training how = {.type = TOK_UNIGRAM, .vocab_size = 200};
    tokenizer *unigram = tok_train(&how, &(tok_text){text, n_text}, 1, &e);
    if (!unigram) fail_msg("%s", e.message);
    tok_ids best = {0};
    tok_encode(unigram, text, n_text, NULL, &best);
    train_set own = train_set_of(best.data, NULL, (int64_t)best.len);
    const train_resample r = {unigram, &own, .alpha = 0.1, .key = rng_from_seed(1)};
    tok_ids first = epoch_of(&r, 0), second = epoch_of(&r, 1);
    str usual_text = {0}, sampled_text = {0};
    tok_decode(unigram, best.data, best.len, &usual_text);
    tok_decode(unigram, first.data, first.len, &sampled_text);
    assert_true(first.len > best.len);
    assert_false(same(&first, &second));
    assert_string_equal(sampled_text.data, usual_text.data);
    str_free(&usual_text);
    str_free(&sampled_text);
    tok_ids_free(&best);
    tok_ids_free(&first);
    tok_ids_free(&second);
    tok_free(unigram);
}

/* A special token between two texts stays, and each text keeps its marks. */
static void test_special_tokens_and_marks_stay(void **state) {
    (void)state;
    const int32_t eos = tok_role_id(tok, TOK_EOS);
    tok_ids ids = {0}, mask = {0}, sampled = {0}, marks = {0};
    tok_encode(tok, "the king and the queen", 22, NULL, &ids);
    size_t n_first = ids.len;
    tok_ids_append(&ids, eos);
    tok_encode(tok, "the people of paris", 19, NULL, &ids);
    for (size_t i = 0; i < ids.len; i++) tok_ids_append(&mask, i > n_first);
    train_set small = train_set_of(ids.data, mask.data, (int64_t)ids.len);
    train_resample r = dropping(1);
    r.set = &small;
    r.dropout = 0.9;
    train_resample_epoch(&r, 3, &sampled, &marks);
    assert_int_equal(marks.len, sampled.len);
    assert_true(sampled.len > ids.len);
    size_t place = 0;
    while (sampled.data[place] != eos) place++;
    for (size_t i = 0; i < sampled.len; i++) assert_int_equal(marks.data[i], i > place);
    str decoded = {0};
    tok_decode(tok, sampled.data, place, &decoded);
    assert_string_equal(decoded.data, "the king and the queen");
    str_free(&decoded);
    tok_ids_free(&ids);
    tok_ids_free(&mask);
    tok_ids_free(&sampled);
    tok_ids_free(&marks);
}

/* In any order of asking, over the bounds of epochs; every block is a stretch of the epoch's ring.
 */
static void test_a_batch_is_a_function_of_its_number(void **state) {
    (void)state;
    enum { BATCH = 2 };
    err e = {0};
    train_batches b, other;
    const train_resample r = dropping(7);
    const rng_key key = rng_from_seed(3);
    assert_true(train_batches_init(&b, &set, BATCH, BLOCK, key, &r, "text", &e));
    assert_true(train_batches_init(&other, &set, BATCH, BLOCK, key, &r, "text", &e));
    const int64_t n = 3 * b.n_blocks / BATCH;
    int32_t ids[BATCH * BLOCK], targets[BATCH * BLOCK], id[BATCH * BLOCK], target[BATCH * BLOCK];
    for (int64_t i = 0; i < n; i++) {
        train_batches_get(&b, i, ids, targets);
        for (int k = 0; k < BATCH * BLOCK - 1; k++)
            if (k % BLOCK != BLOCK - 1) assert_int_equal(targets[k], ids[k + 1]);
        if (i % 11) continue;
        train_batches_get(&other, i, id, target);
        assert_memory_equal(id, ids, sizeof ids);
        assert_memory_equal(target, targets, sizeof targets);
    }
    train_batches_free(&b);
    train_batches_free(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_tokens_of_the_same_text),
        cmocka_unit_test(test_without_dropout_the_usual_tokens),
        cmocka_unit_test(test_unigram_draws_segmentations),
        cmocka_unit_test(test_special_tokens_and_marks_stay),
        cmocka_unit_test(test_a_batch_is_a_function_of_its_number),
    };
    return cmocka_run_group_tests(tests, learn, forget);
}
