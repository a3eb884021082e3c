#include "train/evaluate.h"

#include "tiny_model.h"
#include "train/batches.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

enum { N_TOKENS = 60, BLOCK = 8, N_BLOCKS = 8 }; /* the last block has 3 targets */

static const double tolerance = 1e-6; /* relative above 1 */

typedef struct fixture {
    nn_gpt *model;
    ag_tape *tape;
    int32_t ids[N_TOKENS];
    train_set tokens;
} fixture;

static fixture f;

static int open_fixture(void **state) {
    (void)state;
    rng_stream random = {.key = rng_from_seed(5)};
    for (int i = 0; i < N_TOKENS; i++)
        f.ids[i] = (int32_t)rng_next_below(&random, (uint32_t)tiny.vocab_size);
    f.tokens = train_set_of(f.ids, NULL, N_TOKENS);
    f.model = tiny_model(&tiny, false, 1);
    f.tape = ag_tape_new(AG_NO_GRAD);
    return 0;
}

static int close_fixture(void **state) {
    (void)state;
    ag_tape_free(f.tape);
    nn_gpt_free(f.model);
    return 0;
}

/* -log p(target) after ids[0..n), by the logits of that position alone. */
static double naive_loss(const int32_t *ids, int64_t n, int32_t target) {
    ag_tape_reset(f.tape);
    ag_var *hidden = nn_gpt_forward(f.model, f.tape, ids, 1, n, NULL);
    const real *logits = nn_gpt_last_logits(f.model, f.tape, hidden)->value.data;
    double sum = 0;
    for (int64_t v = 0; v < tiny.vocab_size; v++) sum += exp((double)(logits[v] - logits[target]));
    return log(sum);
}

/* The sum of losses of one block, token by token. */
static double naive_block(int64_t block, int64_t *n) {
    int32_t ids[BLOCK], targets[BLOCK];
    double sum = 0;
    *n = train_blocks_get(&f.tokens, BLOCK, block, ids, targets);
    for (int64_t i = 0; i < *n; i++) sum += naive_loss(ids, i + 1, targets[i]);
    return sum;
}

static void assert_close(double value, double expected) {
    if (!(fabs(value - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.9g, expected %.9g", value, expected);
}

static void test_the_loss_is_that_of_a_naive_loop(void **state) {
    (void)state;
    double sum = 0, squares = 0;
    for (int64_t block = 0; block < N_BLOCKS; block++) {
        int64_t n;
        double loss = naive_block(block, &n);
        sum += loss;
        squares += loss * loss / (double)n;
    }
    train_evaluation r = train_evaluate(f.model, f.tape, &f.tokens, 3, 0);
    double mean = sum / (N_TOKENS - 1), variance = squares / (N_TOKENS - 1) - mean * mean;
    assert_int_equal(r.n_tokens, N_TOKENS - 1);
    assert_close(r.loss, mean);
    assert_close(r.standard_error, sqrt(variance / (N_BLOCKS - 1)));
}

static void test_the_batch_size_does_not_matter(void **state) {
    (void)state;
    train_evaluation one = train_evaluate(f.model, f.tape, &f.tokens, 1, 0);
    for (int64_t batch_size = 2; batch_size <= N_BLOCKS + 3; batch_size++) {
        train_evaluation r = train_evaluate(f.model, f.tape, &f.tokens, batch_size, 0);
        assert_close(r.loss, one.loss);
        assert_close(r.standard_error, one.standard_error);
        assert_int_equal(r.n_tokens, one.n_tokens);
    }
}

static void test_at_most_max_blocks_evenly_spaced(void **state) {
    (void)state;
    int64_t n, n_tokens = 0;
    double sum = 0;
    for (int64_t block = 0; block < N_BLOCKS; block += 2, n_tokens += n)
        sum += naive_block(block, &n);
    train_evaluation r = train_evaluate(f.model, f.tape, &f.tokens, 3, N_BLOCKS / 2);
    assert_int_equal(r.n_tokens, n_tokens);
    assert_close(r.loss, sum / (double)n_tokens);
    train_evaluation all = train_evaluate(f.model, f.tape, &f.tokens, 3, 0);
    train_evaluation more = train_evaluate(f.model, f.tape, &f.tokens, 3, 100 * N_BLOCKS);
    assert_true(more.loss == all.loss);
}

/* Dropout is for training: with it in its config a model evaluates as without. */
static void test_nothing_is_dropped(void **state) {
    (void)state;
    nn_gpt_config config = tiny;
    config.dropout = 0.5;
    nn_gpt *dropping = tiny_model(&config, false, 1);
    train_evaluation with = train_evaluate(dropping, f.tape, &f.tokens, 4, 0);
    train_evaluation without = train_evaluate(f.model, f.tape, &f.tokens, 4, 0);
    assert_true(with.loss == without.loss);
    nn_gpt_free(dropping);
}

static void test_a_single_block_has_no_spread(void **state) {
    (void)state;
    train_set start = train_set_of(f.ids, NULL, 2), none = train_set_of(f.ids, NULL, 1);
    train_evaluation r = train_evaluate(f.model, f.tape, &start, 4, 0);
    assert_int_equal(r.n_tokens, 1);
    assert_close(r.loss, naive_loss(f.ids, 1, f.ids[1]));
    assert_true(isnan(r.standard_error));
    r = train_evaluate(f.model, f.tape, &none, 4, 0);
    assert_int_equal(r.n_tokens, 0);
    assert_true(isnan(r.loss));
}

/* Only the targets of the mask count, and blocks without any do not. */
static void test_masked_targets(void **state) {
    (void)state;
    int32_t mask[N_TOKENS] = {0}, ids[BLOCK], targets[BLOCK];
    for (int i = 2 * BLOCK + 3; i < 4 * BLOCK; i += 2) mask[i] = 1;
    train_set set = train_set_of(f.ids, mask, N_TOKENS);
    double sum = 0;
    int64_t n = 0;
    for (int64_t block = 0; block < N_BLOCKS; block++) {
        train_blocks_get(&f.tokens, BLOCK, block, ids, targets);
        for (int64_t i = 0; i < BLOCK && block * BLOCK + i + 1 < N_TOKENS; i++)
            if (mask[block * BLOCK + i + 1]) {
                sum += naive_loss(ids, i + 1, targets[i]);
                n++;
            }
    }
    train_evaluation r = train_evaluate(f.model, f.tape, &set, 3, 0);
    assert_int_equal(r.n_tokens, n);
    assert_close(r.loss, sum / (double)n);
    assert_true(isfinite(r.standard_error));
    r = train_evaluate(f.model, f.tape, &set, 3, 1); /* the first block has none: all are taken */
    assert_int_equal(r.n_tokens, n);
    assert_close(r.loss, sum / (double)n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loss_is_that_of_a_naive_loop),
        cmocka_unit_test(test_the_batch_size_does_not_matter),
        cmocka_unit_test(test_at_most_max_blocks_evenly_spaced),
        cmocka_unit_test(test_nothing_is_dropped),
        cmocka_unit_test(test_a_single_block_has_no_spread),
        cmocka_unit_test(test_masked_targets),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
