#include "train/loop.h"

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/thread.h"
#include "io/csv.h"
#include "io/gnuplot.h"
#include "io/heatmap.h"
#include "tensor/gemm.h"
#include "train/batches.h"
#include "train/diagnose.h"
#include "train/evaluate.h"
#include "train/prepare.h"
#include "train/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const log_columns[] = {"step", "train_loss", "val_loss",
                                          "lr",   "grad_norm",  "tokens_per_s"};
enum { N_COLUMNS = sizeof log_columns / sizeof *log_columns };

typedef struct trainer {
    const config *c;
    const char *folder;
    const train_observer *observer;
    tokenizer *tok;
    train_tokens train, val;
    train_batches batches;
    nn_gpt *model;
    optim *optim;
    ag_tape *tape, *eval_tape;
    int32_t *ids, *targets; /* of one micro-batch */
    io_csv log;
    train_state state;
    double smoothed_loss, gemm_speed;
    bool can_plot;
} trainer;

static optim_settings settings_of(const config *c) {
    return (optim_settings){c->optimizer, c->weight_decay, c->beta1, c->beta2, c->eps, c->momentum};
}

static optim_lr_plan lr_plan_of(const config *c) {
    int64_t decay_iters = c->lr_decay_iters > 0 ? c->lr_decay_iters : c->max_iters;
    return (optim_lr_plan){c->lr_schedule, c->learning_rate, c->min_lr, c->warmup_iters,
                           decay_iters};
}

/* Streams of random numbers of one run. */
enum { STREAM_INIT = 1, STREAM_DATA = 2, STREAM_DROPOUT = 3 };

static rng_key key_of(const config *c, uint64_t stream) {
    return rng_split(rng_from_seed((uint64_t)c->seed), stream);
}

static int64_t tokens_per_step(const config *c) {
    return c->batch_size * c->block_size * c->gradient_accumulation_steps;
}

/* --- setting up ------------------------------------------------------------------------------- */

static bool open_tokens(trainer *tr, const char *name, train_tokens *tokens, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, name, path, e) &&
           train_tokens_open(tokens, path, tok_vocab_size(tr->tok), e);
}

/* The tokenizer and token files: of the run that goes on, or made from the text. */
static bool set_up_data(trainer *tr, bool resume, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(tr->folder, "tokenizer.json", path, e)) return false;
    tr->tok = resume ? tok_load(path, e) : train_prepare(tr->c, tr->folder, e);
    if (!tr->tok || !open_tokens(tr, "train.bin", &tr->train, e) ||
        !open_tokens(tr, "val.bin", &tr->val, e))
        return false;
    const char *name = tr->c->dataset[0] ? tr->c->dataset : tr->folder;
    if (tr->val.n < 2)
        return err_set(e, ERR_INPUT, "%s: %lld tokens for validation, at least 2 are needed", name,
                       (long long)tr->val.n);
    return train_batches_init(&tr->batches, &tr->train, tr->c->batch_size, tr->c->block_size,
                              key_of(tr->c, STREAM_DATA), name, e);
}

