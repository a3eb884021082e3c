#include "base/file.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "tensor/gemm.h"
#include "tokenizer/words/words.h"
#include "train/memory.h"
#include "train/precision.h"
#include "train/prepare.h"
#include "train/run.h"
#include "train/text_tokenizer.h"
#include "train/vectors_model.h"

#include <stdio.h>
#include <string.h>

#define USAGE "info RUN|CONFIG.ini [--vocab_size N]"

/* What of the matrix speed a whole training step reaches, as measured in `gradus bench step`. */
static const double typical_share = 0.65;

static double mib(double numbers) {
    return numbers * sizeof(real) / 1048576;
}

static double mib_of(size_t bytes) {
    return (double)bytes / 1048576;
}

static void print_table(const nn_params *params) {
    int64_t total = nn_params_count(params);
    printf("%-28s %-18s %14s %10s\n", "parameter", "shape", "elements", "MiB");
    for (int i = 0; i < params->n; i++) {
        const nn_param *p = params->list[i];
        tensor t = p->var.value;
        char shape[96];
        if (p->columns) t.shape[1] = p->columns;
        int64_t n = tensor_numel(&t);
        printf("%-28s %-18s %14lld %10.2f\n", p->name, tensor_shape_text(&t, shape, sizeof shape),
               (long long)n, mib((double)n));
    }
    printf("%-28s %-18s %14lld %10.2f\n", "total", "", (long long)total, mib((double)total));
}

static void print_parameters(const nn_gpt *m) {
    int64_t total = nn_params_count(&m->params), wte = tensor_numel(&m->wte.weight->value);
    print_table(&m->params);
    printf("embedding matrix wte: %.1f %% of the parameters%s\n",
           100.0 * (double)wte / (double)total,
           m->config.tie_weights ? ", used a second time as the head" : "");
}

static void print_memory(const nn_gpt *m, const config *c) {
    const optim_settings settings = {.type = c->optimizer, .momentum = c->momentum};
    tensor_type activations =
        train_precision_activations(train_precision_choose(c->precision).precision);
    train_memory p = train_memory_predict(&m->config, m->params.numel, &settings, activations,
                                          c->batch_size, c->block_size);
    if (c->watch[0]) p.watch = train_memory_of_watch(&m->config, m->params.numel);
    const struct {
        const char *name;
        size_t bytes;
    } rows[] = {{"parameters", p.parameters},
                {"gradients", p.gradients},
                {"optimizer", p.optimizer},
                {"activations", p.activations},
                {"scratch", p.scratch + p.workspaces},
                {"program", p.program},
                {"watch", p.watch}};
    printf("memory: peak of training about %.1f MiB\n", mib_of(train_memory_total(&p)));
    size_t n = sizeof rows / sizeof *rows - (p.watch == 0);
    for (size_t i = 0; i < n; i++)
        printf("  %-12s %10.1f MiB\n", rows[i].name, mib_of(rows[i].bytes));
}

static void print_costs(const nn_gpt *m, const config *c) {
    double tokens = (double)(c->batch_size * c->block_size * c->gradient_accumulation_steps);
    double flops = nn_gpt_flops_per_token(m, c->block_size) * tokens, speed = tensor_gemm_speed();
    printf(
        "step: %.0f tokens, %.2f GFLOP; matrix speed %.0f GFLOP/s on %d threads, so about %.1f ms (estimated at "
        "%.0f %% of it)\n",
        tokens, 1e-9 * flops, 1e-9 * speed, thread_count(), 1e3 * flops / (typical_share * speed),
        100 * typical_share);
}

static bool read_config(const char *path, config *c, err *e) {
    cfg_defaults(c);
    return cfg_read(c, path, e) && cfg_validate(c, path, e);
}

static int64_t count_words(const config *c, err *e) {
    words w;
    bool ok = words_count(&w, c->dataset, c->min_count, (size_t)c->memory << 20, NULL, e);
    int64_t n = ok ? w.n : 0;
    words_free(&w);
    return n;
}

/* The vocabulary that training with this config would have, or 0 and e. */
static int64_t vocab_size_of(const config *c, const char *path, err *e) {
    const train_watch nobody = {0};
    bool needs_text = c->objective != TRAIN_GPT || train_tokenizer_needs_text(c);
    if (needs_text && !file_exists(c->dataset)) {
        if (c->objective == TRAIN_GPT && c->vocab_size > 0) return c->vocab_size;
        err_set(e, ERR_USAGE,
                "%s: the vocabulary depends on the text; say how large with --vocab_size N", path);
        return 0;
    }
    if (c->objective != TRAIN_GPT) return count_words(c, e);
    tokenizer *tok = train_prepare_tokenizer(c, &nobody, e);
    int64_t vocab_size = tok ? tok_vocab_size(tok) : 0;
    tok_free(tok);
    return vocab_size;
}

