/* What a profile counts for a whole model, against the formula by which its speed is told. */
#include "autograd/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"
#include "nn/gpt.h"

enum { B = 2, V = 13, T = 12, C = 16, L = 2, NH = 2 };

static const nn_gpt_config gpt2 = {.vocab_size = V,
                                   .block_size = T,
                                   .n_layer = L,
                                   .n_head = NH,
                                   .n_embd = C,
                                   .bias = true,
                                   .tie_weights = true};

/* All operations of one step on a tape. */
static double operations(nn_gpt *m, ag_tape *t) {
    ag_profile p = {0};
    ag_tape_set_profile(t, &p);
    const int32_t *ids = random_ids(t, 2, B * T, V), *targets = random_ids(t, 3, B * T, V);
    ag_backward(t, nn_gpt_loss(m, t, ids, targets, B, T), 1);
    ag_tape_set_profile(t, NULL);
    double flops = 0;
    for (int i = 0; i < p.n_rows; i++) flops += p.rows[i].cost[0].flops + p.rows[i].cost[1].flops;
    return flops;
}

/* The model's formula, and: logits and scores computed again; the diagonal of the mask, of which
 * the formula counts half. */
static void test_the_profile_counts_the_operations_of_the_model(void **state) {
    (void)state;
    nn_gpt *m = nn_gpt_new(&gpt2, true);
    nn_params_init(&m->params, rng_from_seed(1));
    ag_tape *t = ag_tape_new(AG_RELEASE);
    double model = B * T * nn_gpt_flops_per_token(m, T);
    double again = 2.0 * B * T * V * C + 2.0 * L * B * (T * (T + 1) / 2) * C;
    double diagonal = 12.0 * L * B * C * (T / 2.0);
    assert_true(operations(m, t) == model + again + diagonal);
    ag_tape_free(t);
    nn_gpt_free(m);
}

static void test_bf16_computes_as_much_and_moves_less(void **state) {
    (void)state;
    nn_gpt *m = nn_gpt_new(&gpt2, true);
    nn_params_init(&m->params, rng_from_seed(1));
    double flops[2], bytes[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        ag_tape *t = ag_tape_new(AG_RELEASE);
        ag_tape_set_activations(t, i ? TENSOR_BF16 : TENSOR_REAL);
        flops[i] = operations(m, t);
        int n;
        ag_var *const *vars = ag_tape_vars(t, &n);
        for (int k = 0; k < n; k++)
            if (vars[k]->op) bytes[i] += ag_cost_of(vars[k], false).bytes;
        nn_params_clear_grads(&m->params);
        ag_tape_free(t);
    }
    assert_true(flops[0] == flops[1]);
    assert_true(bytes[1] < bytes[0]);
    nn_gpt_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_profile_counts_the_operations_of_the_model),
        cmocka_unit_test(test_bf16_computes_as_much_and_moves_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
