/* The same graph on a tape in reals and on one with activations in bf16, compared. After cmocka.h.
 *
 * A stored number is off by at most 2^-8 of itself, and what a product sums is off by as much in
 * each term, with signs that vary. So where n numbers are rounded one after the other on the way to
 * a value or a gradient, it may be off by n 2^-8 of the largest: that is the bound here. */
#ifndef TESTS_AUTOGRAD_BF16_GRAPH_H
#define TESTS_AUTOGRAD_BF16_GRAPH_H

#include "autograd/op.h"
#include "bf16.h"
#include "graph.h"

enum { MOST_LEAVES = 8 };

/* A graph on its tape: leaves that want gradients, and its result. */
typedef struct graph {
    ag_tape *t;
    ag_var *leaves[MOST_LEAVES];
    int n_leaves;
    ag_var *y;
} graph;

/* Makes the result from leaves of g; `options` are the builder's own. */
typedef ag_var *build_graph(graph *g, const void *options);

/* A leaf of real numbers: parameters, the residual stream. */
static inline ag_var *real_leaf(graph *g, uint64_t seed, int n_dim, const int64_t *shape) {
    return g->leaves[g->n_leaves++] = random_leaf(g->t, seed, n_dim, shape);
}

/* A leaf as activations of the tape are stored, over numbers that bf16 holds. */
static inline ag_var *activation_leaf(graph *g, tensor_type type, uint64_t seed, int n_dim,
                                      const int64_t *shape) {
    tensor x = tape_numbers(g->t, seed, n_dim, shape);
    int64_t n = tensor_numel(&x);
    round_to_bf16(x.data, n);
    if (type == TENSOR_BF16) {
        bf16 *numbers = ag_tape_alloc(g->t, (size_t)n * sizeof *numbers);
        bf16_row_of(n, numbers, x.data);
        x = tensor_of_bf16(numbers, n_dim, shape);
    }
    return g->leaves[g->n_leaves++] = ag_leaf(g->t, x);
}

/* Fills memory that the tape hands out later with NaN: whoever reads it before it is written shows.
 */
static inline void spoil_memory(ag_tape *t) {
    enum { BYTES = 1 << 21 };
    memset(ag_tape_alloc(t, BYTES), 0xff, BYTES);
    memset(ag_scratch(t, BYTES), 0xff, BYTES);
    ag_tape_reset(t);
}

/* Forward and, where the tape keeps gradients, backward. Free with graph_free. */
static inline graph graph_run(build_graph *build, const void *options, tensor_type type,
                              ag_mode mode) {
    graph g = {.t = ag_tape_new(mode)};
    spoil_memory(g.t);
    ag_tape_set_activations(g.t, type);
    ag_tape_set_key(g.t, rng_from_seed(5));
    g.y = build(&g, options);
    if (mode == AG_NO_GRAD) return g;
    bool is_loss = tensor_numel(&g.y->value) == 1;
    ag_backward(g.t, is_loss ? g.y : weighted_sum(g.t, g.y), 1);
    return g;
}

static inline void graph_free(graph *g) {
    ag_tape_free(g->t);
}

/* a of either type is b within so many roundings. */
static inline void assert_roundings(const char *what, const tensor *a, const tensor *b,
                                    double roundings) {
    assert_true(tensor_same_shape(a, b));
    double most = 0, largest_b = 0;
    for (int64_t i = 0; i < tensor_numel(a); i++) {
        most = fmax(most, fabs(number(a, i) - number(b, i)));
        largest_b = fmax(largest_b, fabs(number(b, i)));
        if (isnan(number(a, i))) fail_msg("%s: element %lld is NaN", what, (long long)i);
    }
    assert_true(largest_b > 0);
    if (!(most <= roundings * BF16_EPSILON * largest_b))
        fail_msg("%s: off by %g of %g, more than %g roundings", what, most, largest_b, roundings);
}

static inline void assert_typed_same_bits(const tensor *a, const tensor *b) {
    assert_true(tensor_same_shape(a, b) && a->type == b->type);
    assert_memory_equal(a->data, b->data, tensor_bytes(a));
}

/* How far value and gradients may be off. `fuses`: AG_RELEASE saves a rounding that AG_KEEP, which
 * shows every gradient, cannot. */
typedef struct bound {
    double value, gradient;
    bool fuses;
} bound;

static inline void compare_gradients(const graph *g, const graph *other, const char *name,
                                     double roundings) {
    for (int i = 0; i < g->n_leaves; i++) {
        char what[96];
        snprintf(what, sizeof what, "%s, gradient of leaf %d", name, i);
        assert_roundings(what, &g->leaves[i]->grad, &other->leaves[i]->grad, roundings);
    }
}

/* bf16 against real in every mode, with one thread and several. */
static inline void compare(const char *name, build_graph *build, const void *options, bound b) {
    graph exact = graph_run(build, options, TENSOR_REAL, AG_KEEP);
    graph keep = graph_run(build, options, TENSOR_BF16, AG_KEEP);
    graph release = graph_run(build, options, TENSOR_BF16, AG_RELEASE);
    thread_set_count(3);
    graph threads = graph_run(build, options, TENSOR_BF16, AG_KEEP);
    thread_set_count(1);
    assert_roundings(name, &keep.y->value, &exact.y->value, b.value);
    compare_gradients(&keep, &exact, name, b.gradient);
    compare_gradients(&release, &exact, name, b.gradient);
    assert_typed_same_bits(&keep.y->value, &threads.y->value);
    for (int i = 0; i < keep.n_leaves; i++) {
        assert_typed_same_bits(&keep.leaves[i]->grad, &threads.leaves[i]->grad);
        if (!b.fuses) assert_typed_same_bits(&keep.leaves[i]->grad, &release.leaves[i]->grad);
    }
    graph_free(&exact);
    graph_free(&keep);
    graph_free(&release);
    graph_free(&threads);
}

/* Without gradients the value has the same bits. Not for graphs with dropout. */
static inline void compare_without_gradients(build_graph *build, const void *options) {
    graph keep = graph_run(build, options, TENSOR_BF16, AG_KEEP);
    graph none = graph_run(build, options, TENSOR_BF16, AG_NO_GRAD);
    assert_typed_same_bits(&keep.y->value, &none.y->value);
    graph_free(&keep);
    graph_free(&none);
}

#endif
