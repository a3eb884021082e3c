#include "train/trainer.h"

#include "base/file.h"
#include "base/mem.h"
#include "io/gnuplot.h"
#include "io/heatmap.h"
#include "tensor/gemm.h"
#include "train/prepare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static optim_settings settings_of(const config *c) {
    return (optim_settings){c->optimizer, c->weight_decay, c->beta1, c->beta2, c->eps, c->momentum};
}

rng_key trainer_key(const config *c, train_stream stream) {
    return rng_split(rng_from_seed((uint64_t)c->seed), stream);
}

static bool open_tokens(trainer *tr, const char *name, train_tokens *tokens, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, name, path, e) &&
           train_tokens_open(tokens, path, tok_vocab_size(tr->tok), e);
}

/* The tokenizer and token files: of the run that goes on, or made from the text. */
static bool set_up_data(trainer *tr, bool resume, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(tr->folder, "tokenizer.json", path, e)) return false;
    tr->tok = resume ? tok_load(path, e) : train_prepare(&tr->c, tr->folder, e);
    if (!tr->tok || !open_tokens(tr, "train.bin", &tr->train, e) ||
        !open_tokens(tr, "val.bin", &tr->val, e))
        return false;
    const char *name = tr->c.dataset[0] ? tr->c.dataset : tr->folder;
    return train_batches_init(&tr->batches, &tr->train, tr->c.batch_size, tr->c.block_size,
                              trainer_key(&tr->c, STREAM_DATA), name, e);
}

static void set_up_model(trainer *tr) {
    nn_gpt_config mc = train_model_config(&tr->c, tok_vocab_size(tr->tok));
    tr->model = nn_gpt_new(&mc, true);
    optim_settings settings = settings_of(&tr->c);
    tr->optim = optim_new(&settings, &tr->model->params);
    tr->tape = ag_tape_new(AG_RELEASE);
    tr->eval_tape = ag_tape_new(AG_NO_GRAD);
    size_t batch = (size_t)(tr->c.batch_size * tr->c.block_size);
    tr->ids = mem_new(batch, sizeof *tr->ids);
    tr->targets = mem_new(batch, sizeof *tr->targets);
    tr->state = (train_state){.last_eval_step = -1,
                              .last_val_loss = INFINITY,
                              .best_val_loss = INFINITY,
                              .tokenizer = tok_fingerprint(tr->tok),
                              .data = train_tokens_fingerprint(&tr->train)};
}

static bool load_state(trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(tr->folder, "ckpt.safetensors", path, e)) return false;
    train_state expected = tr->state;
    if (!train_checkpoint_load(path, tr->model, tr->optim, &tr->state, e)) return false;
    if (tr->state.tokenizer != expected.tokenizer)
        return err_set(e, ERR_INPUT,
                       "%s: was trained with another tokenizer than %s/tokenizer.json", path,
                       tr->folder);
    if (tr->state.data != expected.data)
        return err_set(e, ERR_INPUT, "%s: was trained on other tokens than %s/train.bin", path,
                       tr->folder);
    return true;
}

static const char *const log_columns[N_LOG_COLUMNS] = {
    [LOG_STEP] = "step", [LOG_TRAIN_LOSS] = "train_loss", [LOG_VAL_LOSS] = "val_loss",
    [LOG_LR] = "lr",     [LOG_GRAD_NORM] = "grad_norm",   [LOG_TOKENS_PER_S] = "tokens_per_s",
};

static bool open_log(trainer *tr, bool resume, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(tr->folder, "log.csv", path, e)) return false;
    if (resume && file_exists(path))
        return io_csv_resume(&tr->log, path, log_columns, N_LOG_COLUMNS, (double)tr->state.step, e);
    return io_csv_create(&tr->log, path, log_columns, N_LOG_COLUMNS, e);
}

static bool write_config(const config *c, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, "config.ini", path, e)) return false;
    str text = {0};
    cfg_write(c, &text);
    bool ok = file_write(path, text.data, text.len, e);
    str_free(&text);
    return ok;
}

/* What a run must keep to go on as if it had never stopped. */
static const char *const fixed_keys[] = {
    "seed",       "tokenizer", "min_count",   "val_fraction", "n_layer",    "n_head", "n_embd",
    "block_size", "bias",      "tie_weights", "position",     "activation", "norm",   "optimizer"};

