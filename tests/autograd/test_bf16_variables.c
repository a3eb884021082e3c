/* Variables of type bf16 where most graphs have parameters, constants or reals. */
#include "autograd/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16_graph.h"
#include "one_window.h"

/* A leaf of activations. */
static ag_var *activation(graph *g, uint64_t seed, int n_dim, const int64_t *shape) {
    return activation_leaf(g, ag_tape_activations(g->t), seed, n_dim, shape);
}

static ag_var *linear_of_variables(graph *g, const void *options) {
    const ag_activation *act = options;
    ag_var *w = activation(g, 2, SHAPE(40, 70)), *b = activation(g, 3, SHAPE(70));
    return ag_linear(g->t, real_leaf(g, 1, SHAPE(9, 40)), w, b, *act);
}

static ag_var *layer_norm_of_variables(graph *g, const void *options) {
    (void)options;
    ag_var *w = activation(g, 2, SHAPE(96)), *b = activation(g, 3, SHAPE(96));
    return ag_layer_norm(g->t, activation(g, 1, SHAPE(10, 96)), w, b);
}

static ag_var *rms_norm_of_variables(graph *g, const void *options) {
    (void)options;
    ag_var *w = activation(g, 2, SHAPE(96));
    return ag_rms_norm(g->t, activation(g, 1, SHAPE(10, 96)), w);
}

static ag_var *embedding_of_variables(graph *g, const void *options) {
    (void)options;
    return ag_embedding(g->t, activation(g, 1, SHAPE(20, 40)), random_ids(g->t, 2, 30, 20), 5, 6);
}

static ag_var *bag_of_variables(graph *g, const void *options) {
    (void)options;
    static const int32_t begin[] = {0, 2, 3, 7};
    ag_var *w = activation(g, 1, SHAPE(20, 40));
    return ag_embedding_bag(g->t, w, begin, random_ids(g->t, 2, 7, 20), 3, false);
}

static ag_var *head_of_variables(graph *g, const void *options) {
    const bool *x_is_real = options;
    ag_var *x = *x_is_real ? real_leaf(g, 1, SHAPE(33, 40)) : activation(g, 1, SHAPE(33, 40));
    ag_var *w = activation(g, 2, SHAPE(70, 40));
    return ag_linear_cross_entropy(g->t, x, w, random_ids(g->t, 3, 33, 70));
}

static ag_var *words_of_variables(graph *g, const void *options) {
    (void)options;
    ag_var *hidden = activation(g, 1, SHAPE(ONE_POSITIONS, ONE_WIDTH));
    return ag_sgns(g->t, hidden, activation(g, 2, SHAPE(ONE_WORDS, ONE_WIDTH)), &one_window);
}

static ag_var *glove_of_variables(graph *g, const void *options) {
    (void)options;
    static const ag_cooccurrence records[] = {{0, 1, 2.0}, {4, 3, 7.0}, {2, 1, 1.0}};
    static const ag_cooccurrences batch = {records, 3, 5, 0.75};
    ag_var *w = activation(g, 1, SHAPE(5, 8)), *w_context = activation(g, 2, SHAPE(5, 8));
    ag_var *b = activation(g, 3, SHAPE(5, 1)), *b_context = activation(g, 4, SHAPE(5, 1));
    return ag_glove(g->t, w, w_context, b, b_context, &batch);
}

/* What most graphs have parameters for may be results of ops. */
static void test_variables_for_parameters(void **state) {
    (void)state;
    static const ag_activation acts[] = {AG_IDENTITY, AG_GELU, AG_GELU_TANH};
    static const bool choices[] = {false, true};
    for (size_t i = 0; i < COUNT(acts); i++)
        compare("linear", linear_of_variables, &acts[i], (bound){2, 3, false});
    compare("layer_norm", layer_norm_of_variables, NULL, (bound){1, 2, false});
    compare("rms_norm", rms_norm_of_variables, NULL, (bound){1, 2, false});
    compare("embedding", embedding_of_variables, NULL, (bound){1, 2, false});
    compare("embedding_bag", bag_of_variables, NULL, (bound){1, 2, false});
    compare("sgns", words_of_variables, NULL, (bound){1, 2, false});
    compare("glove", glove_of_variables, NULL, (bound){1, 2, false});
    for (size_t i = 0; i < COUNT(choices); i++)
        compare("head", head_of_variables, &choices[i], (bound){1, 3, false});
}

/* A factor of each row: its gradient sums as many numbers as a row has, all of one sign. */
static ag_var *gated_rows(graph *g, const void *options) {
    (void)options;
    ag_var *gate = activation(g, 1, SHAPE(3, 1));
    real *ones = ag_tape_alloc(g->t, 3 * 2000 * sizeof *ones);
    for (int i = 0; i < 3 * 2000; i++) ones[i] = 1;
    return ag_sum(g->t, ag_mul(g->t, gate, ag_input(g->t, tensor_2d(ones, 3, 2000))));
}

static void test_gradients_of_what_is_repeated(void **state) {
    (void)state;
    compare("gate", gated_rows, NULL, (bound){1, 2, false});
}

/* A tape in reals meets bf16 in its inputs. */
static ag_var *linear_of_an_input(graph *g, const void *options) {
    const tensor_type *type = options;
    ag_var *x = activation_leaf(g, *type, 1, SHAPE(33, 40)), *w = real_leaf(g, 2, SHAPE(40, 70));
    return ag_linear(g->t, x, w, NULL, AG_GELU);
}

static void test_bf16_on_a_tape_in_reals(void **state) {
    (void)state;
    static const tensor_type types[] = {TENSOR_REAL, TENSOR_BF16};
    graph a = graph_run(linear_of_an_input, &types[0], TENSOR_REAL, AG_RELEASE);
    graph b = graph_run(linear_of_an_input, &types[1], TENSOR_REAL, AG_RELEASE);
    compare_gradients(&b, &a, "linear", 1);
    graph_free(&a);
    graph_free(&b);
}

/* A layer of either kind under one of the other. */
static ag_var *layers_of_both_types(graph *g, const void *options) {
    const tensor_type *types = options;
    ag_var *x = real_leaf(g, 1, SHAPE(33, 40)), *w = real_leaf(g, 2, SHAPE(40, 70));
    ag_tape_set_activations(g->t, types[0]);
    x = ag_linear(g->t, x, w, NULL, AG_GELU);
    ag_tape_set_activations(g->t, types[1]);
    return ag_linear(g->t, x, real_leaf(g, 3, SHAPE(70, 30)), NULL, AG_IDENTITY);
}

static void test_a_tape_that_changes_its_type(void **state) {
    (void)state;
    static const tensor_type reals[] = {TENSOR_REAL, TENSOR_REAL};
    static const tensor_type mixed[][2] = {{TENSOR_REAL, TENSOR_BF16}, {TENSOR_BF16, TENSOR_REAL}};
    graph a = graph_run(layers_of_both_types, reals, TENSOR_REAL, AG_RELEASE);
    for (size_t i = 0; i < COUNT(mixed); i++) {
        graph b = graph_run(layers_of_both_types, mixed[i], TENSOR_REAL, AG_RELEASE);
        compare_gradients(&b, &a, "layers", 5);
        graph_free(&b);
    }
    graph_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables_for_parameters),
        cmocka_unit_test(test_gradients_of_what_is_repeated),
        cmocka_unit_test(test_bf16_on_a_tape_in_reals),
        cmocka_unit_test(test_a_tape_that_changes_its_type),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
