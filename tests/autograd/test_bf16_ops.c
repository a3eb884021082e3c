/* Every op that reads or stores bf16 against itself in reals. */
#include "autograd/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16_graph.h"

static tensor_type type_of(const graph *g) {
    return ag_tape_activations(g->t);
}

/* A leaf of activations. */
static ag_var *activation(graph *g, uint64_t seed, int n_dim, const int64_t *shape) {
    return activation_leaf(g, type_of(g), seed, n_dim, shape);
}

typedef struct linear_options {
    ag_activation act;
    bool bias, from_reals;
} linear_options;

static ag_var *build_linear(graph *g, const void *options) {
    const linear_options *o = options;
    enum { I = 40, O = 70 };
    ag_var *x =
        o->from_reals ? real_leaf(g, 1, SHAPE(2, 33, I)) : activation(g, 1, SHAPE(2, 33, I));
    ag_var *w = real_leaf(g, 2, SHAPE(I, O)), *b = o->bias ? real_leaf(g, 3, SHAPE(O)) : NULL;
    return ag_linear(g->t, x, w, b, o->act);
}

static void test_linear(void **state) {
    (void)state;
    for (int i = 0; i < 12; i++) {
        const linear_options o = {(ag_activation)(i % 3), i / 3 % 2, i / 6};
        compare("linear", build_linear, &o, (bound){2, 3, false});
        compare_without_gradients(build_linear, &o);
    }
}

/* A hidden layer as of a GPT's MLP, and one whose activation two layers read. */
static ag_var *build_mlp(graph *g, const void *options) {
    const linear_options *o = options;
    enum { C = 40, HIDDEN = 100 };
    ag_var *x = activation(g, 1, SHAPE(66, C));
    ag_var *h = ag_linear(g->t, x, real_leaf(g, 2, SHAPE(C, HIDDEN)),
                          real_leaf(g, 3, SHAPE(HIDDEN)), o->act);
    ag_var *y = ag_linear(g->t, h, real_leaf(g, 4, SHAPE(HIDDEN, C)), NULL, AG_IDENTITY);
    if (o->bias) return y;
    return ag_add(g->t, y, ag_linear(g->t, h, real_leaf(g, 5, SHAPE(HIDDEN, C)), NULL, AG_GELU));
}

static void test_layers_behind_each_other(void **state) {
    (void)state;
    for (int i = 0; i < 6; i++) {
        const linear_options o = {(ag_activation)(i % 3), i / 3, false};
        bool fuses = o.act != AG_IDENTITY && o.bias;
        compare("mlp", build_mlp, &o, (bound){3, 5, fuses});
        compare_without_gradients(build_mlp, &o);
    }
}

typedef struct norm_options {
    bool rms, bias, from_bf16;
} norm_options;

static ag_var *build_norm(graph *g, const void *options) {
    const norm_options *o = options;
    enum { C = 96 };
    ag_var *x = o->from_bf16 ? activation(g, 1, SHAPE(5, 10, C)) : real_leaf(g, 1, SHAPE(5, 10, C));
    ag_var *w = real_leaf(g, 2, SHAPE(C));
    if (o->rms) return ag_rms_norm(g->t, x, w);
    return ag_layer_norm(g->t, x, w, o->bias ? real_leaf(g, 3, SHAPE(C)) : NULL);
}

static void test_norms(void **state) {
    (void)state;
    for (int i = 0; i < 6; i++) {
        const norm_options o = {i % 3 == 2, i % 3 == 1, i / 3};
        compare("norm", build_norm, &o, (bound){1, 2, false});
        compare_without_gradients(build_norm, &o);
    }
}

typedef struct attention_options {
    int64_t T, S, HS;
    real p;
    bool apart; /* q, k and v are leaves, not slices of one as in a model */
} attention_options;

static ag_var *build_attention(graph *g, const void *options) {
    const attention_options *o = options;
    enum { B = 2, HEADS = 2 };
    int64_t C = HEADS * o->HS;
    ag_var *part[3];
    if (o->apart) {
        for (int i = 0; i < 3; i++) part[i] = activation(g, (uint64_t)i + 1, SHAPE(B, o->S, C));
    } else {
        ag_var *qkv = activation(g, 1, SHAPE(B, o->S, 3 * C));
        for (int i = 0; i < 3; i++) part[i] = ag_slice(g->t, qkv, 2, i * C, C);
    }
    if (o->T < o->S) part[0] = ag_slice(g->t, part[0], 1, o->S - o->T, o->T);
    return ag_attention(g->t, part[0], part[1], part[2], HEADS, o->p);
}

/* On both sides of the tile of 32 queries and of the group of two; heads of less than a tile, of
 * one and a rest. */
