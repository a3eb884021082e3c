/* The parameters of a GPT, what tying them means, and the KV cache. */
#include "nn/gpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"

enum { V = 13, T = 12, C = 16, L = 2, NH = 2 };

static const nn_gpt_config gpt2 = {.vocab_size = V,
                                   .block_size = T,
                                   .n_layer = L,
                                   .n_head = NH,
                                   .n_embd = C,
                                   .bias = true,
                                   .tie_weights = true};

static const nn_position positions[] = {NN_POSITION_LEARNED, NN_POSITION_SINUSOIDAL,
                                        NN_POSITION_ROPE, NN_POSITION_NONE};

static nn_gpt *model(const nn_gpt_config *c) {
    nn_gpt *m = nn_gpt_new(c, true);
    nn_params_init(&m->params, rng_from_seed(1));
    return m;
}

typedef struct expected_param {
    const char *name, *shape;
} expected_param;

static void assert_params(const nn_gpt *m, const expected_param *expected, size_t n) {
    char text[96];
    assert_int_equal(m->params.n, n);
    for (size_t i = 0; i < n; i++) {
        const nn_param *p = nn_params_find(&m->params, expected[i].name);
        if (!p) fail_msg("no parameter %s", expected[i].name);
        assert_string_equal(tensor_shape_text(&p->var.value, text, sizeof text), expected[i].shape);
    }
}

#define BLOCK(i)                                                                                   \
    {"h." i ".ln_1.weight", "(16)"}, {"h." i ".ln_1.bias", "(16)"},                                \
        {"h." i ".attn.c_attn.weight", "(16, 48)"}, {"h." i ".attn.c_attn.bias", "(48)"},          \
        {"h." i ".attn.c_proj.weight", "(16, 16)"}, {"h." i ".attn.c_proj.bias", "(16)"},          \
        {"h." i ".ln_2.weight", "(16)"}, {"h." i ".ln_2.bias", "(16)"},                            \
        {"h." i ".mlp.c_fc.weight", "(16, 64)"}, {"h." i ".mlp.c_fc.bias", "(64)"},                \
        {"h." i ".mlp.c_proj.weight", "(64, 16)"}, {                                               \
        "h." i ".mlp.c_proj.bias", "(16)"                                                          \
    }

static void test_names_and_shapes_of_gpt2(void **state) {
    (void)state;
    static const expected_param expected[] = {
        {"wte.weight", "(13, 16)"}, {"wpe.weight", "(12, 16)"}, BLOCK("0"), BLOCK("1"),
        {"ln_f.weight", "(16)"},    {"ln_f.bias", "(16)"}};
    nn_gpt *m = model(&gpt2);
    assert_params(m, expected, COUNT(expected));
    assert_ptr_equal(m->head, m->wte.weight);
    nn_gpt_free(m);
}

static void test_names_and_shapes_of_a_modern_model(void **state) {
    (void)state;
    static const expected_param expected[] = {
        {"wte.weight", "(13, 16)"},
        {"h.0.ln_1.weight", "(16)"},
        {"h.0.attn.c_attn.weight", "(16, 48)"},
        {"h.0.attn.c_proj.weight", "(16, 16)"},
        {"h.0.ln_2.weight", "(16)"},
        {"h.0.mlp.c_fc.weight", "(16, 64)"},
        {"h.0.mlp.c_gate.weight", "(16, 64)"},
        {"h.0.mlp.c_proj.weight", "(64, 16)"},
        {"ln_f.weight", "(16)"},
        {"lm_head.weight", "(13, 16)"},
    };
    nn_gpt_config c = gpt2;
    c.n_layer = 1;
    c.bias = c.tie_weights = false;
    c.position = NN_POSITION_ROPE;
    c.norm = NN_NORM_RMSNORM;
    c.activation = NN_ACTIVATION_SWIGLU;
    nn_gpt *m = model(&c);
    assert_params(m, expected, COUNT(expected));
    assert_string_equal(m->head->name, "lm_head.weight");
    nn_gpt_free(m);
}

