#include "train/vectors_loop.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/thread.h"
#include "io/heatmap.h"
#include "train/checkpoint.h"
#include "train/rows.h"
#include "train/run.h"
#include "train/run_folder.h"
#include "train/vectors_model.h"
#include "train/watch.h"

#include <math.h>
#include <stdio.h>

/* Seconds of training that a crash may cost. */
static const double save_interval = 30;

/* A mean loss that no run comes back from: one that knows nothing begins below 100. */
static const double hopeless_loss = 1e4;

typedef struct vectors_run {
    config c;
    const char *folder;
    const train_observer *observer;
    vectors_data data;
    vectors_model model;
    io_csv log;
    io_vectors matrix; /* the vectors with their words, where they are watched */
    watcher watcher;
    train_state state; /* loss_sum and loss_count are those of the epoch */
    int64_t steps;     /* of the whole run */
    double smoothed_loss, last_saved;
    bool can_plot;
} vectors_run;

/* What a run must keep to go on as if it had never stopped. */
static const char *const fixed_keys[] = {"seed",
                                         "min_count",
                                         "sg",
                                         "hs",
                                         "negative",
                                         "ns_exponent",
                                         "shared_negatives",
                                         "vector_size",
                                         "window",
                                         "sample",
                                         "min_n",
                                         "max_n",
                                         "bucket",
                                         "deterministic",
                                         "init_wte",
                                         "freeze_wte",
                                         "keep_init_words",
                                         "epochs",
                                         "alpha",
                                         "min_alpha",
                                         "x_max",
                                         "x_exponent"};

static bool load_state(vectors_run *r, err *e) {
    char path[TRAIN_PATH_SIZE];
    train_state expected = r->state;
    if (!train_run_path(r->folder, "ckpt.safetensors", path, e) ||
        !train_checkpoint_load(path, r->model.params, r->model.adagrad, &r->state, e))
        return false;
    if (r->state.tokenizer != expected.tokenizer)
        return err_set(e, ERR_INPUT, "%s: was trained with another vocabulary than %s/vocab.txt",
                       path, r->folder);
    if (r->state.data != expected.data)
        return err_set(e, ERR_INPUT, "%s: was trained on other words than %s/train.bin", path,
                       r->folder);
    return true;
}

static void tell(const vectors_run *r, const char *doing) {
    char what[CFG_TEXT_SIZE + 64];
    snprintf(what, sizeof what, "%s %s", doing, r->c.dataset);
    r->observer->preparing(r->observer->context, what, NAN);
}

static bool open_data(vectors_run *r, bool resume, err *e) {
    if (!resume) tell(r, "counting the words of");
    return resume ? vectors_data_open(&r->data, &r->c, r->folder, e)
                  : vectors_data_prepare(&r->data, &r->c, r->folder, e);
}

/* Every line is one word, or sample leaves no two beside each other. */
static bool fail_no_pairs(const vectors_run *r, err *e) {
    return err_set(e, ERR_INPUT,
                   "%s: no word has another one near it in its line%s: nothing to learn from",
                   r->c.dataset, r->c.sample > 0 ? ", or sample leaves none" : "");
}

static bool begin_watch(vectors_run *r, err *e) {
    io_vectors *v = &r->matrix;
    *v = (io_vectors){.n = r->data.vocabulary.n, .width = r->c.vector_size};
    v->rows = mem_new((size_t)(v->n * v->width), sizeof *v->rows);
    rows_name_words(v, &r->data.vocabulary);
    vectors_model_copy(&r->model, v);
    return watcher_begin(&r->watcher, &r->c, r->folder, r->model.params, v, NULL, e);
}

static bool watch(vectors_run *r, err *e) {
    if (!r->watcher.on) return true;
    vectors_model_copy(&r->model, &r->matrix);
    return watcher_log(&r->watcher, r->state.step, e);
}

static bool set_up(vectors_run *r, train_start start, err *e) {
    bool resume = start == TRAIN_RESUME;
    size_t n_keys = sizeof fixed_keys / sizeof *fixed_keys;
    if (!run_folder_check_start(r->folder, start, e)) return false;
    if (resume && !run_folder_check_same(r->folder, &r->c, fixed_keys, n_keys, e)) return false;
    if (!open_data(r, resume, e)) return false;
    rng_key key = rng_from_seed((uint64_t)r->c.seed);
    if (!resume && r->c.objective == TRAIN_GLOVE) tell(r, "counting co-occurrences in");
    if (!vectors_model_make(&r->model, &r->c, &r->data, r->folder, key, resume, e)) return false;
    r->steps = r->c.epochs * vectors_model_epoch_steps(&r->model);
    r->state = (train_state){.last_eval_step = -1,
                             .last_val_loss = INFINITY,
                             .best_val_loss = INFINITY,
                             .tokenizer = words_fingerprint(&r->data.vocabulary),
                             .data = train_tokens_fingerprint(&r->data.tokens)};
    bool watched = watcher_wanted(&r->c);
    if (watched && !begin_watch(r, e)) return false;
    if (resume && !load_state(r, e)) return false;
    r->last_saved = thread_clock();
    r->smoothed_loss = NAN;
    return (!watched || watcher_open(&r->watcher, resume, r->state.step, e)) &&
           run_folder_write_config(&r->c, r->folder, e) &&
           run_folder_open_log(r->folder, &r->log, resume, r->state.step, e);
}

static void tear_down(vectors_run *r) {
    io_csv_close(&r->log);
    watcher_free(&r->watcher);
    io_vectors_free(&r->matrix);
    vectors_model_free(&r->model);
    vectors_data_close(&r->data);
}

