/* What tests of graphs share: leaves over random numbers, a loss that weighs every element, and
 * comparison of values and gradients. After cmocka.h. */
#ifndef TESTS_GRAPH_H
#define TESTS_GRAPH_H

#include "autograd/ops.h"
#include "numbers.h"

/* Random numbers in U[-1, 1) that live in tape. */
static inline tensor tape_numbers(ag_tape *t, uint64_t seed, int n_dim, const int64_t *shape) {
    tensor x = tensor_of(NULL, n_dim, shape);
    x.data = ag_tape_alloc(t, (size_t)tensor_numel(&x) * sizeof *x.data);
    rng_fill_uniform(rng_from_seed(seed), x.data, tensor_numel(&x), -1, 1);
    return x;
}

/* A leaf over them. */
static inline ag_var *random_leaf(ag_tape *t, uint64_t seed, int n_dim, const int64_t *shape) {
    return ag_leaf(t, tape_numbers(t, seed, n_dim, shape));
}

/* One number that depends on each element of y in its own measure. */
static inline ag_var *weighted_sum(ag_tape *t, ag_var *y) {
    tensor w = tape_numbers(t, 99, y->value.n_dim, y->value.shape);
    return ag_sum(t, ag_mul(t, y, ag_input(t, w)));
}

/* A parameter over new memory; its gradient holds what must never be read. Free with
 * parameter_free. */
static inline void parameter_init(ag_var *v, const char *name, uint64_t seed, int n_dim,
                                  const int64_t *shape) {
    tensor value = random_tensor(seed, n_dim, shape), grad = random_tensor(seed, n_dim, shape);
    tensor_fill(&grad, NAN);
    ag_param_init(v, value, grad, name);
}

static inline void parameter_free(ag_var *v) {
    free(v->value.data);
    free(v->grad.data);
    ag_param_free(v);
}

/* Random ids in [0, V) that live in tape. */
static inline int32_t *random_ids(ag_tape *t, uint64_t seed, int64_t n, uint32_t V) {
    int32_t *ids = ag_tape_alloc(t, (size_t)n * sizeof *ids);
    rng_stream s = {rng_from_seed(seed), 0};
    for (int64_t i = 0; i < n; i++) ids[i] = (int32_t)rng_next_below(&s, V);
    return ids;
}

/* Equal within `ulps` times the largest number of either build. */
static inline void assert_equal_within(const tensor *a, const tensor *b, double ulps) {
    assert_close(a, b, ulps * EPSILON * (largest(b) + DBL_MIN));
}

static inline void assert_same_bits(const tensor *a, const tensor *b) {
    assert_true(tensor_same_shape(a, b));
    assert_memory_equal(a->data, b->data, (size_t)tensor_numel(a) * sizeof *a->data);
}

#endif
