#include "base/ngram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { BUCKET = 1 << 30, CAPACITY = 64 };

/* The hash written out once more, over bytes as they stand in the source. */
static int32_t bucket_of(const char *ngram) {
    uint32_t h = 2166136261u;
    for (; *ngram; ngram++) {
        uint32_t byte = (unsigned char)*ngram;
        h = (h ^ (byte < 128 ? byte : byte | 0xFFFFFF00u)) * 16777619u;
    }
    return (int32_t)(h % BUCKET);
}

static void assert_ngrams(const char *word, int64_t min_n, int64_t max_n,
                          const char *const *expected, int64_t n) {
    int32_t out[CAPACITY];
    assert_int_equal(ngram_buckets(word, strlen(word), min_n, max_n, BUCKET, out, CAPACITY), n);
    for (int64_t i = 0; i < n; i++)
        if (out[i] != bucket_of(expected[i]))
            fail_msg("n-gram %d is not '%s'", (int)i, expected[i]);
}

#define NGRAMS(...)                                                                                \
    (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static void test_in_order_of_the_start(void **state) {
    (void)state;
    assert_ngrams("ab", 2, 3, NGRAMS("<a", "<ab", "ab", "ab>", "b>"));
    assert_ngrams("ab", 3, 6, NGRAMS("<ab", "<ab>", "ab>"));
    assert_ngrams("", 2, 6, NGRAMS("<>"));
}

static void test_no_single_character_at_the_edges(void **state) {
    (void)state;
    assert_ngrams("ab", 1, 1, NGRAMS("a", "b"));
    assert_ngrams("ab", 0, 2, NGRAMS("<a", "a", "ab", "b", "b>"));
}

static void test_characters_are_code_points(void **state) {
    (void)state;
    assert_ngrams("\xc3\xa4\xe5\xa5\xb3", 2, 2,
                  NGRAMS("<\xc3\xa4", "\xc3\xa4\xe5\xa5\xb3", "\xe5\xa5\xb3>"));
    /* A lone byte of continuation belongs to the character before, whatever that is. */
    assert_ngrams("\x80x", 2, 2, NGRAMS("<\x80x", "x>"));
}

/* FNV-1a of "a" is known: e40c292c. */
static void test_the_hash_is_fnv(void **state) {
    (void)state;
    int32_t out;
    assert_int_equal(ngram_buckets("a", 1, 1, 1, 1000003, &out, 1), 1);
    assert_int_equal(out, 0xe40c292cu % 1000003);
}

static void test_counts_beyond_the_capacity(void **state) {
    (void)state;
    int32_t out[3] = {-1, -1, -1};
    assert_int_equal(ngram_buckets("ab", 2, 2, 3, BUCKET, out, 2), 5);
    assert_int_equal(out[1], bucket_of("<ab"));
    assert_int_equal(out[2], -1);
    assert_int_equal(ngram_buckets("ab", 2, 0, 0, 0, NULL, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order_of_the_start),
        cmocka_unit_test(test_no_single_character_at_the_edges),
        cmocka_unit_test(test_characters_are_code_points),
        cmocka_unit_test(test_the_hash_is_fnv),
        cmocka_unit_test(test_counts_beyond_the_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