static void test_attention(void **state) {
    (void)state;
    static const int64_t lengths[] = {2, 5, 32, 33, 64, 70, 130}, widths[] = {16, 40, 64, 80};
    for (size_t i = 0; i < COUNT(lengths); i++)
        for (size_t k = 0; k < COUNT(widths); k++) {
            const attention_options o = {lengths[i], lengths[i], widths[k], 0, (i + k) % 2};
            compare("attention", build_attention, &o, (bound){2, 4, false});
            compare_without_gradients(build_attention, &o);
        }
}

static void test_attention_to_earlier_tokens(void **state) {
    (void)state;
    static const attention_options cases[] = {{1, 40, 16, 0, true}, {33, 70, 24, 0, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        compare("attention", build_attention, &cases[i], (bound){2, 4, false});
        compare_without_gradients(build_attention, &cases[i]);
    }
}

/* The same probabilities are dropped in either type. */
static void test_attention_with_dropout(void **state) {
    (void)state;
    static const int64_t lengths[] = {6, 33, 100};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        const attention_options o = {lengths[i], lengths[i], 40, (real)0.3, i % 2};
        compare("attention with dropout", build_attention, &o, (bound){2, 4, false});
    }
}

static ag_var *tripled(ag_tape *t, ag_var *x) {
    return ag_scale(t, x, 3);
}
static ag_var *turned(ag_tape *t, ag_var *x) {
    return ag_rope(t, x, 7, 5);
}
static ag_var *turned_part(ag_tape *t, ag_var *x) {
    return ag_rope(t, ag_slice(t, x, 2, 4, 60), 5, 0);
}

/* An op of one variable (3, 7, 70). */
typedef struct unary_options {
    const char *name;
    ag_var *(*apply)(ag_tape *t, ag_var *x);
} unary_options;

static ag_var *build_unary(graph *g, const void *options) {
    const unary_options *o = options;
    return o->apply(g->t, activation(g, 1, SHAPE(3, 7, 70)));
}

static void test_ops_of_one_variable(void **state) {
    (void)state;
    static const unary_options ops[] = {
        {"relu", ag_relu},  {"gelu", ag_gelu},       {"gelu_tanh", ag_gelu_tanh},
        {"silu", ag_silu},  {"sigmoid", ag_sigmoid}, {"log_sigmoid", ag_log_sigmoid},
        {"tanh", ag_tanh},  {"softmax", ag_softmax}, {"mean", ag_mean},
        {"scale", tripled}, {"rope", turned},        {"rope of a part", turned_part}};
    for (size_t i = 0; i < COUNT(ops); i++) {
        compare(ops[i].name, build_unary, &ops[i], (bound){1, 3, false});
        compare_without_gradients(build_unary, &ops[i]);
    }
}

static ag_var *build_dropout(graph *g, const void *options) {
    (void)options;
    ag_var *x = activation(g, 1, SHAPE(3, 1500));
    return ag_dropout(g->t, ag_dropout(g->t, x, (real)0.2), (real)0.5);
}

static void test_dropout(void **state) {
    (void)state;
    compare("dropout", build_dropout, NULL, (bound){2, 3, false});
}

/* Two variables, of which either or both are bf16; broadcast ones, too. */
typedef struct pair_options {
    bool product, a_is_real, b_is_real, broadcast;
} pair_options;

static ag_var *build_pair(graph *g, const void *options) {
    const pair_options *o = options;
    ag_var *a = o->a_is_real ? real_leaf(g, 1, SHAPE(5, 9, 30)) : activation(g, 1, SHAPE(5, 9, 30));
    ag_var *b = NULL;
    if (o->broadcast)
        b = o->b_is_real ? real_leaf(g, 2, SHAPE(30)) : activation(g, 2, SHAPE(30));
    else
        b = o->b_is_real ? real_leaf(g, 2, SHAPE(5, 9, 30)) : activation(g, 2, SHAPE(5, 9, 30));
    return o->product ? ag_mul(g->t, a, b) : ag_add(g->t, a, b);
}

static void test_ops_of_two_variables(void **state) {
    (void)state;
    for (int i = 0; i < 16; i++) {
        const pair_options o = {i % 2, i / 2 % 2, i / 4 % 2, i / 8};
        compare(o.product ? "mul" : "add", build_pair, &o, (bound){1, 2, false});
        compare_without_gradients(build_pair, &o);
    }
}

