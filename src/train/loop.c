#include "train/loop.h"

#include "base/thread.h"
#include "train/diagnose.h"
#include "train/evaluate.h"
#include "train/trainer.h"
#include "train/vectors_loop.h"

#include <math.h>

static optim_lr_plan lr_plan_of(const config *c) {
    int64_t decay_iters = c->lr_decay_iters > 0 ? c->lr_decay_iters : c->max_iters;
    return (optim_lr_plan){c->lr_schedule, c->learning_rate, c->min_lr, c->warmup_iters,
                           decay_iters};
}

static int64_t tokens_per_step(const config *c) {
    return c->batch_size * c->block_size * c->gradient_accumulation_steps;
}

/* What follows is measured under this name; it moves that many bytes at least. */
static void begin_phase(const trainer *tr, const char *name, double bytes) {
    ag_profile_phase(tr->observer->profile, name, (ag_cost){.bytes = bytes});
}

static int64_t count_targets(const int32_t *targets, int64_t n) {
    int64_t counted = 0;
    for (int64_t i = 0; i < n; i++) counted += targets[i] >= 0;
    return counted;
}

/* Reads the micro-batches of the step and returns how many of their targets count. Those of the
 * next step are fetched while this one computes. */
static int64_t read_batches(trainer *tr) {
    int64_t n = tr->c.gradient_accumulation_steps, size = tr->c.batch_size * tr->c.block_size;
    int64_t first = tr->state.step * n;
    for (int64_t i = 0; i < n; i++)
        train_batches_get(&tr->batches, first + i, tr->ids + i * size, tr->targets + i * size);
    for (int64_t i = 0; i < n; i++) train_batches_read_ahead(&tr->batches, first + n + i);
    return count_targets(tr->targets, n * size);
}

/* Loss and gradients of all micro-batches of the step, each weighing as much as it has targets; the
 * mean loss, or NAN with e. */
static double accumulate_gradients(trainer *tr, err *e) {
    int64_t n = tr->c.gradient_accumulation_steps, size = tr->c.batch_size * tr->c.block_size;
    rng_key step_key = rng_split(trainer_key(&tr->c, STREAM_DROPOUT), (uint64_t)tr->state.step);
    begin_phase(tr, "batches", 0);
    int64_t all = read_batches(tr);
    double loss = 0;
    for (int64_t i = 0; i < n; i++) {
        const int32_t *ids = tr->ids + i * size, *targets = tr->targets + i * size;
        double weight = all ? (double)count_targets(targets, size) / (double)all : 0;
        ag_tape_reset(tr->tape);
        ag_tape_set_key(tr->tape, rng_split(step_key, (uint64_t)i));
        ag_var *y =
            nn_gpt_loss(tr->model, tr->tape, ids, targets, tr->c.batch_size, tr->c.block_size);
        if (!isfinite(y->value.data[0])) {
            train_diagnose_loss(tr->tape, y, tr->state.step + 1, tr->folder, e);
            return NAN;
        }
        loss += weight * y->value.data[0];
        ag_backward(tr->tape, y, (real)weight);
    }
    return loss;
}

static double flops_per_step(const trainer *tr) {
    return (double)tokens_per_step(&tr->c) * nn_gpt_flops_per_token(tr->model, tr->c.block_size);
}

static const char *embedding_note(const config *c) {
    return c->freeze_wte          ? "frozen, it stays as it begins (freeze_wte)"
           : c->wte_lr_scale == 0 ? "frozen, it stays as it begins (wte_lr_scale = 0)"
                                  : NULL;
}

static bool is_evaluated(const trainer *tr, int64_t step) {
    return step % tr->c.eval_interval == 0 || step == tr->c.max_iters;
}

