#include "base/check.h"
#include "base/mem.h"
#include "lesson/14_mistakes.h"
#include "lesson/small_text.h"
#include "nn/gpt.h"
#include "train/batches.h"
#include "train/kingdom.h"
#include "train/optim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCES = 300, BATCH = 8, BLOCK = 16, SEED = 1 };

/* A small GPT and the batches of a small text. */
typedef struct bench {
    word_text text;
    train_set set;
    train_batches batches;
    nn_gpt *model;
    ag_tape *tape;
} bench;

static void set_up(bench *b) {
    rng_key key = rng_from_seed(SEED);
    err e = {0};
    const word_text text = word_text_new(train_kingdom_write, SENTENCES, SEED);
    const nn_gpt_config shape = {.vocab_size = tok_vocab_size(text.tok),
                                 .block_size = BLOCK,
                                 .n_layer = 1,
                                 .n_head = 2,
                                 .n_embd = 16,
                                 .bias = true,
                                 .tie_weights = true,
                                 .init_std = 0.1};
    *b = (bench){.text = text, .tape = ag_tape_new(AG_RELEASE)};
    b->set = train_set_of(text.ids.data, NULL, (int64_t)text.ids.len);
    bool ok = train_batches_init(&b->batches, &b->set, BATCH, BLOCK, rng_split(key, 1), NULL,
                                 "the text of the lesson", &e);
    CHECK(ok, "%s", e.message);
    b->model = nn_gpt_new(&shape, true);
    nn_params_init(&b->model->params, rng_split(key, 2));
}

static void tear_down(bench *b) {
    nn_gpt_free(b->model);
    ag_tape_free(b->tape);
    train_batches_free(&b->batches);
    word_text_free(&b->text);
}

/* Adds the gradient of batch number `index` to what is there; its loss. */
static double add_gradient(bench *b, int64_t index) {
    int32_t ids[BATCH * BLOCK], targets[BATCH * BLOCK];
    train_batches_get(&b->batches, index, ids, targets);
    ag_tape_reset(b->tape);
    ag_var *loss = nn_gpt_loss(b->model, b->tape, ids, targets, BATCH, BLOCK);
    ag_backward(b->tape, loss, 1);
    return (double)loss->value.data[0];
}

static real *copy_of(const real *x, int64_t n) {
    real *copy = mem_new((size_t)n, sizeof *copy);
    return memcpy(copy, x, (size_t)n * sizeof *copy);
}

mistakes_course mistakes_train(mistakes_loop loop) {
    static const optim_settings descent = {.type = OPTIM_SGD};
    mistakes_course course;
    bench b;
    set_up(&b);
    nn_params *params = &b.model->params;
    ag_var *embedding = b.model->wte.weight;
    int64_t n = tensor_numel(&embedding->value);
    real *begin = copy_of(embedding->value.data, n);
    optim *o = optim_new(&descent, params);
    if (loop == MISTAKES_FROZEN) nn_param_of(embedding)->lr_scale = 0;
    for (int64_t i = 0; i < MISTAKES_STEPS; i++) {
        course.losses[i] = add_gradient(&b, i);
        course.norms[i] = optim_grad_norm(params);
        course.embedding_norm = sqrt(tensor_sum_squares(embedding->grad.data, n));
        optim_update(o, 0.5, 1);
        if (loop != MISTAKES_UNCLEARED) nn_params_clear_grads(params);
    }
    course.drift = sqrt(tensor_sum_squared_difference(embedding->value.data, begin, n));
    optim_free(o);
    free(begin);
    tear_down(&b);
    return course;
}

mistakes_sum mistakes_add_gradients(void) {
    mistakes_sum sum = {0};
    bench b;
    set_up(&b);
    nn_params *params = &b.model->params;
    int64_t n = params->numel;
    real *apart[2];
    for (int i = 0; i < 2; i++) {
        add_gradient(&b, i);
        double norm = optim_grad_norm(params);
        *(i ? &sum.second : &sum.first) = norm;
        apart[i] = copy_of(params->grad, n);
        nn_params_clear_grads(params);
    }
    add_gradient(&b, 0);
    add_gradient(&b, 1);
    sum.both = optim_grad_norm(params);
    for (int64_t i = 0; i < n; i++) {
        double both = (double)params->grad[i], added = (double)apart[0][i] + (double)apart[1][i];
        sum.difference = fmax(sum.difference, fabs(both - added));
        sum.largest = fmax(sum.largest, fabs(both));
    }
    free(apart[0]);
    free(apart[1]);
    tear_down(&b);
    return sum;
}
