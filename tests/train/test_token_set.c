#include "train/token_set.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { N = 6, VOCAB = 100 };
static const int32_t ids[N] = {5, 17, 99, 0, 3, 8}, mask[N] = {1, 0, 1, 1, 0, 1};

static void write_set(bool masked) {
    train_set_writer w;
    err e = {0};
    assert_true(train_set_begin(&w, folder, "part", VOCAB, masked, &e));
    train_set_append(&w, ids, mask, 2); /* in stretches */
    train_set_append(&w, ids + 2, mask + 2, N - 2);
    assert_int_equal(w.n_targets, masked ? 3 : N - 1);
    assert_true(train_set_commit(&w, folder, "part", &e));
}

static void test_ids_and_targets_of_a_masked_set(void **state) {
    (void)state;
    train_set set;
    err e = {0};
    int32_t read[N], targets[N];
    static const int32_t expected[N - 1] = {-1, 99, 0, -1, 8};
    write_set(true);
    assert_true(train_set_open(&set, folder, "part", VOCAB, true, &e));
    train_set_copy(&set, 0, N - 1, read, targets);
    assert_memory_equal(read, ids, sizeof expected);
    assert_memory_equal(targets, expected, sizeof expected);
    train_set_copy(&set, 3, 2, read, targets);
    assert_memory_equal(read, ids + 3, 2 * sizeof *ids);
    assert_memory_equal(targets, expected + 3, 2 * sizeof *ids);
    assert_int_equal(train_set_targets(&set), 3); /* the first token is no target */
    train_set_close(&set);
}

static void test_all_targets_count_without_a_mask(void **state) {
    (void)state;
    train_set set;
    err e = {0};
    int32_t read[N], targets[N];
    write_set(true);
    write_set(false); /* the mask of the set before it goes */
    assert_false(file_exists(folder_path("part_mask.bin")));
    assert_true(train_set_open(&set, folder, "part", VOCAB, false, &e));
    train_set_copy(&set, 0, N - 1, read, targets);
    assert_memory_equal(targets, ids + 1, (N - 1) * sizeof *ids);
    assert_int_equal(train_set_targets(&set), N - 1);
    train_set_close(&set);
}

static void test_the_fingerprint_is_of_the_mask_too(void **state) {
    (void)state;
    static const int32_t other[N] = {1, 0, 1, 1, 1, 1};
    train_set plain = train_set_of(ids, NULL, N), masked = train_set_of(ids, mask, N),
              again = train_set_of(ids, mask, N), differs = train_set_of(ids, other, N);
    uint64_t print = train_set_fingerprint(&masked);
    assert_true(print == train_set_fingerprint(&again));
    assert_true(print != train_set_fingerprint(&differs));
    assert_true(print != train_set_fingerprint(&plain));
    assert_true(train_set_fingerprint(&plain) == train_tokens_fingerprint(&plain.tokens));
}

static void assert_refused(bool masked, const char *reason) {
    train_set set;
    err e = {0};
    assert_false(train_set_open(&set, folder, "part", VOCAB, masked, &e));
    if (!strstr(e.message, reason)) fail_msg("said: %s\n  expected: %s", e.message, reason);
}

static void test_refuses_a_mask_that_does_not_fit(void **state) {
    (void)state;
    err e = {0};
    write_set(false);
    assert_refused(true, "part_mask.bin: No such file");
    assert_true(train_tokens_write(folder_path("part_mask.bin"), mask, N - 1, 2, &e));
    assert_refused(true, "part_mask.bin: 5 marks for 6 tokens");
    assert_true(train_tokens_write(folder_path("part_mask.bin"), ids, N, VOCAB, &e));
    assert_refused(true, "part_mask.bin: token 0 is 5, outside the vocabulary of 2");
}

static void test_what_is_discarded_leaves_nothing(void **state) {
    (void)state;
    train_set_writer w;
    err e = {0};
    assert_true(train_set_begin(&w, folder, "gone", VOCAB, true, &e));
    train_set_append(&w, ids, mask, N);
    train_set_discard(&w);
    train_set_discard(&(train_set_writer){0});
    assert_false(file_exists(folder_path("gone.bin")));
    assert_false(file_exists(folder_path("gone.bin.tmp")));
    assert_false(file_exists(folder_path("gone_mask.bin.tmp")));
    assert_false(train_set_begin(&w, "/absent", "gone", VOCAB, true, &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_and_targets_of_a_masked_set),
        cmocka_unit_test(test_all_targets_count_without_a_mask),
        cmocka_unit_test(test_the_fingerprint_is_of_the_mask_too),
        cmocka_unit_test(test_refuses_a_mask_that_does_not_fit),
        cmocka_unit_test(test_what_is_discarded_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