/* The optimizer's update, whose norms are wanted where the step will be evaluated. */
static void update(trainer *tr, double lr, double grad_scale) {
    bool watched = tr->watcher.on && is_evaluated(tr, tr->state.step + 1);
    if (watched) {
        begin_phase(tr, "watch", 0);
        watcher_before_update(&tr->watcher);
    }
    begin_phase(tr, "optimizer", optim_update_bytes(tr->optim));
    optim_update(tr->optim, lr, grad_scale);
    if (watched) {
        begin_phase(tr, "watch", 0);
        watcher_after_update(&tr->watcher);
    }
}

static bool log_watch(trainer *tr, train_eval_info *info, err *e) {
    if (!tr->watcher.on) return true;
    begin_phase(tr, "watch", 0);
    info->watched = tr->watcher.line;
    return watcher_log(&tr->watcher, info->step, e);
}

static bool step(trainer *tr, train_step_info *info, err *e) {
    const config *c = &tr->c;
    double start = thread_clock();
    info->loss = accumulate_gradients(tr, e);
    if (e->code) return false;
    begin_phase(tr, "gradient norm", (double)tr->model->params.numel * sizeof(real));
    info->grad_norm = optim_grad_norm(&tr->model->params);
    if (!isfinite(info->grad_norm))
        return train_diagnose_gradient(&tr->model->params, tr->state.step + 1, tr->folder, e);
    optim_lr_plan plan = lr_plan_of(c);
    info->lr = optim_learning_rate(&plan, tr->state.step);
    bool clip = c->grad_clip > 0 && info->grad_norm > c->grad_clip;
    update(tr, info->lr, clip ? c->grad_clip / info->grad_norm : 1);
    begin_phase(tr, "clear gradients", 0);
    nn_params_clear_grads(&tr->model->params);
    begin_phase(tr, "log", 0);

    info->step = ++tr->state.step;
    if (tr->observer->profile) tr->observer->profile->steps++;
    info->seconds = thread_clock() - start;
    info->tokens_per_s = (double)tokens_per_step(c) / info->seconds;
    double speed = flops_per_step(tr) / info->seconds;
    /* On a shared machine the measurement at the start may have met a busy moment. */
    if (speed > tr->gemm_speed) tr->gemm_speed = speed;
    info->gemm_share = speed / tr->gemm_speed;
    info->logged = info->step % c->log_interval == 0;
    tr->smoothed_loss =
        isnan(tr->smoothed_loss) ? info->loss : 0.95 * tr->smoothed_loss + 0.05 * info->loss;
    info->smoothed_loss = tr->smoothed_loss;
    tr->state.loss_sum += info->loss;
    tr->state.loss_count++;
    return true;
}

/* Evaluates, keeps the state's account of the best. */
static train_eval_info evaluate(trainer *tr, bool *is_finite) {
    int64_t n = tr->c.eval_iters * tr->c.batch_size;
    train_state *s = &tr->state;
    train_eval_info info = {.step = s->step};
    ag_tape_set_profile(tr->tape, NULL);
    ag_tape_reset_to(tr->tape, AG_NO_GRAD);
    info.train_loss = train_evaluate(tr->model, tr->tape, &tr->train, tr->c.batch_size, n).loss;
    info.val_loss = train_evaluate(tr->model, tr->tape, &tr->val, tr->c.batch_size, n).loss;
    ag_tape_reset_to(tr->tape, AG_RELEASE);
    ag_tape_set_profile(tr->tape, tr->observer->profile);
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
    double row[N_LOG_COLUMNS];
    for (int i = 0; i < N_LOG_COLUMNS; i++) row[i] = NAN;
    row[LOG_STEP] = (double)tr->state.step;
    row[LOG_VAL_LOSS] = val_loss;
    if (step_info && step_info->logged) {
        row[LOG_TRAIN_LOSS] = tr->state.loss_sum / (double)tr->state.loss_count;
        row[LOG_LR] = step_info->lr;
        row[LOG_GRAD_NORM] = step_info->grad_norm;
        row[LOG_TOKENS_PER_S] = step_info->tokens_per_s;
        tr->state.loss_sum = 0;
        tr->state.loss_count = 0;
    }
    return io_csv_row(&tr->log, row) ||
           err_set(e, ERR_INPUT, "%s/log.csv: cannot be written", tr->folder);
}

