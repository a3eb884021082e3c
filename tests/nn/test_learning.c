/* A GPT in training: it learns a batch by heart, alike with one thread and two, without the heap.
 */
#include "nn/gpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"
#include "train/optim.h"

enum { V = 11, T = 6, B = 2 };

static const nn_gpt_config tiny = {.vocab_size = V,
                                   .block_size = T,
                                   .n_layer = 2,
                                   .n_head = 2,
                                   .n_embd = 16,
                                   .bias = true,
                                   .tie_weights = true,
                                   .init_std = 0.1};

static const optim_settings adamw = {
    .type = OPTIM_ADAMW, .weight_decay = 0.01, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8};

typedef struct training {
    nn_gpt *model;
    optim *optimizer;
    ag_tape *tape;
    int64_t batch;
    double lr;
    int step;
} training;

static training training_new(const nn_gpt_config *c, int64_t batch, double lr) {
    nn_gpt *m = nn_gpt_new(c, true);
    nn_params_init(&m->params, rng_from_seed(1));
    return (training){m, optim_new(&adamw, &m->params), ag_tape_new(AG_RELEASE), batch, lr, 0};
}

static void training_free(training *tr) {
    ag_tape_free(tr->tape);
    optim_free(tr->optimizer);
    nn_gpt_free(tr->model);
}

/* Random ids; every sequence begins with another one, so that no two ask for the impossible. Lives
 * in tape. */
static int32_t *random_batch(ag_tape *t, int64_t batch, int64_t block) {
    int32_t *ids = random_ids(t, 5, batch * block, V);
    for (int64_t b = 0; b < batch; b++) ids[b * block] = (int32_t)b;
    return ids;
}

/* One step on the same batch as every other; returns the loss before it. */
static double train_step(training *tr) {
    ag_tape *t = tr->tape;
    int64_t block = tr->model->config.block_size;
    ag_tape_reset(t);
    ag_tape_set_key(t, rng_split(rng_from_seed(2), (uint64_t)tr->step++));
    nn_params_clear_grads(&tr->model->params);
    int32_t *ids = random_batch(t, tr->batch, block),
            *targets = random_ids(t, 6, tr->batch * block, V);
    ag_var *loss = nn_gpt_loss(tr->model, t, ids, targets, tr->batch, block);
    ag_backward(t, loss, 1);
    optim_update(tr->optimizer, tr->lr, 1);
    return (double)loss->value.data[0];
}

static void assert_learns_by_heart(const nn_gpt_config *c, const char *what, int which) {
    enum { MOST_STEPS = 200 };
    training tr = training_new(c, B, 0.01);
    double first = train_step(&tr), loss = first;
    while (loss >= 0.05 && tr.step < MOST_STEPS) loss = train_step(&tr);
    if (!(loss < 0.05))
        fail_msg("%s %d: loss %.3f after %d steps, %.3f at first", what, which, loss, tr.step,
                 first);
    training_free(&tr);
}

static void test_every_kind_learns_a_batch_by_heart(void **state) {
    (void)state;
    for (int i = NN_POSITION_LEARNED; i <= NN_POSITION_NONE; i++) {
        nn_gpt_config c = tiny;
        c.position = (nn_position)i;
        assert_learns_by_heart(&c, "position", i);
    }
    for (int i = NN_ACTIVATION_GELU; i <= NN_ACTIVATION_SWIGLU; i++) {
        nn_gpt_config c = tiny;
        c.activation = (nn_activation)i;
        assert_learns_by_heart(&c, "activation", i);
    }
    for (int i = 0; i < 4; i++) {
        nn_gpt_config c = tiny;
        c.norm = i & 1 ? NN_NORM_RMSNORM : NN_NORM_LAYERNORM;
        c.tie_weights = i & 2;
        c.bias = !c.tie_weights;
        assert_learns_by_heart(&c, "norm and tying", i);
    }
}

/* Just large enough that products, activations and attention all go to several threads. */
static training threaded_training(int threads) {
    nn_gpt_config c = tiny;
    c.n_layer = 1;
    c.block_size = 70;
    c.n_embd = 24;
    c.dropout = 0.1;
    thread_set_count(threads);
    return training_new(&c, 2, 0.001);
}

static void test_same_bits_with_one_thread_and_two(void **state) {
    (void)state;
    enum { STEPS = 50 };
    training one = threaded_training(1);
    for (int i = 0; i < STEPS; i++) train_step(&one);
    training two = threaded_training(2);
    for (int i = 0; i < STEPS; i++) train_step(&two);
    thread_set_count(1);
    const nn_params *a = &one.model->params, *b = &two.model->params;
    assert_int_equal(a->numel, b->numel);
    assert_memory_equal(a->value, b->value, (size_t)a->numel * sizeof(real));
    assert_memory_equal(a->grad, b->grad, (size_t)a->numel * sizeof(real));
    training_free(&one);
    training_free(&two);
}

static void test_no_heap_after_the_first_step(void **state) {
    (void)state;
    for (int tied = 0; tied < 2; tied++) {
        nn_gpt_config c = tiny;
        c.tie_weights = tied;
        c.dropout = 0.1;
        training tr = training_new(&c, B, 0.01);
        train_step(&tr);
        size_t calls = mem_allocations(), bytes = ag_tape_bytes(tr.tape);
        for (int i = 0; i < 5; i++) train_step(&tr);
        assert_int_equal(mem_allocations(), calls);
        assert_int_equal(ag_tape_bytes(tr.tape), bytes);
        training_free(&tr);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_learns_a_batch_by_heart),
        cmocka_unit_test(test_same_bits_with_one_thread_and_two),
        cmocka_unit_test(test_no_heap_after_the_first_step),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
