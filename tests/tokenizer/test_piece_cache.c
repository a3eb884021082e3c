#include "tokenizer/model/piece_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

static piece_key key_of(const char *piece) {
    return piece_key_of(piece, strlen(piece), false);
}

/* The ids known for the piece; -1 when there are none. */
static int known(const piece_cache *cache, const char *piece, tok_ids *out) {
    out->len = 0;
    return piece_cache_get(cache, key_of(piece), out) ? (int)out->len : -1;
}

static void test_keys_tell_pieces_apart(void **state) {
    (void)state;
    char padded[32] = "abcdefghijklmnopqrstuvwxyz";
    for (size_t n = 1; n <= PIECE_KEY_BYTES; n++) {
        piece_key a = piece_key_of(padded, n, true), b = piece_key_of(padded, n, false);
        assert_memory_equal(&a, &b, sizeof a);
        piece_key with_zero = piece_key_of("abcdefghijklmnopq", n, false);
        assert_memory_equal(&a, &with_zero, sizeof a);
    }
    piece_key one = piece_key_of("a\0\0", 1, false), two = piece_key_of("a\0\0", 2, false);
    assert_memory_not_equal(&one, &two, sizeof one);
}

static void test_ids_come_back(void **state) {
    (void)state;
    piece_cache *cache = piece_cache_new();
    tok_ids ids = {0};
    assert_int_equal(known(cache, "abc", &ids), -1);
    piece_cache_put(cache, key_of("abc"), (int32_t[]){7, 8}, 2);
    piece_cache_put(cache, key_of("none"), NULL, 0);
    piece_cache_put(cache, key_of("many"), (int32_t[PIECE_CACHE_IDS + 1]){1}, PIECE_CACHE_IDS + 1);
    assert_int_equal(known(cache, "abc", &ids), 2);
    assert_int_equal(ids.data[0], 7);
    assert_int_equal(ids.data[1], 8);
    assert_int_equal(known(cache, "ab", &ids), -1);
    assert_int_equal(known(cache, "none", &ids), 0);
    assert_int_equal(known(cache, "many", &ids), -1);
    tok_ids_free(&ids);
    piece_cache_free(cache);
}

static void test_never_wrong_and_mostly_there_while_it_grows(void **state) {
    (void)state;
    enum { N = 20000 };
    piece_cache *cache = piece_cache_new();
    tok_ids ids = {0};
    char piece[16];
    int n_known = 0;
    for (int32_t i = 0; i < N; i++) {
        snprintf(piece, sizeof piece, "w%d", (int)i);
        piece_cache_put(cache, key_of(piece), &i, 1);
    }
    for (int32_t i = 0; i < N; i++) {
        snprintf(piece, sizeof piece, "w%d", (int)i);
        if (known(cache, piece, &ids) < 0) continue;
        n_known++;
        assert_int_equal(ids.len, 1);
        assert_int_equal(ids.data[0], i);
    }
    assert_in_range(n_known, N / 2, N);
    tok_ids_free(&ids);
    piece_cache_free(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_tell_pieces_apart),
        cmocka_unit_test(test_ids_come_back),
        cmocka_unit_test(test_never_wrong_and_mostly_there_while_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
