#include "tokenizer/model/trie.h"

#include "base/rng.h"
#include "tokenizer/vocab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The id of the piece, -1 where nothing is there. */
static int32_t find(const trie *t, const char *piece, size_t n) {
    int32_t node = 0;
    for (size_t i = 0; i < n && node >= 0; i++) node = trie_step(t, node, (unsigned char)piece[i]);
    return node < 0 ? -1 : trie_id(t, node);
}

static void test_finds_pieces_and_nothing_else(void **state) {
    (void)state;
    trie *t = trie_new();
    trie_add(t, "she", 3, 7);
    trie_add(t, "s", 1, 3);
    trie_add(t, "he", 2, 0);
    trie_add(t, "she", 3, 9);
    trie_add(t, "\0\xFF", 2, 4);
    trie_pack(t);
    assert_int_equal(find(t, "she", 3), 7);
    assert_int_equal(find(t, "sh", 2), -1);
    assert_int_equal(find(t, "s", 1), 3);
    assert_int_equal(find(t, "he", 2), 0);
    assert_int_equal(find(t, "her", 3), -1);
    assert_int_equal(find(t, "\0\xFF", 2), 4);
    assert_int_equal(find(t, "", 0), -1);
    trie_free(t);
}

static void test_an_empty_trie_finds_nothing(void **state) {
    (void)state;
    trie *t = trie_new();
    trie_pack(t);
    for (int byte = 0; byte < 256; byte++)
        assert_int_equal(trie_step(t, 0, (unsigned char)byte), -1);
    trie_free(t);
}

/* Bytes from few letters, so that many pieces begin alike, and now and then from all. */
static size_t random_piece(rng_stream *s, char piece[12]) {
    size_t n = 1 + rng_next_below(s, 12);
    uint32_t letters = rng_next_below(s, 4) ? 3 : 256;
    for (size_t i = 0; i < n; i++) piece[i] = (char)rng_next_below(s, letters);
    return n;
}

static void test_agrees_with_a_hash_table(void **state) {
    (void)state;
    enum { N = 20000 };
    rng_stream s = {.key = rng_from_seed(3)};
    vocab v = {0};
    trie *t = trie_new();
    char piece[12];
    for (int i = 0; i < N; i++) {
        size_t n = random_piece(&s, piece);
        trie_add(t, piece, n, vocab_add(&v, piece, n));
    }
    trie_pack(t);
    for (int32_t id = 0; id < v.size; id++) {
        size_t n;
        const char *known = vocab_piece(&v, id, &n);
        assert_int_equal(find(t, known, n), id);
    }
    for (int i = 0; i < N; i++) {
        size_t n = random_piece(&s, piece);
        assert_int_equal(find(t, piece, n), vocab_find(&v, piece, n));
    }
    trie_free(t);
    vocab_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_pieces_and_nothing_else),
        cmocka_unit_test(test_an_empty_trie_finds_nothing),
        cmocka_unit_test(test_agrees_with_a_hash_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