static void info_of_gpt(const config *c, int64_t vocab_size) {
    nn_gpt_config mc = train_model_config(c, vocab_size);
    nn_gpt *m = nn_gpt_new(&mc, false);
    print_parameters(m);
    print_memory(m, c);
    print_costs(m, c);
    nn_gpt_free(m);
}

/* Loads the checkpoint, unless it is NULL, and prints what it holds. */
static bool print_vectors(const config *c, int64_t n_words, nn_params *params,
                          const char *checkpoint, err *e) {
    train_state state;
    if (checkpoint && !train_checkpoint_load(checkpoint, params, NULL, &state, e)) return false;
    printf("words: %lld, dimensions: %lld\n", (long long)n_words, (long long)c->vector_size);
    print_table(params);
    if (checkpoint) printf("checkpoint %s: step %lld\n", checkpoint, (long long)state.step);
    return true;
}

static bool info_of_vectors(const config *c, int64_t n_words, const char *checkpoint, err *e) {
    bool ok;
    if (c->objective == TRAIN_GLOVE) {
        glove_settings settings = vectors_glove_settings(c, n_words);
        glove *m = glove_new(&settings, false);
        ok = print_vectors(c, n_words, &m->params, checkpoint, e);
        glove_free(m);
    } else {
        nn_word2vec_config mc = word2vec_model_config(c, n_words);
        nn_word2vec *m = nn_word2vec_new(&mc, false);
        ok = print_vectors(c, n_words, &m->params, checkpoint, e);
        nn_word2vec_free(m);
    }
    return ok;
}

/* A model of the config, not trained, for its table. */
static bool info_of_config(const char *path, int64_t vocab_size, err *e) {
    config c;
    if (!read_config(path, &c, e)) return false;
    if (vocab_size == 0) vocab_size = vocab_size_of(&c, path, e);
    if (vocab_size == 0) return false;
    if (c.objective != TRAIN_GPT) return info_of_vectors(&c, vocab_size, NULL, e);
    info_of_gpt(&c, vocab_size);
    return true;
}

static bool info_of_words(const config *c, const char *folder, err *e) {
    char vocabulary[TRAIN_PATH_SIZE], checkpoint[TRAIN_PATH_SIZE];
    words w = {0};
    bool ok = train_run_path(folder, "vocab.txt", vocabulary, e) &&
              train_run_path(folder, "ckpt.safetensors", checkpoint, e) &&
              words_load(&w, vocabulary, e) && info_of_vectors(c, w.n, checkpoint, e);
    words_free(&w);
    return ok;
}

static bool info_of_run(const char *folder, err *e) {
    config c;
    train_run run;
    if (!train_run_config(&c, folder, e)) return false;
    if (c.objective != TRAIN_GPT) return info_of_words(&c, folder, e);
    if (!train_run_open(&run, folder, true, e)) return false;
    print_parameters(run.model);
    print_memory(run.model, &run.config);
    print_costs(run.model, &run.config);
    printf("checkpoint %s: step %lld, best validation loss %.4f at step %lld\n", run.checkpoint,
           (long long)run.state.step, run.state.best_val_loss, (long long)run.state.best_step);
    train_run_close(&run);
    return true;
}

static bool run(int argc, char **argv, err *e) {
    int64_t vocab_size = 0, threads = 0;
    const args_flag flags[] = {
        {"vocab_size", ARGS_INT, &vocab_size, 1, 1 << 24, "for a config: tokens of the vocabulary"},
        ARGS_THREADS(threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    thread_set_count((int)threads);
    const char *name = a.positional[0];
    size_t length = strlen(name);
    bool is_config = length > 4 && strcmp(name + length - 4, ".ini") == 0;
    if (!is_config && vocab_size > 0)
        return err_set(e, ERR_USAGE, "--vocab_size is for a config; a run has its own vocabulary");
    return is_config ? info_of_config(name, vocab_size, e) : info_of_run(name, e);
}

const cmd cmd_info = {"info", "RUN|CONFIG.ini", "parameters, memory and time of a run or a config",
                      "", run};
