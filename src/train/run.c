#include "train/run.h"

#include "base/file.h"

#include <stdio.h>

bool train_run_path(const char *folder, const char *name, char *out, err *e) {
    return file_join(out, TRAIN_PATH_SIZE, folder, name, e);
}

nn_gpt_config train_model_config(const config *c, int64_t vocab_size) {
    return (nn_gpt_config){.vocab_size = vocab_size,
                           .block_size = c->block_size,
                           .n_layer = c->n_layer,
                           .n_head = c->n_head,
                           .n_embd = c->n_embd,
                           .dropout = c->dropout,
                           .bias = c->bias,
                           .tie_weights = c->tie_weights,
                           .position = c->position,
                           .activation = c->activation,
                           .norm = c->norm,
                           .init_std = c->init_std};
}

bool train_run_config(config *c, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, "config.ini", path, e)) return false;
    if (!file_exists(path))
        return err_set(e, ERR_INPUT, "%s: not a run: it has no config.ini", folder);
    cfg_defaults(c);
    return cfg_read(c, path, e) && cfg_validate(c, path, e);
}

static bool read_config(train_run *run, err *e) {
    if (!train_run_config(&run->config, run->folder, e)) return false;
    return run->config.objective == TRAIN_GPT ||
           err_set(e, ERR_INPUT, "%s: holds word vectors, not a GPT; try gradus nearest %s WORD",
                   run->folder, run->folder);
}

static bool choose_checkpoint(train_run *run, bool last, err *e) {
    if (!train_run_path(run->folder, "ckpt_best.safetensors", run->checkpoint, e)) return false;
    if (!last && file_exists(run->checkpoint)) return true;
    if (!train_run_path(run->folder, "ckpt.safetensors", run->checkpoint, e)) return false;
    return file_exists(run->checkpoint) ||
           err_set(e, ERR_INPUT, "%s: no checkpoint yet; train it first", run->folder);
}

static bool load_model(train_run *run, bool last, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!choose_checkpoint(run, last, e) || !train_run_path(run->folder, "tokenizer.json", path, e))
        return false;
    run->tok = tok_open(path, e);
    if (!run->tok) return false;
    nn_gpt_config c = train_model_config(&run->config, tok_vocab_size(run->tok));
    run->model = nn_gpt_new(&c, false);
    if (!train_checkpoint_load(run->checkpoint, &run->model->params, NULL, &run->state, e))
        return false;
    if (run->state.tokenizer == tok_fingerprint(run->tok)) return true;
    return err_set(e, ERR_INPUT, "%s: not the tokenizer that %s was trained with", path,
                   run->checkpoint);
}

bool train_run_open(train_run *run, const char *folder, bool last, err *e) {
    *run = (train_run){0};
    int n = snprintf(run->folder, sizeof run->folder, "%s", folder);
    if (n < 0 || (size_t)n >= sizeof run->folder)
        return err_set(e, ERR_INPUT, "%.60s...: path longer than %zu bytes", folder,
                       sizeof run->folder);
    if (read_config(run, e) && load_model(run, last, e)) return true;
    train_run_close(run);
    return false;
}

void train_run_close(train_run *run) {
    tok_free(run->tok);
    nn_gpt_free(run->model);
    run->tok = NULL;
    run->model = NULL;
}