/* What follows a step (or the start, with no step): evaluation, log, checkpoint, plot. */
static bool after_step(trainer *tr, const train_step_info *info, err *e) {
    int64_t s = tr->state.step;
    if (!is_evaluated(tr, s) || s == tr->state.last_eval_step)
        return !info || !info->logged || log_row(tr, info, NAN, e);
    bool is_finite;
    begin_phase(tr, "evaluation", 0);
    train_eval_info eval = evaluate(tr, &is_finite);
    if (!is_finite) return train_diagnose_evaluation(eval.val_loss, s, tr->folder, e);
    begin_phase(tr, "log", 0);
    if (!log_row(tr, info, eval.val_loss, e)) return false;
    if (!log_watch(tr, &eval, e)) return false;
    begin_phase(tr, "checkpoint", 0);
    if (eval.is_best && !trainer_save_best(tr, e)) return false;
    if (!trainer_save(tr, e)) return false;
    tr->observer->evaluated(tr->observer->context, &eval);
    begin_phase(tr, "plot", 0);
    trainer_draw_plot(tr);
    return true;
}

static bool is_over(const trainer *tr) {
    bool stale = tr->c.patience > 0 && tr->state.bad_evals >= tr->c.patience;
    return tr->state.step >= tr->c.max_iters || stale;
}

static bool run_steps(trainer *tr, err *e) {
    if (!after_step(tr, NULL, e)) return false;
    while (!is_over(tr)) {
        train_step_info info = {0};
        if (!step(tr, &info, e)) return false;
        tr->observer->stepped(tr->observer->context, &info);
        if (!after_step(tr, &info, e)) return false;
        if (*tr->stop && !is_over(tr)) {
            if (!trainer_save(tr, e)) return false;
            return err_set(e, ERR_INTERRUPTED,
                           "interrupted at step %lld; saved, go on with --resume",
                           (long long)tr->state.step);
        }
    }
    return true;
}

bool train_loop(const config *c, const char *folder, train_start start,
                const train_observer *observer, const volatile sig_atomic_t *stop, err *e) {
    if (c->objective != TRAIN_GPT) return train_vectors_loop(c, folder, start, observer, stop, e);
    trainer tr = {.c = *c, .folder = folder, .observer = observer, .stop = stop, .can_plot = true};
    bool ok = trainer_set_up(&tr, start, e);
    if (ok) {
        train_begin_info info = {.folder = folder,
                                 .objective = c->objective,
                                 .n_params = nn_params_count(&tr.model->params),
                                 .vocab_size = tok_vocab_size(tr.tok),
                                 .train_tokens = tr.train.tokens.n,
                                 .train_targets = train_set_targets(&tr.train),
                                 .val_tokens = tr.val.tokens.n,
                                 .first_step = tr.state.step,
                                 .max_iters = c->max_iters,
                                 .tokens_per_step = tokens_per_step(c),
                                 .precision = tr.precision.text,
                                 .activations = train_precision_activations(tr.c.precision),
                                 .gemm_kernels = train_precision_kernels(tr.c.precision),
                                 .gemm_speed = tr.gemm_speed,
                                 .flops_per_step = flops_per_step(&tr),
                                 .embedding = embedding_note(c)};
        observer->began(observer->context, &info);
        ag_tape_set_profile(tr.tape, observer->profile);
        ok = run_steps(&tr, e);
        ag_profile_pause(observer->profile);
        if (e->code == ERR_INTERRUPTED) trainer_draw_plot(&tr);
        if (ok || e->code == ERR_INTERRUPTED) trainer_draw_embedding(&tr);
    }
    trainer_tear_down(&tr);
    return ok;
}
