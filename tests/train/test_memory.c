/* What memory is predicted beside what the tape of a real step uses. */
#include "base/thread.h"
#include "train/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

static const optim_settings adamw = {OPTIM_ADAMW, 0.1, 0.9, 0.95, 1e-8, 0};

/* Bytes of the tape of a training step, measured and predicted. */
/* A build in double trains in double only. */
static void compare(const nn_gpt_config *c, tensor_type type, int64_t B) {
    if (sizeof(real) != sizeof(float)) type = TENSOR_REAL;
    int64_t T = c->block_size;
    nn_gpt *m = nn_gpt_new(c, true);
    nn_params_init(&m->params, rng_from_seed(1));
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_tape_set_activations(t, type);
    int32_t *ids = ag_tape_alloc(t, (size_t)(B * T) * sizeof *ids);
    for (int64_t i = 0; i < B * T; i++) ids[i] = (int32_t)(i * 7 % c->vocab_size);
    ag_backward(t, nn_gpt_loss(m, t, ids, ids, B, T), 1);
    train_memory p = train_memory_predict(c, m->params.numel, &adamw, type, B, T);
    double measured = (double)ag_tape_bytes(t), predicted = (double)(p.activations + p.scratch);
    if (fabs(predicted / measured - 1) > 0.05)
        fail_msg("position %d, activation %d, norm %d, type %d, dropout %g, L %d: %.0f predicted, "
                 "%.0f measured",
                 c->position, c->activation, c->norm, type, c->dropout, (int)c->n_layer, predicted,
                 measured);
    assert_int_equal(p.parameters, (size_t)m->params.numel * sizeof(real));
    ag_tape_free(t);
    nn_gpt_free(m);
}

static void test_every_choice(void **state) {
    (void)state;
    for (int i = 0; i < 4 * 4 * 2; i++) {
        const nn_gpt_config c = {.vocab_size = 300,
                                 .block_size = 64,
                                 .n_layer = 3,
                                 .n_head = 4,
                                 .n_embd = 96,
                                 .dropout = (i / 2 + i / 16) % 2 ? 0.1 : 0,
                                 .bias = true,
                                 .tie_weights = true,
                                 .position = (nn_position)(i % 4),
                                 .activation = (nn_activation)(i / 4 % 4),
                                 .norm = (nn_norm_type)((i + i / 4) % 2)};
        compare(&c, i / 16 % 2 ? TENSOR_BF16 : TENSOR_REAL, 8);
    }
}

static void test_every_depth(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        const nn_gpt_config c = {65, 64, i / 2 + 1, 4, 128, .bias = true, .tie_weights = true};
        compare(&c, i % 2 ? TENSOR_BF16 : TENSOR_REAL, 4);
    }
}

static void test_what_the_optimizer_keeps(void **state) {
    (void)state;
    const nn_gpt_config c = {65, 8, 1, 4, 128, .tie_weights = true};
    static const struct {
        optim_settings settings;
        size_t moments;
    } cases[] = {{{OPTIM_ADAMW, 0, 0.9, 0.9, 1e-8, 0}, 2},
                 {{OPTIM_SGD, 0, 0, 0, 0, 0.9}, 1},
                 {{OPTIM_SGD, 0, 0, 0, 0, 0}, 0},
                 {{OPTIM_ADAGRAD, 0, 0, 0, 0, 0}, 1}};
    for (int i = 0; i < 4; i++) {
        train_memory p = train_memory_predict(&c, 1000, &cases[i].settings, TENSOR_REAL, 2, 8);
        assert_int_equal(p.optimizer, cases[i].moments * 1000 * sizeof(real));
        assert_int_equal(p.parameters + p.gradients, 2 * 1000 * sizeof(real));
        assert_int_equal(train_memory_total(&p), p.parameters + p.gradients + p.optimizer +
                                                     p.activations + p.scratch + p.workspaces +
                                                     p.program);
        size_t unwatched = train_memory_total(&p);
        p.watch = train_memory_of_watch(&c, 1000);
        assert_int_equal(train_memory_total(&p) - unwatched, (1000 + 2 * 65 * 128) * sizeof(real));
    }
}

int main(void) {
    thread_set_count(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_choice),
        cmocka_unit_test(test_every_depth),
        cmocka_unit_test(test_what_the_optimizer_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