/* Ones, zeros, or normal numbers of the deviation that the name asks for. */
static void check_initial(const nn_param *p, double std) {
    const tensor *x = &p->var.value;
    int64_t n = tensor_numel(x);
    if (x->n_dim == 1) {
        bool gain = strstr(p->name, "ln_") && strstr(p->name, "weight");
        for (int64_t i = 0; i < n; i++) assert_true(x->data[i] == (gain ? 1 : 0));
        return;
    }
    if (strstr(p->name, "c_proj")) std /= sqrt(2.0 * L);
    double error = 4 * std / sqrt((double)n);
    assert_near(tensor_sum(x) / (double)n, 0, error);
    assert_near(sqrt(tensor_sum_squares(x->data, n) / (double)n), std, error / sqrt(2));
}

static void test_initial_numbers(void **state) {
    (void)state;
    nn_gpt_config c = gpt2;
    c.n_embd = 64;
    c.vocab_size = 300;
    for (int own_std = 0; own_std < 2; own_std++) {
        c.init_std = own_std ? 0.1 : 0;
        nn_gpt *m = model(&c);
        for (int i = 0; i < m->params.n; i++)
            check_initial(m->params.list[i], own_std ? 0.1 : 0.02);
        nn_gpt_free(m);
    }
}

static void test_same_numbers_whatever_else_there_is(void **state) {
    (void)state;
    nn_gpt_config c = gpt2;
    c.n_layer = 2 * L;
    c.position = NN_POSITION_ROPE;
    c.tie_weights = false;
    nn_gpt *small = model(&gpt2), *other = model(&c);
    const char *const shared[] = {"wte.weight", "h.0.attn.c_attn.weight", "h.1.mlp.c_fc.weight"};
    for (size_t i = 0; i < COUNT(shared); i++)
        assert_close(&nn_params_find(&small->params, shared[i])->var.value,
                     &nn_params_find(&other->params, shared[i])->var.value, 0);
    nn_gpt_free(small);
    nn_gpt_free(other);
}

static void run_backward(nn_gpt *m) {
    ag_tape *t = ag_tape_new(AG_RELEASE);
    int32_t *ids = random_ids(t, 1, 2 * T, V), *targets = random_ids(t, 2, 2 * T, V);
    ag_backward(t, nn_gpt_loss(m, t, ids, targets, 2, T), 1);
    ag_tape_free(t);
}

static void test_tying_adds_the_gradients_of_both_uses(void **state) {
    (void)state;
    nn_gpt_config c = gpt2;
    c.tie_weights = false;
    nn_gpt *tied = model(&gpt2), *untied = model(&c);
    assert_int_equal(untied->params.n, tied->params.n + 1);
    tensor_copy(&untied->head->value, &untied->wte.weight->value);
    run_backward(tied);
    run_backward(untied);
    assert_int_equal(untied->wte.weight->grad_state, AG_GRAD_ROWS);
    ag_grad_densify(untied->wte.weight);
    tensor sum = untied->wte.weight->grad;
    tensor_accumulate(&sum, 1, &untied->head->grad);
    assert_equal_within(&tied->wte.weight->grad, &sum, 16);
    nn_gpt_free(tied);
    nn_gpt_free(untied);
}

/* The last logits of ids (B, T) in chunks of these lengths through a cache. Lives in tape. */
static ag_var *in_chunks(const nn_gpt *m, ag_tape *t, const int32_t *ids, int64_t B,
                         const int64_t *lengths, int n) {
    nn_kv_cache *cache = nn_kv_cache_new(L, B, T, C);
    ag_var *hidden = NULL;
    for (int i = 0; i < n; i++) {
        int32_t *chunk = ag_tape_alloc(t, (size_t)(B * lengths[i]) * sizeof *chunk);
        for (int64_t k = 0; k < B * lengths[i]; k++)
            chunk[k] = ids[k / lengths[i] * T + cache->length + k % lengths[i]];
        hidden = nn_gpt_forward(m, t, chunk, B, lengths[i], cache);
    }
    assert_int_equal(cache->length, T);
    ag_var *logits = nn_gpt_last_logits(m, t, hidden);
    nn_kv_cache_free(cache);
    return logits;
}

