#include "autograd/gradcheck.h"

#include "autograd/op.h"
#include "autograd/ops.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#ifdef GRADUS_F64
static const double step = 1e-5, tolerance = 1e-6, smallest = 0.01;
#else
static const double step = 1e-2, tolerance = 5e-3, smallest = 1;
#endif

enum { MAX_LEAVES = 16 };

/* Constants and leaves are made anew at each build, in the same order, from numbers kept here. */
struct gradcheck {
    ag_tape *tape;
    ag_var *leaves[MAX_LEAVES];
    real *numbers[MAX_LEAVES];
    int n_leaves, n_constants;
};

ag_var *gradcheck_leaf(gradcheck *g, ag_tape *t, int n_dim, const int64_t *shape, double low,
                       double high) {
    CHECK(g->n_leaves < MAX_LEAVES, "gradcheck: more than %d leaves", MAX_LEAVES);
    int i = g->n_leaves++;
    tensor x = tensor_of(NULL, n_dim, shape);
    if (!g->numbers[i]) {
        g->numbers[i] = mem_new_aligned((size_t)tensor_numel(&x) * sizeof(real));
        rng_fill_uniform(rng_from_seed((uint64_t)i), g->numbers[i], tensor_numel(&x), low, high);
    }
    x.data = g->numbers[i];
    return g->leaves[i] = ag_leaf(t, x);
}

/* The fixed random weights of a result. */
static tensor weights_for(gradcheck *g, const tensor *y) {
    tensor w = tensor_of(NULL, y->n_dim, y->shape);
    w.data = ag_tape_alloc(g->tape, (size_t)tensor_numel(&w) * sizeof(real));
    rng_key key = rng_from_seed(1000 + (uint64_t)g->n_constants++);
    rng_fill_uniform(key, w.data, tensor_numel(&w), 0.5, 1.5);
    return w;
}

static ag_var *weighted_sum(gradcheck *g, ag_var *y) {
    ag_var *w = ag_input(g->tape, weights_for(g, &y->value));
    return ag_sum(g->tape, ag_mul(g->tape, y, w));
}

ag_var *gradcheck_join(gradcheck *g, ag_tape *t, ag_var *x, ag_var *y) {
    return ag_add(t, weighted_sum(g, x), weighted_sum(g, y));
}

static ag_var *build_again(gradcheck *g, gradcheck_build *build) {
    ag_tape_reset(g->tape);
    g->n_leaves = g->n_constants = 0;
    return build(g, g->tape);
}

/* The loss, summed in double so that a float check loses as little as it can. */
static double evaluate(gradcheck *g, gradcheck_build *build) {
    ag_var *y = build_again(g, build);
    tensor w = weights_for(g, &y->value);
    y = ag_contiguous(g->tape, y);
    double loss = 0;
    for (int64_t i = 0; i < tensor_numel(&w); i++) loss += (double)w.data[i] * y->value.data[i];
    return loss;
}

/* Copies the analytic gradients of all leaves, one behind the other; returns new. */
static real *analytic_gradients(gradcheck *g, gradcheck_build *build, int64_t *total) {
    ag_backward(g->tape, weighted_sum(g, build_again(g, build)), 1);
    *total = 0;
    for (int k = 0; k < g->n_leaves; k++) *total += tensor_numel(&g->leaves[k]->value);
    real *all = mem_new((size_t)*total, sizeof *all), *next = all;
    for (int k = 0; k < g->n_leaves; k++) {
        int64_t n = tensor_numel(&g->leaves[k]->value);
        for (int64_t i = 0; i < n && g->leaves[k]->grad.data; i++)
            next[i] = g->leaves[k]->grad.data[i];
        next += n;
    }
    return all;
}

static double numeric_gradient(gradcheck *g, gradcheck_build *build, real *x) {
    real old = *x, high = old + (real)step, low = old - (real)step;
    *x = high;
    double above = evaluate(g, build);
    *x = low;
    double below = evaluate(g, build);
    *x = old;
    return (above - below) / ((double)high - (double)low);
}

gradcheck_result gradcheck_function(const char *name, gradcheck_build *build) {
    gradcheck g = {.tape = ag_tape_new(AG_KEEP)};
    gradcheck_result result = {.name = name, .tolerance = tolerance};
    real *analytic = analytic_gradients(&g, build, &result.n_elements), *next = analytic;
    int n_leaves = g.n_leaves;
    int64_t sizes[MAX_LEAVES];
    for (int k = 0; k < n_leaves; k++) sizes[k] = tensor_numel(&g.leaves[k]->value);
    for (int k = 0; k < n_leaves; k++)
        for (int64_t i = 0; i < sizes[k]; i++) {
            double numeric = numeric_gradient(&g, build, &g.numbers[k][i]);
            double size = fabs(numeric) > smallest ? fabs(numeric) : smallest;
            double error = fabs((double)*next++ - numeric) / size;
            if (!(error <= result.worst)) result.worst = error;
        }
    result.passed = result.n_elements > 0 && result.worst <= tolerance;
    for (int k = 0; k < n_leaves; k++) free(g.numbers[k]);
    free(analytic);
    ag_tape_free(g.tape);
    return result;
}

static const struct {
    const ag_op *op;
    gradcheck_build *build;
} checks[] = {
#define AG_OP(name) {&ag_op_##name, gradcheck_##name},
#include "autograd/ops.def"
#undef AG_OP
};

int gradcheck_n_ops(void) {
    return (int)(sizeof checks / sizeof *checks);
}

gradcheck_result gradcheck_op(int index) {
    CHECK(index >= 0 && index < gradcheck_n_ops(), "gradcheck of op %d", index);
    gradcheck_result result = gradcheck_function(checks[index].op->name, checks[index].build);
    result.formula = checks[index].op->formula;
    return result;
}
