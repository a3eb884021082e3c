/* 06: a GPT over characters learns a short text by heart. Tokenizer, batches, model, optimizer and
 * sampling are the same that `gradus train` puts together; here the loop is ours.
 *
 *     make examples && build/examples/06_tiny_gpt
 *     cc -O2 -fopenmp -Isrc examples/06_tiny_gpt.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 06_tiny_gpt
 */
#include "gradus.h"

#include <string.h>

static const char poem[] = "A token is a number, and a number is a row;\n"
                           "a row is pulled by every word it happens near to go.\n"
                           "The loss looks back along the tape to see what each has done,\n"
                           "and all the parts that reach a row are added into one.\n";

enum { B = 8, T = 32, STEPS = 200 };

static void train(nn_gpt *m, train_batches *batches) {
    optim_settings settings = {OPTIM_ADAMW, .weight_decay = 0.1, .beta1 = 0.9, .beta2 = 0.99, 1e-8};
    optim_lr_plan plan = {OPTIM_COSINE, 1e-2, 1e-3, .warmup_iters = 10, .decay_iters = STEPS};
    optim *o = optim_new(&settings, &m->params);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    int32_t ids[B * T], targets[B * T];
    for (int step = 0; step < STEPS; step++) {
        train_batches_get(batches, step, ids, targets);
        ag_tape_reset(t);
        ag_var *loss = nn_gpt_loss(m, t, ids, targets, B, T);
        ag_backward(t, loss, 1);
        optim_update(o, optim_learning_rate(&plan, step), 1);
        nn_params_clear_grads(&m->params);
        if (step % 40 == 39) printf("step %3d  loss %.4f\n", step + 1, (double)loss->value.data[0]);
    }
    ag_tape_free(t);
    optim_free(o);
}

/* The full stop ends the sample. */
static bool print_token(void *tok, int64_t sample, int32_t id) {
    (void)sample;
    size_t length;
    return putchar(*tok_piece(tok, id, &length)) != '.';
}

int main(void) {
    err e = {0};
    tok_ids text = {0};
    tokenizer *tok =
        tok_train(&(tok_training){.type = TOK_CHAR}, &(tok_text){poem, strlen(poem)}, 1, &e);
    tok_encode(tok, poem, strlen(poem), NULL, &text);

    nn_gpt_config c = {.vocab_size = tok_vocab_size(tok),
                       .block_size = T,
                       .n_layer = 2,
                       .n_head = 2,
                       .n_embd = 32,
                       .bias = true,
                       .tie_weights = true,
                       .init_std = 0.1};
    nn_gpt *m = nn_gpt_new(&c, true);
    nn_params_init(&m->params, rng_from_seed(1));
    printf("%zu characters, %lld of them different; %lld parameters\n", text.len,
           (long long)c.vocab_size, (long long)nn_params_count(&m->params));

    train_batches batches;
    train_set set = train_set_of(text.data, NULL, (int64_t)text.len);
    if (!train_batches_init(&batches, &set, B, T, rng_from_seed(2), NULL, "the poem", &e)) return 1;
    train(m, &batches);
    printf("%.8s", poem); /* then each time the likeliest character */
    train_generator *g = train_generator_new(m, 1, true);
    train_generate(g, text.data, 8, 200, &(train_sampling){.top_p = 1}, &(rng_key){0}, 1,
                   print_token, tok);
    printf("\n");
    train_generator_free(g);
    train_batches_free(&batches);
    nn_gpt_free(m);
    tok_ids_free(&text);
    tok_free(tok);
    return 0;
}
