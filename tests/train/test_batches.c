#include "train/batches.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* A text in which every id stands at the place of its number: a batch shows where it was cut. */
enum { N_TOKENS = 107, BLOCK = 5, BATCH = 4, BLOCKS_PER_EPOCH = N_TOKENS / BLOCK - 1 };
static int32_t ids_of_text[N_TOKENS];
static train_set text;

static int set_up(void **state) {
    for (int i = 0; i < N_TOKENS; i++) ids_of_text[i] = i;
    text = train_set_of(ids_of_text, NULL, N_TOKENS);
    return folder_make(state);
}

static train_batches open_batches(uint64_t seed, int64_t batch_size) {
    train_batches b;
    err e = {0};
    assert_true(
        train_batches_init(&b, &text, batch_size, BLOCK, rng_from_seed(seed), NULL, "text", &e));
    return b;
}

/* Where the blocks of one epoch begin in the text, in their order. */
static void read_epoch(uint64_t seed, int64_t epoch, int32_t first[BLOCKS_PER_EPOCH]) {
    int32_t ids[BLOCK], targets[BLOCK];
    train_batches b = open_batches(seed, 1);
    for (int64_t i = 0; i < BLOCKS_PER_EPOCH; i++) {
        train_batches_get(&b, epoch * BLOCKS_PER_EPOCH + i, ids, targets);
        first[i] = ids[0];
    }
    train_batches_free(&b);
}

static void test_a_block_is_text_and_its_targets_one_on(void **state) {
    (void)state;
    int32_t ids[BATCH * BLOCK], targets[BATCH * BLOCK];
    train_batches b = open_batches(1, BATCH);
    for (int64_t index = 0; index < 50; index++) {
        train_batches_get(&b, index, ids, targets);
        for (int i = 0; i < BATCH * BLOCK; i++) {
            assert_int_equal(ids[i], ids[i / BLOCK * BLOCK] + i % BLOCK);
            assert_int_equal(targets[i], ids[i] + 1);
        }
    }
    train_batches_free(&b);
}

static void test_an_epoch_visits_each_block_once(void **state) {
    (void)state;
    for (int64_t epoch = 0; epoch < 20; epoch++) {
        int32_t first[BLOCKS_PER_EPOCH], shift = N_TOKENS;
        bool seen[BLOCKS_PER_EPOCH] = {0};
        read_epoch(1, epoch, first);
        for (int i = 0; i < BLOCKS_PER_EPOCH; i++)
            if (first[i] < shift) shift = first[i];
        for (int i = 0; i < BLOCKS_PER_EPOCH; i++) {
            int32_t block = (first[i] - shift) / BLOCK;
            assert_int_equal((first[i] - shift) % BLOCK, 0);
            assert_in_range(block, 0, BLOCKS_PER_EPOCH - 1);
            assert_false(seen[block]);
            seen[block] = true;
        }
    }
}

static void test_shift_and_order_change_with_epoch_and_seed(void **state) {
    (void)state;
    int32_t first[BLOCKS_PER_EPOCH], other[BLOCKS_PER_EPOCH];
    bool shifted[BLOCK] = {0};
    read_epoch(1, 0, first);
    for (int64_t epoch = 1; epoch < 40; epoch++) {
        read_epoch(1, epoch, other);
        assert_memory_not_equal(first, other, sizeof first);
        shifted[other[0] % BLOCK] = true;
    }
    for (int i = 0; i < BLOCK; i++) assert_true(shifted[i]);
    read_epoch(2, 0, other);
    assert_memory_not_equal(first, other, sizeof first);
}

/* Every token is an id of some batch and a target of some batch, the ends of the text too. */
static void test_shifts_reach_the_whole_text(void **state) {
    (void)state;
    bool is_id[N_TOKENS] = {0}, is_target[N_TOKENS] = {0};
    int32_t ids[BLOCK], targets[BLOCK];
    train_batches b = open_batches(1, 1);
    for (int64_t i = 0; i < 100 * BLOCKS_PER_EPOCH; i++) {
        train_batches_get(&b, i, ids, targets);
        for (int k = 0; k < BLOCK; k++) is_id[ids[k]] = is_target[targets[k]] = true;
    }
    for (int i = 0; i < N_TOKENS - 1; i++) assert_true(is_id[i] && is_target[i + 1]);
    train_batches_free(&b);
}

/* In any order of asking, over the bounds of epochs: a resumed run reads what it would have read.
 */
static void test_a_batch_is_a_function_of_its_number(void **state) {
    (void)state;
    enum { N = 30 };
    static int32_t ids[N][BATCH * BLOCK], targets[N][BATCH * BLOCK];
    int32_t id[BATCH * BLOCK], target[BATCH * BLOCK];
    train_batches b = open_batches(7, BATCH), other = open_batches(7, BATCH);
    for (int64_t i = 0; i < N; i++) train_batches_get(&b, i, ids[i], targets[i]);
    for (int64_t i = 0; i < N; i++) {
        int64_t index = i * 17 % N;
        train_batches_get(&other, index, id, target);
        assert_memory_equal(id, ids[index], sizeof id);
        assert_memory_equal(target, targets[index], sizeof target);
    }
    train_batches_free(&b);
    train_batches_free(&other);
}

/* The whole text as a file, every third token a target. */
static train_set open_file(void) {
    int32_t mask[N_TOKENS];
    err e = {0};
    train_set_writer w;
    train_set set;
    for (int i = 0; i < N_TOKENS; i++) mask[i] = i % 3 == 0;
    assert_true(train_set_begin(&w, folder, "train", N_TOKENS, true, &e));
    train_set_append(&w, ids_of_text, mask, N_TOKENS);
    assert_true(train_set_commit(&w, folder, "train", &e));
    assert_true(train_set_open(&set, folder, "train", N_TOKENS, true, &e));
    return set;
}

