/* Loss and gradients against PyTorch in float64: files made by tests/golden/make_gpt_golden.py. */
#include "nn/gpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"
#include "io/safetensors.h"

enum { B = 2, V = 13, T = 6, C = 8 };

typedef struct golden {
    const char *name;
    nn_position position;
    nn_activation activation;
    nn_norm_type norm;
    bool bias, tie_weights;
} golden;

#define PLAIN NN_ACTIVATION_GELU, NN_NORM_LAYERNORM, true

static const golden cases[] = {
    {"learned_tied", NN_POSITION_LEARNED, PLAIN, true},
    {"learned_untied", NN_POSITION_LEARNED, PLAIN, false},
    {"sinusoidal_tied", NN_POSITION_SINUSOIDAL, PLAIN, true},
    {"sinusoidal_untied", NN_POSITION_SINUSOIDAL, PLAIN, false},
    {"rope_tied", NN_POSITION_ROPE, PLAIN, true},
    {"rope_untied", NN_POSITION_ROPE, PLAIN, false},
    {"none_tied", NN_POSITION_NONE, PLAIN, true},
    {"none_untied", NN_POSITION_NONE, PLAIN, false},
    {"rmsnorm_swiglu", NN_POSITION_LEARNED, NN_ACTIVATION_SWIGLU, NN_NORM_RMSNORM, false, true},
    {"gelu_tanh", NN_POSITION_LEARNED, NN_ACTIVATION_GELU_TANH, NN_NORM_LAYERNORM, true, true},
    {"relu", NN_POSITION_LEARNED, NN_ACTIVATION_RELU, NN_NORM_LAYERNORM, true, true},
};

static void open_file(io_safetensors *f, const char *name) {
    char path[128];
    err e = {0};
    snprintf(path, sizeof path, "tests/golden/gpt_%s.safetensors", name);
    if (!io_safetensors_open(f, path, &e)) fail_msg("%s", e.message);
}

static const io_tensor *find(const io_safetensors *f, const char *dtype, const char *name_fmt,
                             const char *name) {
    char full[96];
    snprintf(full, sizeof full, name_fmt, name);
    const io_tensor *x = io_safetensors_find(f, full);
    if (!x) fail_msg("the file has no %s", full);
    assert_string_equal(x->dtype, dtype);
    return x;
}

/* The model of the case with the parameters of the file: every one, and no other. */
static nn_gpt *load(const golden *c, const io_safetensors *f) {
    nn_gpt_config config = {.vocab_size = V,
                            .block_size = T,
                            .n_layer = 2,
                            .n_head = 2,
                            .n_embd = C,
                            .bias = c->bias,
                            .tie_weights = c->tie_weights,
                            .position = c->position,
                            .activation = c->activation,
                            .norm = c->norm};
    nn_gpt *m = nn_gpt_new(&config, true);
    assert_int_equal(f->n_tensors, 2 * m->params.n + 3);
    for (int i = 0; i < m->params.n; i++) {
        const tensor *value = &m->params.list[i]->var.value;
        const io_tensor *x = find(f, "F32", "%s", m->params.list[i]->name);
        assert_int_equal(x->n_dim, value->n_dim);
        assert_memory_equal(x->shape, value->shape, (size_t)x->n_dim * sizeof *x->shape);
        for (int64_t k = 0; k < tensor_numel(value); k++)
            value->data[k] = (real)((const float *)x->data)[k];
    }
    return m;
}

static void assert_gradient(const nn_param *p, const io_safetensors *f) {
    const float *expected = find(f, "F32", "grad.%s", p->name)->data;
    int64_t n = tensor_numel(&p->var.value);
    double most = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs((double)expected[i]));
    for (int64_t i = 0; i < n; i++) {
        double got = (double)p->var.grad.data[i];
        if (!(fabs(got - (double)expected[i]) <= 1e-4 * most + 1e-7))
            fail_msg("gradient %lld of %s: %g, expected %g", (long long)i, p->name, got,
                     (double)expected[i]);
    }
}

static void check(const golden *c) {
    io_safetensors f;
    open_file(&f, c->name);
    nn_gpt *m = load(c, &f);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    const int32_t *ids = find(&f, "I32", "%s", "ids")->data;
    const int32_t *targets = find(&f, "I32", "%s", "targets")->data;
    ag_var *loss = nn_gpt_loss(m, t, ids, targets, B, T);
    ag_backward(t, loss, 1);
    double expected = (double)*(const float *)find(&f, "F32", "%s", "loss")->data;
    assert_near((double)loss->value.data[0], expected, 1e-5);
    for (int i = 0; i < m->params.n; i++) {
        ag_grad_densify(&m->params.list[i]->var);
        assert_gradient(m->params.list[i], &f);
    }
    ag_tape_free(t);
    nn_gpt_free(m);
    io_safetensors_close(&f);
}

static void test_against_pytorch(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s\n", cases[i].name);
        check(&cases[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_pytorch)};
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