static bool save(vectors_run *r, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(r->folder, "ckpt.safetensors", path, e) ||
        !train_checkpoint_save(path, r->model.params, r->model.adagrad, &r->state, e))
        return false;
    if (r->can_plot) r->can_plot = run_folder_draw_plot(r->folder, r->observer);
    r->last_saved = thread_clock();
    return true;
}

static void begin(const vectors_run *r) {
    train_begin_info info = {.folder = r->folder,
                             .objective = r->c.objective,
                             .n_params = nn_params_count(r->model.params),
                             .vocab_size = r->data.vocabulary.n,
                             .vector_size = r->c.vector_size,
                             .train_tokens = r->data.tokens.n,
                             .first_step = r->state.step,
                             .max_iters = r->steps,
                             .epochs = r->c.epochs,
                             .records = r->model.records.n,
                             .deterministic = r->c.deterministic};
    r->observer->began(r->observer->context, &info);
}

static bool log_row(vectors_run *r, const train_step_info *info, err *e) {
    double row[N_LOG_COLUMNS];
    for (int i = 0; i < N_LOG_COLUMNS; i++) row[i] = NAN;
    row[LOG_STEP] = (double)info->step;
    row[LOG_TRAIN_LOSS] = info->loss;
    row[LOG_LR] = info->lr;
    row[LOG_TOKENS_PER_S] = info->tokens_per_s;
    return io_csv_row(&r->log, row) ||
           err_set(e, ERR_INPUT, "%s/log.csv: cannot be written", r->folder);
}

/* The state's sums are those of the epoch that the next step belongs to. */
static bool count_epoch(vectors_run *r, const vectors_step *s, err *e) {
    int64_t per_epoch = vectors_model_epoch_steps(&r->model);
    r->state.loss_sum += s->loss;
    r->state.loss_count += s->count;
    if (r->state.step % per_epoch) return true;
    if (r->state.loss_count == 0) return fail_no_pairs(r, e);
    if (!watch(r, e)) return false;
    train_epoch_info info = {r->state.step / per_epoch, r->c.epochs,
                             r->state.loss_sum / (double)r->state.loss_count,
                             r->watcher.on ? r->watcher.line : NULL};
    r->observer->epoch_done(r->observer->context, &info);
    r->state.loss_sum = 0;
    r->state.loss_count = 0;
    return true;
}

static bool fail_diverged(const vectors_run *r, double loss, err *e) {
    char path[TRAIN_PATH_SIZE];
    bool saved = train_run_path(r->folder, "ckpt.safetensors", path, e) && file_exists(path);
    return err_set(e, ERR_DIVERGED,
                   "step %lld: the loss is %g: training has diverged; a lower alpha may help%s%s",
                   (long long)r->state.step + 1, loss,
                   saved ? "; the last good checkpoint is " : "", saved ? path : "");
}

static bool step(vectors_run *r, err *e) {
    vectors_step done;
    double start = thread_clock();
    if (!vectors_model_step(&r->model, r->state.step, &done, e)) return false;
    double loss = done.count ? done.loss / (double)done.count : 0;
    if (!(loss < hopeless_loss)) return fail_diverged(r, loss, e);
    bool first = isnan(r->smoothed_loss);
    r->smoothed_loss = first ? loss : 0.95 * r->smoothed_loss + 0.05 * loss;
    double seconds = thread_clock() - start;
    train_step_info info = {.step = ++r->state.step,
                            .loss = loss,
                            .smoothed_loss = r->smoothed_loss,
                            .lr = done.alpha,
                            .seconds = seconds,
                            .tokens_per_s = (double)done.units / seconds,
                            .logged = r->state.step % r->c.log_interval == 0};
    if (!log_row(r, &info, e)) return false;
    r->observer->stepped(r->observer->context, &info);
    return count_epoch(r, &done, e);
}

static bool run_steps(vectors_run *r, const volatile sig_atomic_t *stop, err *e) {
    if (r->state.step == 0 && !watch(r, e)) return false;
    while (r->state.step < r->steps) {
        if (!step(r, e)) return false;
        bool over = r->state.step == r->steps, stopped = *stop && !over;
        bool due = thread_clock() - r->last_saved > save_interval;
        if ((over || stopped || due) && !save(r, e)) return false;
        if (stopped)
            return err_set(e, ERR_INTERRUPTED,
                           "interrupted at step %lld; saved, go on with --resume",
                           (long long)r->state.step);
    }
    return true;
}

static void draw_embedding(const vectors_run *r) {
    err e = {0};
    io_vectors v;
    char path[TRAIN_PATH_SIZE];
    bool ok = train_run_vectors(&v, r->folder, &e) &&
              train_run_path(r->folder, "embedding.png", path, &e) &&
              io_heatmap_write(path, v.rows, v.n, v.width, "wte.weight", &e);
    io_vectors_free(&v);
    if (!ok) r->observer->warned(r->observer->context, e.message);
}

bool train_vectors_loop(const config *c, const char *folder, train_start start,
                        const train_observer *observer, const volatile sig_atomic_t *stop, err *e) {
    vectors_run r = {.c = *c, .folder = folder, .observer = observer, .can_plot = true};
    bool ok = set_up(&r, start, e);
    if (ok) {
        begin(&r);
        ok = run_steps(&r, stop, e);
    }
    if (ok) draw_embedding(&r);
    tear_down(&r);
    return ok;
}
