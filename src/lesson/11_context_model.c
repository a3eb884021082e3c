#include "lesson/11_context.h"

#include "base/mem.h"
#include "lesson/banks.h"
#include "lesson/small_gpt.h"
#include "lesson/small_text.h"

#include <stdlib.h>

bool context_open(context_model *m, const char *folder, err *e) {
    *m = (context_model){.name = folder};
    if (!train_run_open(&m->run, folder, false, e)) return false;
    m->gpt = m->run.model;
    m->tok = m->run.tok;
    return true;
}

enum { SENTENCES = 4000, SEED = 1 };

void context_train(context_model *m, int64_t steps, lesson_progress progress) {
    word_text text = word_text_new(banks_write, SENTENCES, SEED);
    const train_set set = train_set_of(text.ids.data, NULL, (int64_t)text.ids.len);
    double *losses = mem_new((size_t)steps, sizeof *losses);
    lesson_work work = {progress, "training a small GPT on two worlds", steps, 0};
    *m = (context_model){.steps = steps};
    const small_gpt_plan plan = {.model = {.vocab_size = tok_vocab_size(text.tok),
                                           .block_size = 32,
                                           .n_layer = 3,
                                           .n_head = 4,
                                           .n_embd = 32,
                                           .bias = true,
                                           .tie_weights = true,
                                           .init_std = 0.05},
                                 .steps = steps,
                                 .batch_size = 16,
                                 .learning_rate = 0.01,
                                 .seed = SEED,
                                 .losses = losses,
                                 .work = &work};
    m->run.model = small_gpt_train(&plan, &set);
    m->run.tok = text.tok;
    m->gpt = m->run.model;
    m->tok = m->run.tok;
    for (int i = 0; i < CONTEXT_LOSSES; i++)
        m->losses[i] = losses[i * (steps - 1) / (CONTEXT_LOSSES - 1)];
    free(losses);
    tok_ids_free(&text.ids);
}

void context_model_free(context_model *m) {
    train_run_close(&m->run);
}
