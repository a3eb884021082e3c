#include "train/huffman.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdlib.h>

typedef struct leaf {
    int64_t count;
    int32_t word;
} leaf;

static int rarest_first(const void *a, const void *b) {
    const leaf *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? -1 : 1;
    return (x->word < y->word) - (x->word > y->word);
}

/* The tree under construction: nodes 0 .. n - 1 are leaves in rarest_first's order, from n on inner
 * nodes in the order of their making. */
typedef struct tree {
    int64_t n;
    leaf *leaves;
    int64_t *weight; /* of inner nodes */
    int64_t *parent; /* of every node */
    bool *second;    /* whether a node is the second of its parent's two */
} tree;

/* Takes the lightest node that has no parent yet: leaves and inner nodes are two sorted queues. A
 * leaf comes before an inner node of its weight: of all best trees this is the least deep, and
 * words that never occur make no long chain. */
static int64_t take_lightest(const tree *t, int64_t made, int64_t *leaf_next, int64_t *inner_next) {
    bool leaf_left = *leaf_next < t->n, inner_left = *inner_next < made;
    if (leaf_left && (!inner_left || t->leaves[*leaf_next].count <= t->weight[*inner_next]))
        return (*leaf_next)++;
    return t->n + (*inner_next)++;
}

static int64_t weight_of(const tree *t, int64_t node) {
    return node < t->n ? t->leaves[node].count : t->weight[node - t->n];
}

static tree grow(const int64_t *counts, int64_t n) {
    tree t = {n, mem_new((size_t)n, sizeof(leaf)), mem_new((size_t)n, sizeof(int64_t)),
              mem_new((size_t)(2 * n), sizeof(int64_t)), mem_new((size_t)(2 * n), sizeof(bool))};
    for (int64_t i = 0; i < n; i++) t.leaves[i] = (leaf){counts[i], (int32_t)i};
    qsort(t.leaves, (size_t)n, sizeof *t.leaves, rarest_first);
    int64_t leaf_next = 0, inner_next = 0;
    for (int64_t made = 0; made < n - 1; made++) {
        int64_t first = take_lightest(&t, made, &leaf_next, &inner_next);
        int64_t second = take_lightest(&t, made, &leaf_next, &inner_next);
        t.weight[made] = weight_of(&t, first) + weight_of(&t, second);
        t.parent[first] = t.parent[second] = n + made;
        t.second[second] = true;
    }
    return t;
}

static void fell(tree *t) {
    free(t->leaves);
    free(t->weight);
    free(t->parent);
    free(t->second);
}

static int64_t depth_of(const tree *t, int64_t node) {
    int64_t depth = 0;
    for (int64_t root = 2 * t->n - 2; node != root; node = t->parent[node]) depth++;
    return depth;
}

/* Path of the leaf, from the root, to the places that end at `end`. */
static void write_path(const tree *t, int64_t node, int32_t end, huffman *h) {
    for (int64_t root = 2 * t->n - 2; node != root; node = t->parent[node]) {
        h->node[--end] = (int32_t)(t->parent[node] - t->n);
        h->right[end] = !t->second[node];
    }
}

/* A tree of d levels weighs at least the d-th of Fibonacci's numbers, so counts whose sum is an
 * int64_t make no more than 92, and words that never occur, paired first, 31 below these. */
static bool set_depths(const tree *t, huffman *h, err *e) {
    int64_t total = 0;
    for (int64_t i = 0; i < t->n; i++) {
        int64_t depth = depth_of(t, i);
        CHECK(depth <= AG_MAX_OUTPUTS, "a tree of %lld levels", (long long)depth);
        total += depth;
        if (total > INT32_MAX)
            return err_set(e, ERR_INPUT, "%lld words: too many for hierarchical softmax",
                           (long long)t->n);
        h->begin[t->leaves[i].word + 1] = (int32_t)depth;
    }
    for (int64_t w = 0; w < t->n; w++) h->begin[w + 1] += h->begin[w];
    return true;
}

bool huffman_make(huffman *h, const int64_t *counts, int64_t n, err *e) {
    CHECK(n >= 2, "a tree of %lld words", (long long)n);
    *h = (huffman){.n = n, .begin = mem_new((size_t)n + 1, sizeof *h->begin)};
    tree t = grow(counts, n);
    bool ok = set_depths(&t, h, e);
    if (ok) {
        h->node = mem_new((size_t)h->begin[n], sizeof *h->node);
        h->right = mem_new((size_t)h->begin[n], sizeof *h->right);
        for (int64_t i = 0; i < n; i++) write_path(&t, i, h->begin[t.leaves[i].word + 1], h);
    }
    fell(&t);
    return ok;
}

void huffman_free(huffman *h) {
    free(h->begin);
    free(h->node);
    free(h->right);
    *h = (huffman){0};
}

ag_paths huffman_paths(const huffman *h) {
    return (ag_paths){h->begin, h->node, h->right};
}