static void test_cache_gives_the_same_logits(void **state) {
    (void)state;
    enum { B = 2 };
    static const int64_t whole[] = {T}, chunks[] = {3, 1, 5, 2, 1},
                         singly[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (size_t i = 0; i < COUNT(positions); i++) {
        nn_gpt_config c = gpt2;
        c.position = positions[i];
        c.init_std = 0.3;
        nn_gpt *m = nn_gpt_new(&c, false);
        nn_params_init(&m->params, rng_from_seed(1));
        ag_tape *t = ag_tape_new(AG_NO_GRAD);
        int32_t *ids = random_ids(t, 3, B * T, V);
        ag_var *once = nn_gpt_last_logits(m, t, nn_gpt_forward(m, t, ids, B, T, NULL));
        assert_true(largest(&once->value) > 0.5);
        assert_close(&in_chunks(m, t, ids, B, whole, COUNT(whole))->value, &once->value, 1e-5);
        assert_close(&in_chunks(m, t, ids, B, chunks, COUNT(chunks))->value, &once->value, 1e-5);
        assert_close(&in_chunks(m, t, ids, B, singly, COUNT(singly))->value, &once->value, 1e-5);
        ag_tape_free(t);
        nn_gpt_free(m);
    }
}

static double distance(const tensor *a, const tensor *b) {
    double most = 0;
    for (int64_t i = 0; i < tensor_numel(a); i++)
        most = fmax(most, fabs((double)*element(a, i) - (double)*element(b, i)));
    return most;
}

/* Weights of 8 bits: the logits and the loss are near those of the model as it was, in one pass and
 * token by token. */
static void test_matrices_in_bf16(void **state) {
    (void)state;
    enum { B = 2 };
    static const int64_t singly[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (int tied = 0; tied < 2; tied++) {
        nn_gpt_config c = gpt2;
        c.tie_weights = tied;
        c.init_std = 0.3;
        nn_gpt *m = nn_gpt_new(&c, false);
        nn_params_init(&m->params, rng_from_seed(1));
        size_t bytes = nn_gpt_bytes_per_token(m);
        ag_tape *t = ag_tape_new(AG_NO_GRAD);
        int32_t *ids = random_ids(t, 3, B * T, V);
        tensor exact = nn_gpt_last_logits(m, t, nn_gpt_forward(m, t, ids, B, T, NULL))->value;
        double loss = (double)*nn_gpt_loss(m, t, ids, ids, B, T)->value.data;
        nn_gpt_store_bf16(m);
        assert_true(nn_gpt_bytes_per_token(m) < 0.6 * (double)bytes * 4 / sizeof(real));
        assert_int_equal(m->head->value.type, TENSOR_BF16);
        assert_int_equal(m->wpe.weight->value.type, TENSOR_REAL);
        tensor near = nn_gpt_last_logits(m, t, nn_gpt_forward(m, t, ids, B, T, NULL))->value;
        assert_true(distance(&exact, &near) > 0);
        assert_true(distance(&exact, &near) < 0.03 * largest(&exact));
        near = in_chunks(m, t, ids, B, singly, COUNT(singly))->value;
        assert_true(distance(&exact, &near) < 0.03 * largest(&exact));
        assert_near(*nn_gpt_loss(m, t, ids, ids, B, T)->value.data, loss, 0.03 * loss);
        ag_tape_free(t);
        nn_gpt_free(m);
    }
}

/* A token sees none after it: another last id changes the last hidden state only. */
static void test_no_look_ahead(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(positions); i++) {
        nn_gpt_config c = gpt2;
        c.position = positions[i];
        nn_gpt *m = model(&c);
        ag_tape *t = ag_tape_new(AG_KEEP);
        int32_t *ids = random_ids(t, 3, T, V), *other = random_ids(t, 3, T, V);
        other[T - 1] = (ids[T - 1] + 1) % V;
        tensor a = nn_gpt_forward(m, t, ids, 1, T, NULL)->value;
        tensor b = nn_gpt_forward(m, t, other, 1, T, NULL)->value;
        assert_memory_equal(a.data, b.data, (T - 1) * C * sizeof(real));
        assert_memory_not_equal(a.data + (T - 1) * C, b.data + (T - 1) * C, C * sizeof(real));
        ag_tape_free(t);
        nn_gpt_free(m);
    }
}

/* Layer 0 is the row of wte at any place; the last layer is what nn_gpt_forward gives. */
static void test_vectors_of_each_layer(void **state) {
    (void)state;
    static const int32_t ids[] = {5, 2, 5, 7};
    for (size_t i = 0; i < COUNT(positions); i++) {
        nn_gpt_config c = gpt2;
        c.position = positions[i];
        nn_gpt *m = model(&c);
        ag_tape *t = ag_tape_new(AG_NO_GRAD);
        ag_var *layers[L + 2];
        const ag_var *hidden = nn_gpt_forward_layers(m, t, ids, 1, 4, layers);
        assert_ptr_equal(layers[L + 1], hidden);
        assert_same_bits(&hidden->value, &nn_gpt_forward(m, t, ids, 1, 4, NULL)->value);
        const real *row = m->wte.weight->value.data + 5 * C;
        assert_memory_equal(layers[0]->value.data, row, C * sizeof *row);
        assert_memory_equal(layers[0]->value.data + 2 * C, row, C * sizeof *row);
        for (int l = 0; l < L + 2; l++) {
            assert_true(tensor_same_shape(&layers[l]->value, &hidden->value));
            if (l) assert_memory_not_equal(layers[l]->value.data, row, C * sizeof *row);
        }
        /* The vectors of one word part behind layer 0. */
        assert_memory_not_equal(layers[1]->value.data, layers[1]->value.data + 2 * C,
                                C * sizeof *row);
        ag_tape_free(t);
        nn_gpt_free(m);
    }
}

/* SwiGLU has three matrices for two: two thirds of the width, in steps of 32. */
static void test_hidden_width(void **state) {
    (void)state;
    assert_int_equal(nn_mlp_hidden(128, NN_ACTIVATION_GELU), 512);
    assert_int_equal(nn_mlp_hidden(128, NN_ACTIVATION_SWIGLU), 352);
    assert_int_equal(nn_mlp_hidden(768, NN_ACTIVATION_SWIGLU), 2048);
}

static void test_flops_per_token(void **state) {
    (void)state;
    nn_gpt *m = model(&gpt2);
    double weights = V * C + L * (C * 3 * C + C * C + 2 * C * 4 * C);
    assert_true(nn_gpt_flops_per_token(m, T) == 6 * weights + 6 * L * C * T);
    nn_gpt_free(m);
}

static void more_tokens_than_the_block(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    nn_gpt_forward(model(&gpt2), t, random_ids(t, 1, T + 1, V), 1, T + 1, NULL);
}
static void more_tokens_than_the_cache(void) {
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    nn_kv_cache *cache = nn_kv_cache_new(L, 1, 4, C);
    nn_gpt_forward(model(&gpt2), t, random_ids(t, 1, 5, V), 1, 5, cache);
}

static void a_model_to_train_in_bf16(void) {
    nn_gpt_store_bf16(model(&gpt2));
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(more_tokens_than_the_block, "13 tokens for a model of block size 12");
    assert_bug(more_tokens_than_the_cache, "kv cache of 4 tokens cannot take 5 more");
    assert_bug(a_model_to_train_in_bf16, "parameters to train stored as bf16");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_shapes_of_gpt2),
        cmocka_unit_test(test_names_and_shapes_of_a_modern_model),
        cmocka_unit_test(test_initial_numbers),
        cmocka_unit_test(test_same_numbers_whatever_else_there_is),
        cmocka_unit_test(test_tying_adds_the_gradients_of_both_uses),
        cmocka_unit_test(test_cache_gives_the_same_logits),
        cmocka_unit_test(test_matrices_in_bf16),
        cmocka_unit_test(test_no_look_ahead),
        cmocka_unit_test(test_vectors_of_each_layer),
        cmocka_unit_test(test_hidden_width),
        cmocka_unit_test(test_flops_per_token),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