/* A gated MLP's middle: both factors come out of linear layers. */
static ag_var *build_gate(graph *g, const void *options) {
    (void)options;
    ag_var *x = activation(g, 1, SHAPE(40, 24)), *w = real_leaf(g, 2, SHAPE(24, 64));
    ag_var *gate = ag_silu(g->t, ag_linear(g->t, x, w, NULL, AG_IDENTITY));
    ag_var *up = ag_linear(g->t, x, real_leaf(g, 3, SHAPE(24, 64)), NULL, AG_IDENTITY);
    ag_var *down = real_leaf(g, 4, SHAPE(64, 24));
    return ag_linear(g->t, ag_mul(g->t, gate, up), down, NULL, AG_IDENTITY);
}

static void test_gate(void **state) {
    (void)state;
    compare("gate", build_gate, NULL, (bound){3, 4, false});
    compare_without_gradients(build_gate, NULL);
}

/* Views of views, parts of the gradient from each, and what joins them again. */
static ag_var *build_views(graph *g, const void *options) {
    (void)options;
    ag_tape *t = g->t;
    ag_var *x = activation(g, 1, SHAPE(4, 6, 30)), *w = real_leaf(g, 2, SHAPE(30, 30));
    ag_var *y = ag_linear(t, x, w, NULL, AG_IDENTITY);
    ag_var *left = ag_slice(t, y, 2, 0, 10), *middle = ag_slice(t, y, 2, 10, 10);
    ag_var *turned = ag_permute(t, ag_slice(t, y, 1, 2, 3), (int[]){1, 0, 2});
    ag_var *flat = ag_reshape(t, turned, SHAPE(12, 30));
    ag_var *sum = ag_add(t, ag_relu(t, left), ag_mul(t, middle, ag_slice(t, y, 2, 20, 10)));
    ag_var *joined = ag_concat(
        t, (ag_var *[]){ag_reshape(t, sum, SHAPE(24, 10)), ag_reshape(t, left, SHAPE(24, 10))}, 2,
        1);
    ag_var *product = ag_matmul(t, flat, w);
    return ag_add(t, ag_sum(t, ag_mul(t, product, product)), ag_sum(t, ag_mul(t, joined, joined)));
}

static void test_views(void **state) {
    (void)state;
    compare("views", build_views, NULL, (bound){2, 4, false});
    compare_without_gradients(build_views, NULL);
}

typedef struct head_options {
    int64_t rows, V, C;
    bool from_reals, composed;
} head_options;

/* Every fifth target is ignored. */
static ag_var *build_head(graph *g, const void *options) {
    const head_options *o = options;
    int64_t shape[] = {2, o->rows / 2, o->C};
    ag_var *x = o->from_reals ? real_leaf(g, 1, 3, shape) : activation(g, 1, 3, shape);
    ag_var *w =
        o->composed ? real_leaf(g, 2, SHAPE(o->C, o->V)) : real_leaf(g, 2, SHAPE(o->V, o->C));
    int32_t *targets = random_ids(g->t, 3, o->rows, (uint32_t)o->V);
    for (int64_t r = 1; r < o->rows; r += 5) targets[r] = AG_IGNORE;
    if (!o->composed) return ag_linear_cross_entropy(g->t, x, w, targets);
    return ag_cross_entropy(g->t, ag_linear(g->t, x, w, NULL, AG_IDENTITY), targets);
}

/* In one block of the vocabulary, and in two of which the last is short. */
static void test_loss_of_the_head(void **state) {
    (void)state;
    static const head_options cases[] = {
        {66, 65, 48, false, false},   {66, 65, 48, true, false},      {66, 1000, 40, false, false},
        {40, 5000, 16, false, false}, {1200, 1000, 16, false, false}, {66, 65, 48, false, true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        compare("head", build_head, &cases[i], (bound){1, 3, false});
        compare_without_gradients(build_head, &cases[i]);
    }
}

/* A loss of each row, as evaluations read them. */
static void test_losses_of_rows(void **state) {
    (void)state;
    static const head_options o = {66, 65, 48, false, false};
    graph a = graph_run(build_head, &o, TENSOR_BF16, AG_NO_GRAD);
    graph b = graph_run(build_head, &o, TENSOR_REAL, AG_NO_GRAD);
    tensor losses = tensor_1d((real *)ag_row_losses(a.y), o.rows);
    tensor exact = tensor_1d((real *)ag_row_losses(b.y), o.rows);
    assert_roundings("losses of rows", &losses, &exact, 1);
    graph_free(&a);
    graph_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_layers_behind_each_other),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_attention_to_earlier_tokens),
        cmocka_unit_test(test_attention_with_dropout),
        cmocka_unit_test(test_ops_of_one_variable),
        cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_ops_of_two_variables),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_loss_of_the_head),
        cmocka_unit_test(test_losses_of_rows),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
