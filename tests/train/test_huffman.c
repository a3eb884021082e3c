#include "train/huffman.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { MANY = 1200 };

static huffman made(const int64_t *counts, int64_t n) {
    err e = {0};
    huffman h;
    if (!huffman_make(&h, counts, n, &e)) fail_msg("%s", e.message);
    assert_int_equal(h.n, n);
    assert_int_equal(h.begin[0], 0);
    return h;
}

static int64_t depth_of(const huffman *h, int64_t word) {
    return h->begin[word + 1] - h->begin[word];
}

static int64_t deepest(const huffman *h) {
    int64_t most = 0;
    for (int64_t w = 0; w < h->n; w++)
        if (depth_of(h, w) > most) most = depth_of(h, w);
    return most;
}

static int64_t cost_of(const huffman *h, const int64_t *counts) {
    int64_t sum = 0;
    for (int64_t w = 0; w < h->n; w++) sum += counts[w] * depth_of(h, w);
    return sum;
}

/* Where the edge to either side of an inner node leads: another one, or -1 - word. Each edge leads
 * to one place on all paths, and all 2 (n - 1) are used, so the paths are those of a binary tree
 * whose leaves are the words: no path begins with another one. */
static void assert_is_tree(const huffman *h) {
    int64_t n_edges = 0;
    int32_t(*edges)[2] = calloc((size_t)h->n, sizeof *edges);
    bool(*used)[2] = calloc((size_t)h->n, sizeof *used);
    for (int64_t w = 0; w < h->n; w++) {
        assert_int_equal(h->node[h->begin[w]], h->n - 2);
        for (int32_t i = h->begin[w]; i < h->begin[w + 1]; i++) {
            int32_t node = h->node[i], side = h->right[i];
            int32_t next = i + 1 < h->begin[w + 1] ? h->node[i + 1] : -1 - (int32_t)w;
            assert_in_range(node, 0, h->n - 2);
            assert_in_range(side, 0, 1);
            if (used[node][side]) assert_int_equal(edges[node][side], next);
            n_edges += !used[node][side];
            used[node][side] = true;
            edges[node][side] = next;
        }
    }
    assert_int_equal(n_edges, 2 * (h->n - 1));
    free(edges);
    free(used);
}

/* The least sum of count times depth over all binary trees: every way to join two is tried. */
static int64_t least_cost(const int64_t *weights, int n) {
    int64_t best = INT64_MAX;
    if (n == 1) return 0;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            int64_t rest[8], joined = weights[i] + weights[j];
            int m = 0;
            for (int k = 0; k < n; k++)
                if (k != i && k != j) rest[m++] = weights[k];
            rest[m++] = joined;
            int64_t cost = joined + least_cost(rest, m);
            if (cost < best) best = cost;
        }
    return best;
}

static void assert_path(const huffman *h, int64_t word, int n, const int32_t *nodes,
                        const uint8_t *right) {
    assert_int_equal(depth_of(h, word), n);
    assert_memory_equal(h->node + h->begin[word], nodes, (size_t)n * sizeof *nodes);
    assert_memory_equal(h->right + h->begin[word], right, (size_t)n);
}

/* 1 + 2 = 3 is node 0, 3 + 4 = 7 node 1, 7 + 8 the root, node 2. The lighter of two is on the side
 * that the logistic function stands for, as in word2vec.c, where its code is 0. */
static void test_a_tree_by_hand(void **state) {
    (void)state;
    huffman h = made((int64_t[]){8, 4, 2, 1}, 4);
    assert_path(&h, 0, 1, (int32_t[]){2}, (uint8_t[]){0});
    assert_path(&h, 1, 2, (int32_t[]){2, 1}, (uint8_t[]){1, 0});
    assert_path(&h, 2, 3, (int32_t[]){2, 1, 0}, (uint8_t[]){1, 1, 0});
    assert_path(&h, 3, 3, (int32_t[]){2, 1, 0}, (uint8_t[]){1, 1, 1});
    huffman_free(&h);
}