/* Before the first batch, behind the end of the epoch and far away: no state is disturbed. */
static void test_reading_ahead_changes_no_batch(void **state) {
    (void)state;
    int32_t id[BATCH * BLOCK], ids[BATCH * BLOCK], target[BATCH * BLOCK], targets[BATCH * BLOCK];
    train_set set = open_file();
    train_batches plain, ahead;
    err e = {0};
    const rng_key key = rng_from_seed(3);
    assert_true(train_batches_init(&plain, &set, BATCH, BLOCK, key, NULL, "text", &e));
    assert_true(train_batches_init(&ahead, &set, BATCH, BLOCK, key, NULL, "text", &e));
    for (int64_t index = 0; index < 20 * BLOCKS_PER_EPOCH; index++) {
        for (int64_t other = 0; other < 1000; other++) train_batches_read_ahead(&ahead, other);
        train_batches_get(&plain, index, ids, targets);
        train_batches_get(&ahead, index, id, target);
        assert_memory_equal(id, ids, sizeof ids);
        assert_memory_equal(target, targets, sizeof targets);
    }
    train_batches_free(&plain);
    train_batches_free(&ahead);
    train_set_close(&set);
}

static void test_the_shortest_text(void **state) {
    (void)state;
    int32_t ids[BLOCK], targets[BLOCK];
    train_batches b;
    err e = {0};
    train_set shortest = train_set_of(ids_of_text, NULL, BLOCK + 1);
    assert_true(train_batches_init(&b, &shortest, 1, BLOCK, rng_from_seed(1), NULL, "text", &e));
    for (int64_t i = 0; i < 10; i++) {
        train_batches_get(&b, i, ids, targets);
        assert_int_equal(ids[0], 0);
        assert_int_equal(targets[BLOCK - 1], BLOCK);
    }
    train_batches_free(&b);
}

static void test_too_short_a_text(void **state) {
    (void)state;
    train_batches b;
    err e = {0};
    train_set shorter = train_set_of(ids_of_text, NULL, BLOCK);
    assert_false(train_batches_init(&b, &shorter, 1, BLOCK, rng_from_seed(1), NULL, "a.txt", &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_string_equal(e.message, "a.txt: 5 tokens, but block_size 5 needs at least 6");
    train_batches_free(&b);
}

static void test_blocks_cover_every_target_once(void **state) {
    (void)state;
    for (int64_t n = 2; n <= N_TOKENS; n++) {
        train_set start = train_set_of(ids_of_text, NULL, n);
        int32_t ids[BLOCK], targets[BLOCK], next = 1;
        for (int64_t block = 0; block < train_blocks_count(&start, BLOCK); block++) {
            int64_t length = train_blocks_get(&start, BLOCK, block, ids, targets);
            assert_in_range(length, 1, BLOCK);
            for (int64_t i = 0; i < length; i++, next++) {
                assert_int_equal(targets[i], next);
                assert_int_equal(ids[i], next - 1);
            }
            for (int64_t i = length; i < BLOCK; i++) {
                assert_int_equal(ids[i], 0);
                assert_int_equal(targets[i], -1);
            }
        }
        assert_int_equal(next, n);
    }
}

/* Every third token counts. */
static void test_targets_that_do_not_count_are_ignored(void **state) {
    (void)state;
    int32_t mask[N_TOKENS], ids[BATCH * BLOCK], targets[BATCH * BLOCK];
    for (int i = 0; i < N_TOKENS; i++) mask[i] = i % 3 == 0;
    train_set set = train_set_of(ids_of_text, mask, N_TOKENS);
    train_batches b;
    err e = {0};
    assert_true(train_batches_init(&b, &set, BATCH, BLOCK, rng_from_seed(1), NULL, "text", &e));
    for (int64_t index = 0; index < 50; index++) {
        train_batches_get(&b, index, ids, targets);
        for (int i = 0; i < BATCH * BLOCK; i++)
            assert_int_equal(targets[i], (ids[i] + 1) % 3 == 0 ? ids[i] + 1 : -1);
    }
    train_batches_free(&b);
    int64_t counted = 0;
    for (int64_t block = 0; block < train_blocks_count(&set, BLOCK); block++)
        counted += train_blocks_get(&set, BLOCK, block, ids, targets);
    assert_int_equal(counted, (N_TOKENS - 1) / 3);
    assert_int_equal(train_set_targets(&set), (N_TOKENS - 1) / 3);
}

static void test_a_text_without_a_target_has_no_blocks(void **state) {
    (void)state;
    for (int64_t n = 0; n < 2; n++) {
        train_set start = train_set_of(ids_of_text, NULL, n);
        assert_int_equal(train_blocks_count(&start, BLOCK), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_block_is_text_and_its_targets_one_on),
        cmocka_unit_test(test_an_epoch_visits_each_block_once),
        cmocka_unit_test(test_shift_and_order_change_with_epoch_and_seed),
        cmocka_unit_test(test_shifts_reach_the_whole_text),
        cmocka_unit_test(test_a_batch_is_a_function_of_its_number),
        cmocka_unit_test(test_reading_ahead_changes_no_batch),
        cmocka_unit_test(test_the_shortest_text),
        cmocka_unit_test(test_too_short_a_text),
        cmocka_unit_test(test_blocks_cover_every_target_once),
        cmocka_unit_test(test_targets_that_do_not_count_are_ignored),
        cmocka_unit_test(test_a_text_without_a_target_has_no_blocks),
    };
    return cmocka_run_group_tests(tests, set_up, folder_remove);
}
