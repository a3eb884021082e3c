#include "lesson/07_tying.h"

#include "autograd/ops.h"
#include "base/mem.h"
#include "base/thread.h"
#include "lesson/03_matrix.h"
#include "lesson/small_gpt.h"
#include "train/kingdom.h"

#include <math.h>
#include <stdlib.h>

enum { SEED = 7 };

tying_text tying_text_new(int64_t n_sentences) {
    tying_text text = {.words = word_text_new(train_kingdom_write, n_sentences, SEED)};
    const tok_ids *ids = &text.words.ids;
    int64_t n = (int64_t)ids->len;
    text.n_train = n - n / 10;
    text.held_out = train_set_of(ids->data + text.n_train, NULL, n - text.n_train);
    return text;
}

void tying_text_free(tying_text *text) {
    word_text_free(&text->words);
}

tying_run tying_train(const tying_text *text, double share, bool tied, int64_t n_steps,
                      lesson_progress progress) {
    tying_run run = {.losses = mem_new((size_t)n_steps, sizeof *run.losses)};
    lesson_work work = {progress, tied ? "training, tied" : "training, not tied", n_steps, 0};
    const small_gpt_plan plan = {.model = {.vocab_size = tok_vocab_size(text->words.tok),
                                           .block_size = 32,
                                           .n_layer = 2,
                                           .n_head = 2,
                                           .n_embd = 64,
                                           .bias = true,
                                           .tie_weights = tied,
                                           .init_std = 0.05},
                                 .steps = n_steps,
                                 .batch_size = 8,
                                 .learning_rate = 3e-3,
                                 .seed = SEED,
                                 .losses = run.losses,
                                 .work = &work};
    const train_set set =
        train_set_of(text->words.ids.data, NULL, (int64_t)(share * (double)text->n_train));
    double start = thread_clock();
    run.model = small_gpt_train(&plan, &set);
    run.seconds = thread_clock() - start;
    run.n_parameters = nn_params_count(&run.model->params);
    run.train_loss = small_gpt_loss(run.model, &set);
    run.held_out_loss = small_gpt_loss(run.model, &text->held_out);
    return run;
}

void tying_run_free(tying_run *run) {
    nn_gpt_free(run->model);
    free(run->losses);
}

tying_gradient tying_compare(nn_gpt *model, const train_trace *trace) {
    const int64_t n = trace->V * trace->C;
    tying_gradient g = {0};
    double dot = 0, largest = 0;
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_backward(t, nn_gpt_loss(model, t, trace->ids, trace->ids + 1, 1, trace->T), 1);
    ag_grad_densify(model->wte.weight);
    for (int64_t i = 0; i < n; i++) {
        double x = (double)trace->input[i], y = (double)trace->output[i];
        double trained = (double)model->wte.weight->grad.data[i];
        g.input += x * x, g.output += y * y, g.sum += (x + y) * (x + y), dot += x * y;
        g.apart = fmax(g.apart, fabs(x + y - trained));
        largest = fmax(largest, fabs(trained));
    }
    ag_tape_free(t);
    nn_params_clear_grads(&model->params);
    g.input = sqrt(g.input), g.output = sqrt(g.output), g.sum = sqrt(g.sum);
    g.cosine = dot / (g.input * g.output);
    g.apart /= largest;
    return g;
}

int64_t tying_gpt2_parameters(bool tied) {
    const matrix_model *gpt2 = &matrix_models[MATRIX_GPT2];
    nn_gpt_config shape = gpt2->shape;
    shape.tie_weights = tied;
    return matrix_count(&shape, gpt2->hidden);
}