static void set_up_model(trainer *tr) {
    nn_gpt_config mc = train_model_config(tr->c, tok_vocab_size(tr->tok));
    tr->model = nn_gpt_new(&mc, true, key_of(tr->c, STREAM_INIT));
    optim_settings settings = settings_of(tr->c);
    tr->optim = optim_new(&settings, &tr->model->params);
    tr->tape = ag_tape_new(AG_RELEASE);
    tr->eval_tape = ag_tape_new(AG_NO_GRAD);
    size_t batch = (size_t)(tr->c->batch_size * tr->c->block_size);
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

static bool open_log(trainer *tr, bool resume, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(tr->folder, "log.csv", path, e)) return false;
    if (resume)
        return io_csv_resume(&tr->log, path, log_columns, N_COLUMNS, (double)tr->state.step, e);
    return io_csv_create(&tr->log, path, log_columns, N_COLUMNS, e);
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

/* A run goes on only with the model and the tokens that it began with. */
static bool check_same_model(const config *c, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    config old;
    cfg_defaults(&old);
    if (!train_run_path(folder, "config.ini", path, e) || !cfg_read(&old, path, e)) return false;
    const char *key = NULL;
    if (old.n_layer != c->n_layer) key = "n_layer";
    if (old.n_head != c->n_head) key = "n_head";
    if (old.n_embd != c->n_embd) key = "n_embd";
    if (old.block_size != c->block_size) key = "block_size";
    if (old.bias != c->bias) key = "bias";
    if (old.tie_weights != c->tie_weights) key = "tie_weights";
    if (old.position != c->position) key = "position";
    if (old.activation != c->activation) key = "activation";
    if (old.norm != c->norm) key = "norm";
    if (old.optimizer != c->optimizer) key = "optimizer";
    if (old.tokenizer != c->tokenizer) key = "tokenizer";
    return !key ||
           err_set(e, ERR_INPUT, "%s: the run began with another %s; it cannot go on with this one",
                   path, key);
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

static bool set_up(trainer *tr, train_start start, err *e) {
    bool resume = start == TRAIN_RESUME;
    if (!check_start(tr->folder, start, e)) return false;
    if (resume && !check_same_model(tr->c, tr->folder, e)) return false;
    if (!file_make_folder(tr->folder, e) || !set_up_data(tr, resume, e)) return false;
    set_up_model(tr);
    if (resume && !load_state(tr, e)) return false;
    tr->smoothed_loss = NAN;
    tr->gemm_speed = tensor_gemm_speed();
    return write_config(tr->c, tr->folder, e) && open_log(tr, resume, e);
}

static void tear_down(trainer *tr) {
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

/* --- saving ----------------------------------------------------------------------------------- */

static bool save(trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, "ckpt.safetensors", path, e) &&
           train_checkpoint_save(path, tr->model, tr->optim, &tr->state, e);
}

static bool save_best(trainer *tr, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(tr->folder, "ckpt_best.safetensors", path, e) &&
           train_checkpoint_save(path, tr->model, NULL, &tr->state, e);
}

/* Pictures are a help, not the work: what goes wrong with them is a warning, once. */
static void draw(trainer *tr) {
    err e = {0};
    if (!tr->can_plot) return;
    tr->can_plot = io_plot_write_script(tr->folder, tr->folder, &e) && io_plot_draw(tr->folder, &e);
    if (tr->can_plot) return;
    char message[sizeof e.message + 64];
    snprintf(message, sizeof message, "no loss.png: %s (the numbers are in log.csv)", e.message);
    tr->observer->warned(tr->observer->context, message);
}

static void draw_embedding(trainer *tr) {
    err e = {0};
    char path[TRAIN_PATH_SIZE];
    const tensor *wte = &tr->model->wte.weight->value;
    bool ok = train_run_path(tr->folder, "embedding.png", path, &e) &&
              io_heatmap_write(path, wte->data, wte->shape[0], wte->shape[1], "wte.weight", &e);
    if (!ok) tr->observer->warned(tr->observer->context, e.message);
}

/* --- one step --------------------------------------------------------------------------------- */

/* Loss and gradients of all micro-batches of the step; the mean loss, or NAN with e. */
static double accumulate_gradients(trainer *tr, err *e) {
    int64_t n = tr->c->gradient_accumulation_steps;
    rng_key step_key = rng_split(key_of(tr->c, STREAM_DROPOUT), (uint64_t)tr->state.step);
    double loss = 0;
    for (int64_t i = 0; i < n; i++) {
        train_batches_get(&tr->batches, tr->state.step * n + i, tr->ids, tr->targets);
        ag_tape_reset(tr->tape);
        ag_tape_set_key(tr->tape, rng_split(step_key, (uint64_t)i));
        ag_var *y = nn_gpt_loss(tr->model, tr->tape, tr->ids, tr->targets, tr->c->batch_size,
                                tr->c->block_size);
        if (!isfinite(y->value.data[0])) {
            train_diagnose_loss(tr->tape, y, tr->state.step + 1, tr->folder, e);
            return NAN;
        }
        loss += y->value.data[0] / (double)n;
        ag_backward(tr->tape, y, 1 / (real)n);
    }
    return loss;
}

static bool step(trainer *tr, train_step_info *info, err *e) {
    const config *c = tr->c;
    double start = thread_clock();
    info->loss = accumulate_gradients(tr, e);
    if (e->code) return false;
    info->grad_norm = optim_grad_norm(&tr->model->params);
    if (!isfinite(info->grad_norm))
        return train_diagnose_gradient(&tr->model->params, tr->state.step + 1, tr->folder, e);
    optim_lr_plan plan = lr_plan_of(c);
    info->lr = optim_learning_rate(&plan, tr->state.step);
    bool clip = c->grad_clip > 0 && info->grad_norm > c->grad_clip;
    optim_update(tr->optim, info->lr, clip ? c->grad_clip / info->grad_norm : 1);
    nn_params_clear_grads(&tr->model->params);

    info->step = ++tr->state.step;
    info->seconds = thread_clock() - start;
    info->tokens_per_s = (double)tokens_per_step(c) / info->seconds;
    info->gemm_share =
        info->tokens_per_s * nn_gpt_flops_per_token(tr->model, c->block_size) / tr->gemm_speed;
    info->logged = info->step % c->log_interval == 0;
    tr->smoothed_loss =
        isnan(tr->smoothed_loss) ? info->loss : 0.95 * tr->smoothed_loss + 0.05 * info->loss;
    info->smoothed_loss = tr->smoothed_loss;
    tr->state.loss_sum += info->loss;
    tr->state.loss_count++;
    return true;
}

/* --- evaluation ------------------------------------------------------------------------------- */

/* Evaluates, keeps the state's account of the best. */
static train_eval_info evaluate(trainer *tr, bool *is_finite) {
    int64_t n = tr->c->eval_iters * tr->c->batch_size;
    train_state *s = &tr->state;
    train_eval_info info = {.step = s->step};
    info.train_loss =
        train_evaluate(tr->model, tr->eval_tape, &tr->train, tr->c->batch_size, n).loss;
    info.val_loss = train_evaluate(tr->model, tr->eval_tape, &tr->val, tr->c->batch_size, n).loss;
    info.is_best = info.val_loss < s->best_val_loss;
    s->last_eval_step = s->step;
    s->last_val_loss = info.val_loss;
    s->bad_evals = info.is_best ? 0 : s->bad_evals + 1;
    if (info.is_best) {
        s->best_val_loss = info.val_loss;
        s->best_step = s->step;
    }
    info.best_val_loss = s->best_val_loss;
    *is_finite = isfinite(info.val_loss);
    return info;
}

static bool log_row(trainer *tr, const train_step_info *step_info, double val_loss, err *e) {
    double row[N_COLUMNS] = {(double)tr->state.step, NAN, val_loss, NAN, NAN, NAN};
    if (step_info && step_info->logged) {
        row[1] = tr->state.loss_sum / (double)tr->state.loss_count;
        row[3] = step_info->lr;
        row[4] = step_info->grad_norm;
        row[5] = step_info->tokens_per_s;
        tr->state.loss_sum = 0;
        tr->state.loss_count = 0;
    }
    return io_csv_row(&tr->log, row) ||
           err_set(e, ERR_INPUT, "%s/log.csv: cannot be written", tr->folder);
}

/* What follows a step (or the start, with no step): evaluation, log, checkpoint, plot. */
static bool after_step(trainer *tr, const train_step_info *info, err *e) {
    int64_t s = tr->state.step;
    bool due = s % tr->c->eval_interval == 0 || s == tr->c->max_iters;
    if (!due || s == tr->state.last_eval_step)
        return !info || !info->logged || log_row(tr, info, NAN, e);
    bool is_finite;
    train_eval_info eval = evaluate(tr, &is_finite);
    if (!is_finite) return train_diagnose_evaluation(eval.val_loss, s, tr->folder, e);
    if (!log_row(tr, info, eval.val_loss, e)) return false;
    if (eval.is_best && !save_best(tr, e)) return false;
    if (!save(tr, e)) return false;
    tr->observer->evaluated(tr->observer->context, &eval);
    draw(tr);
    return true;
}

static bool is_over(const trainer *tr) {
    bool stale = tr->c->patience > 0 && tr->state.bad_evals >= tr->c->patience;
    return tr->state.step >= tr->c->max_iters || stale;
}

static bool run_steps(trainer *tr, const volatile sig_atomic_t *stop, err *e) {
    if (!after_step(tr, NULL, e)) return false;
    while (!is_over(tr)) {
        train_step_info info = {0};
        if (!step(tr, &info, e)) return false;
        tr->observer->stepped(tr->observer->context, &info);
        if (!after_step(tr, &info, e)) return false;
        if (*stop && !is_over(tr)) {
            if (!save(tr, e)) return false;
            return err_set(e, ERR_INTERRUPTED,
                           "interrupted at step %lld; saved, go on with --resume",
                           (long long)tr->state.step);
        }
    }
    return true;
}

bool train_loop(const config *c, const char *folder, train_start start,
                const train_observer *observer, const volatile sig_atomic_t *stop, err *e) {
    trainer tr = {.c = c, .folder = folder, .observer = observer, .can_plot = true};
    bool ok = set_up(&tr, start, e);
    if (ok) {
        train_begin_info info = {folder,
                                 nn_params_count(&tr.model->params),
                                 tok_vocab_size(tr.tok),
                                 tr.train.n,
                                 tr.val.n,
                                 tr.state.step,
                                 c->max_iters,
                                 tokens_per_step(c),
                                 tr.gemm_speed};
        observer->began(observer->context, &info);
        ok = run_steps(&tr, stop, e);
        if (ok || e->code == ERR_INTERRUPTED) draw_embedding(&tr);
    }
    tear_down(&tr);
    return ok;
}
