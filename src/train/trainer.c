#include "train/trainer.h"

#include "base/mem.h"
#include "io/heatmap.h"
#include "train/prepare.h"
#include "train/rows.h"

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

static bool open_set(trainer *tr, const char *name, train_set *set, err *e) {
    return train_set_open(set, tr->folder, name, tok_vocab_size(tr->tok),
                          tr->c.format == TRAIN_CHAT, e);
}

/* The tokenizer: of the run that goes on, or made from the data set. */
static tokenizer *set_up_tokenizer(trainer *tr, bool resume, err *e) {
    char path[TRAIN_PATH_SIZE];
    const train_watch watch = {tr->observer, tr->stop};
    if (!resume) return train_prepare(&tr->c, tr->folder, &watch, e);
    return train_run_path(tr->folder, "tokenizer.json", path, e) ? tok_open(path, e) : NULL;
}

static bool set_up_data(trainer *tr, bool resume, err *e) {
    const config *c = &tr->c;
    tr->tok = set_up_tokenizer(tr, resume, e);
    if (!tr->tok || !open_set(tr, "train", &tr->train, e) || !open_set(tr, "val", &tr->val, e))
        return false;
    tr->resample = (train_resample){tr->tok, &tr->train, c->bpe_dropout, c->unigram_alpha,
                                    trainer_key(c, STREAM_SUBWORD)};
    bool samples = c->bpe_dropout > 0 || c->unigram_alpha > 0;
    return train_batches_init(&tr->batches, &tr->train, c->batch_size, c->block_size,
                              trainer_key(c, STREAM_DATA), samples ? &tr->resample : NULL,
                              c->dataset[0] ? c->dataset : tr->folder, e);
}

/* Rows of tokens that the vectors of init_wte name are put over the drawn ones. */
static bool put_init(trainer *tr, err *e) {
    io_vectors v;
    const tensor *wte = &tr->model->wte.weight->value;
    int64_t n_found = 0;
    bool ok = train_read_vectors(&v, tr->c.init_wte, 0, e);
    if (ok && v.width != tr->c.n_embd)
        ok = err_set(e, ERR_INPUT, "%s: vectors of %lld numbers, n_embd is %lld", tr->c.init_wte,
                     (long long)v.width, (long long)tr->c.n_embd);
    for (int64_t i = 0; ok && i < v.n; i++) {
        int32_t id = tok_find(tr->tok, v.names[i], strlen(v.names[i]));
        if (id < 0) continue;
        memcpy(wte->data + id * v.width, v.rows + i * v.width, (size_t)v.width * sizeof(real));
        n_found++;
    }
    if (ok && n_found == 0)
        ok = err_set(e, ERR_INPUT, "%s: none of its %lld words is a token of %s", tr->c.init_wte,
                     (long long)v.n, tr->folder);
    io_vectors_free(&v);
    return ok;
}

/* The numbers that the run begins with. */
static bool draw_model(trainer *tr, err *e) {
    nn_params_init(&tr->model->params, trainer_key(&tr->c, STREAM_INIT));
    return !tr->c.init_wte[0] || put_init(tr, e);
}

static bool begin_watch(trainer *tr, err *e) {
    const tensor *wte = &tr->model->wte.weight->value;
    tr->matrix = (io_vectors){.n = wte->shape[0], .width = wte->shape[1], .rows = wte->data};
    rows_name_tokens(&tr->matrix, tr->tok);
    return watcher_begin(&tr->watcher, &tr->c, tr->folder, &tr->model->params, &tr->matrix, tr->tok,
                         e);
}

/* The run keeps what it gets here, so that it goes on in it. */
static bool choose_precision(trainer *tr, bool resume, err *e) {
    if (resume && !train_precision_keep(&tr->c, tr->folder, e)) return false;
    tr->precision = train_precision_choose(tr->c.precision);
    tr->c.precision = tr->precision.precision;
    tr->gemm_speed = train_precision_speed(tr->c.precision);
    if (tr->precision.warning[0])
        tr->observer->warned(tr->observer->context, tr->precision.warning);
    return true;
}