static bool check_same_value(const config *old, const config *c, const char *key, const char *path,
                             err *e) {
    str before = {0}, now = {0};
    cfg_write_value(old, key, &before);
    cfg_write_value(c, key, &now);
    bool same = strcmp(before.data, now.data) == 0 ||
                err_set(e, ERR_INPUT, "%s: the run began with %s = %s and cannot go on with %s",
                        path, key, before.data, now.data);
    str_free(&before);
    str_free(&now);
    return same;
}

/* A run keeps its text; a config that names none gets the run's own. */
static bool check_same_text(const config *old, config *c, const char *path, err *e) {
    if (c->dataset[0] && !file_same(old->dataset, c->dataset))
        return check_same_value(old, c, "dataset", path, e);
    memcpy(c->dataset, old->dataset, sizeof c->dataset);
    return true;
}

static bool check_same_run(config *c, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    config old;
    cfg_defaults(&old);
    if (!train_run_path(folder, "config.ini", path, e) || !cfg_read(&old, path, e)) return false;
    for (size_t i = 0; i < sizeof fixed_keys / sizeof *fixed_keys; i++)
        if (!check_same_value(&old, c, fixed_keys[i], path, e)) return false;
    return check_same_text(&old, c, path, e);
}

static bool check_start(const char *folder, train_start start, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, "ckpt.safetensors", path, e)) return false;
    bool exists = file_exists(path);
    if (start == TRAIN_NEW && exists)
        return err_set(e, ERR_INPUT,
                       "%s: holds a run already; go on with --resume, begin anew with --overwrite",
                       folder);
    if (start == TRAIN_RESUME && !exists)
        return err_set(e, ERR_INPUT, "%s: nothing to resume: no ckpt.safetensors", folder);
    return true;
}

bool trainer_set_up(trainer *tr, train_start start, err *e) {
    bool resume = start == TRAIN_RESUME;
    if (!check_start(tr->folder, start, e)) return false;
    if (resume && !check_same_run(&tr->c, tr->folder, e)) return false;
    if (!set_up_data(tr, resume, e)) return false;
    set_up_model(tr);
    if (resume && !load_state(tr, e)) return false;
    if (!resume) nn_params_init(&tr->model->params, trainer_key(&tr->c, STREAM_INIT));
    tr->smoothed_loss = NAN;
    tr->gemm_speed = tensor_gemm_speed();
    return write_config(&tr->c, tr->folder, e) && open_log(tr, resume, e);
}

void trainer_tear_down(trainer *tr) {
    io_csv_close(&tr->log);
    free(tr->ids);
    free(tr->targets);
    ag_tape_free(tr->tape);
    ag_tape_free(tr->eval_tape);
    optim_free(tr->optim);
    nn_gpt_free(tr->model);
    train_batches_free(&tr->batches);
    train_tokens_close(&tr->train);
    train_tokens_close(&tr->val);
    tok_free(tr->tok);
}

bool trainer_save(const trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, "ckpt.safetensors", path, e) &&
           train_checkpoint_save(path, tr->model, tr->optim, &tr->state, e);
}

bool trainer_save_best(const trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, "ckpt_best.safetensors", path, e) &&
           train_checkpoint_save(path, tr->model, NULL, &tr->state, e);
}

/* Pictures are a help, not the work: what goes wrong with them is a warning, once. */
void trainer_draw_plot(trainer *tr) {
    err e = {0};
    if (!tr->can_plot) return;
    tr->can_plot = io_plot_write_script(tr->folder, tr->folder, &e) && io_plot_draw(tr->folder, &e);
    if (tr->can_plot) return;
    char message[sizeof e.message + 64];
    snprintf(message, sizeof message, "no loss.png: %s (the numbers are in log.csv)", e.message);
    tr->observer->warned(tr->observer->context, message);
}

void trainer_draw_embedding(trainer *tr) {
    err e = {0};
    char path[TRAIN_PATH_SIZE];
    const tensor *wte = &tr->model->wte.weight->value;
    bool ok = train_run_path(tr->folder, "embedding.png", path, &e) &&
              io_heatmap_write(path, wte->data, wte->shape[0], wte->shape[1], "wte.weight", &e);
    if (!ok) tr->observer->warned(tr->observer->context, e.message);
}
