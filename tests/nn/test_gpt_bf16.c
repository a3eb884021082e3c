/* A whole GPT with activations in bf16 beside the same one in reals. */
#include "nn/gpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16.h"
#include "graph.h"

enum { B = 2, V = 65, C = 48, L = 2, NH = 3 };

static const nn_gpt_config gpt2 = {.vocab_size = V,
                                   .block_size = 40,
                                   .n_layer = L,
                                   .n_head = NH,
                                   .n_embd = C,
                                   .bias = true,
                                   .tie_weights = true,
                                   .init_std = 0.1};

static nn_gpt *model(const nn_gpt_config *c) {
    nn_gpt *m = nn_gpt_new(c, true);
    nn_params_init(&m->params, rng_from_seed(1));
    return m;
}

/* One step without an optimizer: the loss; gradients are in m unless the tape keeps none. */
static double step(nn_gpt *m, ag_tape *t, tensor_type type) {
    ag_tape_reset(t);
    ag_tape_set_activations(t, type);
    ag_tape_set_key(t, rng_from_seed(9));
    int64_t T = m->config.block_size;
    int32_t *ids = random_ids(t, 3, B * T, V), *targets = random_ids(t, 4, B * T, V);
    targets[7] = AG_IGNORE;
    ag_var *y = nn_gpt_loss(m, t, ids, targets, B, T);
    if (ag_tape_mode(t) != AG_NO_GRAD) {
        nn_params_clear_grads(&m->params);
        ag_backward(t, y, 1);
        for (int i = 0; i < m->params.n; i++) ag_grad_densify(&m->params.list[i]->var);
    }
    return (double)y->value.data[0];
}

static double run(nn_gpt *m, tensor_type type, ag_mode mode) {
    ag_tape *t = ag_tape_new(mode);
    double loss = step(m, t, type);
    ag_tape_free(t);
    return loss;
}

/* Each of the dozens of roundings on the way is off by 2^-8 at most and in its own direction: in
 * the mean over a gradient all together stay below five of them. At the kink of ReLU, though, a
 * number that falls to the other side takes its whole gradient along. */
static double roundings_of(const nn_gpt_config *c) {
    return c->activation == NN_ACTIVATION_RELU ? 50 : 5;
}

static void assert_gradients_near(const nn_gpt *m, const nn_gpt *exact) {
    for (int i = 0; i < m->params.n; i++) {
        tensor g = m->params.list[i]->var.grad;
        const tensor *e = &exact->params.list[i]->var.grad;
        int64_t n = tensor_numel(&g);
        tensor_accumulate(&g, -1, e);
        double off = sqrt(tensor_sum_squares(g.data, n));
        double all = sqrt(tensor_sum_squares(e->data, n));
        if (!(off <= roundings_of(&m->config) * BF16_EPSILON * all))
            fail_msg("gradient of %s: off by %g of %g", m->params.list[i]->name, off, all);
    }
}

static void compare(const nn_gpt_config *c) {
    nn_gpt *m = model(c), *exact = model(c);
    double loss = run(m, TENSOR_BF16, AG_RELEASE), expected = run(exact, TENSOR_REAL, AG_RELEASE);
    assert_near(loss, expected, BF16_EPSILON / 4 * expected);
    assert_gradients_near(m, exact);
    assert_true(run(m, TENSOR_BF16, AG_KEEP) == loss);
    assert_gradients_near(m, exact);
    if (c->dropout == 0) assert_true(run(m, TENSOR_BF16, AG_NO_GRAD) == loss);
    nn_gpt_free(m);
    nn_gpt_free(exact);
}

static void test_every_kind_of_gpt(void **state) {
    (void)state;
    for (int i = 0; i < 32; i++) {
        nn_gpt_config c = gpt2;
        c.position = (nn_position)(i % 4);
        c.activation = (nn_activation)(i / 4 % 4);
        c.norm = (nn_norm_type)(i / 16);
        c.bias = c.tie_weights = i % 3;
        compare(&c);
    }
}

static void test_dropout(void **state) {
    (void)state;
    nn_gpt_config c = gpt2;
    c.dropout = 0.2;
    compare(&c);
}

/* Sums are never split between threads, nor is their order. */
static void test_same_bits_with_any_number_of_threads(void **state) {
    (void)state;
    nn_gpt *m = model(&gpt2), *other = model(&gpt2);
    double loss = run(m, TENSOR_BF16, AG_RELEASE);
    for (int threads = 1; threads <= 4; threads++) {
        thread_set_count(threads);
        assert_true(run(other, TENSOR_BF16, AG_RELEASE) == loss);
        for (int i = 0; i < m->params.n; i++)
            assert_same_bits(&m->params.list[i]->var.grad, &other->params.list[i]->var.grad);
    }
    thread_set_count(1);
    nn_gpt_free(m);
    nn_gpt_free(other);
}

static void test_no_heap_after_the_first_step(void **state) {
    (void)state;
    static const ag_mode modes[] = {AG_RELEASE, AG_NO_GRAD};
    nn_gpt *m = model(&gpt2);
    thread_set_count(2);
    for (size_t k = 0; k < COUNT(modes); k++) {
        ag_tape *t = ag_tape_new(modes[k]);
        size_t calls = 0, bytes = 0;
        for (int i = 0; i < 4; i++) {
            step(m, t, TENSOR_BF16);
            if (i == 0) calls = mem_allocations(), bytes = ag_tape_bytes(t);
            assert_int_equal(mem_allocations(), calls);
            assert_int_equal(ag_tape_bytes(t), bytes);
        }
        ag_tape_free(t);
    }
    thread_set_count(1);
    nn_gpt_free(m);
}

/* What is stored for backward takes half; the residual stream does not. */
static void test_it_takes_less_memory(void **state) {
    (void)state;
    nn_gpt_config c = gpt2;
    c.n_embd = 4 * C;
    c.block_size = 160;
    nn_gpt *m = model(&c);
    ag_tape *t = ag_tape_new(AG_RELEASE), *exact = ag_tape_new(AG_RELEASE);
    step(m, t, TENSOR_BF16);
    step(m, exact, TENSOR_REAL);
    assert_true((double)ag_tape_bytes(t) < 0.8 * (double)ag_tape_bytes(exact));
    ag_tape_free(t);
    ag_tape_free(exact);
    nn_gpt_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_gpt),
        cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_same_bits_with_any_number_of_threads),
        cmocka_unit_test(test_no_heap_after_the_first_step),
        cmocka_unit_test(test_it_takes_less_memory),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