static void set_up_model(trainer *tr) {
    nn_gpt_config mc = train_model_config(&tr->c, tok_vocab_size(tr->tok));
    tr->model = nn_gpt_new(&mc, true);
    nn_param_of(tr->model->wte.weight)->lr_scale = tr->c.freeze_wte ? 0 : tr->c.wte_lr_scale;
    optim_settings settings = settings_of(&tr->c);
    tr->optim = optim_new(&settings, &tr->model->params);
    tr->tape = ag_tape_new(AG_RELEASE);
    ag_tape_set_activations(tr->tape, train_precision_activations(tr->c.precision));
    size_t batch =
        (size_t)(tr->c.batch_size * tr->c.block_size * tr->c.gradient_accumulation_steps);
    tr->ids = mem_new(batch, sizeof *tr->ids);
    tr->targets = mem_new(batch, sizeof *tr->targets);
    tr->state = (train_state){.last_eval_step = -1,
                              .last_val_loss = INFINITY,
                              .best_val_loss = INFINITY,
                              .tokenizer = tok_fingerprint(tr->tok),
                              .data = train_set_fingerprint(&tr->train)};
}

static bool load_state(trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(tr->folder, "ckpt.safetensors", path, e)) return false;
    train_state expected = tr->state;
    if (!train_checkpoint_load(path, &tr->model->params, tr->optim, &tr->state, e)) return false;
    if (tr->state.tokenizer != expected.tokenizer)
        return err_set(e, ERR_INPUT,
                       "%s: was trained with another tokenizer than %s/tokenizer.json", path,
                       tr->folder);
    if (tr->state.data != expected.data)
        return err_set(e, ERR_INPUT, "%s: was trained on other tokens than %s/train.bin", path,
                       tr->folder);
    return true;
}

/* What a run must keep to go on as if it had never stopped. */
static const char *const fixed_keys[] = {"seed",          "format",         "tokenizer",
                                         "vocab_size",    "special_tokens", "normalize",
                                         "byte_fallback", "min_count",      "character_coverage",
                                         "val_fraction",  "n_layer",        "n_head",
                                         "n_embd",        "block_size",     "bias",
                                         "tie_weights",   "position",       "activation",
                                         "norm",          "init_wte",       "freeze_wte",
                                         "optimizer",     "bpe_dropout",    "unigram_alpha"};

bool trainer_set_up(trainer *tr, train_start start, err *e) {
    bool resume = start == TRAIN_RESUME;
    if (!run_folder_check_start(tr->folder, start, e)) return false;
    size_t n_keys = sizeof fixed_keys / sizeof *fixed_keys;
    if (resume && !run_folder_check_same(tr->folder, &tr->c, fixed_keys, n_keys, e)) return false;
    if (!choose_precision(tr, resume, e) || !set_up_data(tr, resume, e)) return false;
    set_up_model(tr);
    bool watched = watcher_wanted(&tr->c);
    if ((!resume || watched) && !draw_model(tr, e)) return false;
    if (watched && !begin_watch(tr, e)) return false;
    if (resume && !load_state(tr, e)) return false;
    tr->smoothed_loss = NAN;
    return (!watched || watcher_open(&tr->watcher, resume, tr->state.step, e)) &&
           run_folder_write_config(&tr->c, tr->folder, e) &&
           run_folder_open_log(tr->folder, &tr->log, resume, tr->state.step, e);
}

void trainer_tear_down(trainer *tr) {
    io_csv_close(&tr->log);
    watcher_free(&tr->watcher);
    tr->matrix.rows = NULL; /* the model's */
    io_vectors_free(&tr->matrix);
    free(tr->ids);
    free(tr->targets);
    ag_tape_free(tr->tape);
    optim_free(tr->optim);
    nn_gpt_free(tr->model);
    train_batches_free(&tr->batches);
    train_set_close(&tr->train);
    train_set_close(&tr->val);
    tok_free(tr->tok);
}

bool trainer_save(const trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, "ckpt.safetensors", path, e) &&
           train_checkpoint_save(path, &tr->model->params, tr->optim, &tr->state, e);
}

bool trainer_save_best(const trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, "ckpt_best.safetensors", path, e) &&
           train_checkpoint_save(path, &tr->model->params, NULL, &tr->state, e);
}

void trainer_draw_plot(trainer *tr) {
    if (tr->can_plot) tr->can_plot = run_folder_draw_plot(tr->folder, tr->observer);
}

void trainer_draw_embedding(trainer *tr) {
    err e = {0};
    char path[TRAIN_PATH_SIZE];
    const tensor *wte = &tr->model->wte.weight->value;
    bool ok = train_run_path(tr->folder, "embedding.png", path, &e) &&
              io_heatmap_write(path, wte->data, wte->shape[0], wte->shape[1], "wte.weight", &e);
    if (!ok) tr->observer->warned(tr->observer->context, e.message);
}