static void test_two_words(void **state) {
    (void)state;
    huffman h = made((int64_t[]){1, 1}, 2);
    assert_path(&h, 0, 1, (int32_t[]){0}, (uint8_t[]){0});
    assert_path(&h, 1, 1, (int32_t[]){0}, (uint8_t[]){1});
    ag_paths paths = huffman_paths(&h);
    assert_ptr_equal(paths.begin, h.begin);
    assert_ptr_equal(paths.node, h.node);
    assert_ptr_equal(paths.right, h.right);
    huffman_free(&h);
}

static void test_no_tree_is_better(void **state) {
    (void)state;
    rng_stream s = {.key = rng_from_seed(1)};
    for (int trial = 0; trial < 40; trial++) {
        int64_t counts[7];
        int n = 2 + trial % 6;
        for (int i = 0; i < n; i++)
            counts[i] = rng_next_below(&s, trial < 20 ? 4 : 100); /* with ties and zeros */
        huffman h = made(counts, n);
        assert_is_tree(&h);
        assert_int_equal(cost_of(&h, counts), least_cost(counts, n));
        huffman_free(&h);
    }
}

static void test_equal_counts(void **state) {
    (void)state;
    int64_t counts[1024];
    for (int i = 0; i < 1024; i++) counts[i] = 3;
    huffman h = made(counts, 1024);
    assert_is_tree(&h);
    for (int w = 0; w < 1024; w++) assert_int_equal(depth_of(&h, w), 10);
    huffman_free(&h);
    h = made(counts, 7);
    assert_int_equal(cost_of(&h, counts), 3 * 20); /* six words at depth 3, one at 2 */
    huffman_free(&h);
}

static void test_many_words(void **state) {
    (void)state;
    static int64_t counts[MANY];
    for (int i = 0; i < MANY; i++) counts[i] = 1000000 / (i + 1); /* Zipf's law */
    huffman h = made(counts, MANY);
    assert_is_tree(&h);
    for (int w = 1; w < MANY; w++) assert_true(depth_of(&h, w) >= depth_of(&h, w - 1));
    huffman_free(&h);
}

/* </s> of a text without line breaks, and words that come with vectors from elsewhere. */
static void test_words_that_never_occur(void **state) {
    (void)state;
    static int64_t counts[MANY];
    huffman h = made((int64_t[]){0, 5, 3, 2}, 4);
    assert_is_tree(&h);
    assert_int_equal(depth_of(&h, 0), 3);
    huffman_free(&h);
    h = made(counts, MANY);
    assert_is_tree(&h);
    assert_int_equal(deepest(&h), 11);
    huffman_free(&h);
}

/* Fibonacci's numbers make the deepest tree, as many as an int64_t can add up; and words that never
 * occur hang below the deepest of them. */
static void test_the_deepest_tree(void **state) {
    (void)state;
    static int64_t counts[MANY];
    enum { N = 90 };
    counts[N - 1] = counts[N - 2] = 1;
    for (int i = N - 3; i >= 0; i--) counts[i] = counts[i + 1] + counts[i + 2];
    huffman h = made(counts, N);
    assert_is_tree(&h);
    assert_int_equal(deepest(&h), N - 1);
    huffman_free(&h);
    h = made(counts, MANY);
    assert_is_tree(&h);
    assert_in_range(deepest(&h), N, N + 11);
    assert_true(deepest(&h) <= AG_MAX_OUTPUTS);
    huffman_free(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tree_by_hand),    cmocka_unit_test(test_two_words),
        cmocka_unit_test(test_no_tree_is_better), cmocka_unit_test(test_equal_counts),
        cmocka_unit_test(test_many_words),        cmocka_unit_test(test_words_that_never_occur),
        cmocka_unit_test(test_the_deepest_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
