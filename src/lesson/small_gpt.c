#include "lesson/small_gpt.h"

#include "base/check.h"
#include "base/mem.h"
#include "train/batches.h"
#include "train/evaluate.h"
#include "train/optim.h"

#include <stdlib.h>

typedef struct training {
    nn_gpt *model;
    optim *optim;
    ag_tape *tape;
    train_batches batches;
    int32_t *ids, *targets; /* (batch_size, block_size) */
} training;

static training set_up(const small_gpt_plan *plan, const train_set *set) {
    const optim_settings adamw = {OPTIM_ADAMW, .weight_decay = 0.1, .beta1 = 0.9, .beta2 = 0.99,
                                  .eps = 1e-8};
    rng_key key = rng_from_seed(plan->seed);
    size_t n = (size_t)(plan->batch_size * plan->model.block_size);
    err e = {0};
    training tr = {.model = nn_gpt_new(&plan->model, true), .tape = ag_tape_new(AG_RELEASE)};
    nn_params_init(&tr.model->params, rng_split(key, 1));
    tr.optim = optim_new(&adamw, &tr.model->params);
    bool ok = train_batches_init(&tr.batches, set, plan->batch_size, plan->model.block_size,
                                 rng_split(key, 2), NULL, "the text of the lesson", &e);
    CHECK(ok, "%s", e.message);
    tr.ids = mem_new(n, sizeof *tr.ids);
    tr.targets = mem_new(n, sizeof *tr.targets);
    return tr;
}

/* Everything but the model. */
static void tear_down(training *tr) {
    free(tr->ids);
    free(tr->targets);
    train_batches_free(&tr->batches);
    optim_free(tr->optim);
    ag_tape_free(tr->tape);
}

static double step(training *tr, int64_t number, double lr) {
    nn_params *params = &tr->model->params;
    train_batches_get(&tr->batches, number, tr->ids, tr->targets);
    ag_tape_reset(tr->tape);
    ag_var *loss = nn_gpt_loss(tr->model, tr->tape, tr->ids, tr->targets, tr->batches.batch_size,
                               tr->batches.block_size);
    ag_backward(tr->tape, loss, 1);
    double norm = optim_grad_norm(params);
    optim_update(tr->optim, lr, norm > 1 ? 1 / norm : 1);
    nn_params_clear_grads(params);
    return loss->value.data[0];
}

nn_gpt *small_gpt_train(const small_gpt_plan *plan, const train_set *set) {
    const optim_lr_plan rates = {OPTIM_COSINE, plan->learning_rate, plan->learning_rate / 10,
                                 plan->steps / 10, plan->steps};
    training tr = set_up(plan, set);
    for (int64_t i = 0; i < plan->steps; i++) {
        double loss = step(&tr, i, optim_learning_rate(&rates, i));
        if (plan->losses) plan->losses[i] = loss;
        if (plan->work) lesson_work_step(plan->work);
    }
    nn_gpt *model = tr.model;
    tear_down(&tr);
    return model;
}

double small_gpt_loss(const nn_gpt *model, const train_set *set) {
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    double loss = train_evaluate(model, t, set, 16, 0).loss;
    ag_tape_free(t);
    return loss;
}
