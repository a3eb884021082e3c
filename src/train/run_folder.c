#include "train/run_folder.h"

#include "base/file.h"
#include "base/str.h"
#include "io/gnuplot.h"
#include "train/run.h"
#include "train/watch_plot.h"

#include <stdio.h>
#include <string.h>

static const char *const log_columns[N_LOG_COLUMNS] = {
    [LOG_STEP] = "step", [LOG_TRAIN_LOSS] = "train_loss", [LOG_VAL_LOSS] = "val_loss",
    [LOG_LR] = "lr",     [LOG_GRAD_NORM] = "grad_norm",   [LOG_TOKENS_PER_S] = "tokens_per_s",
};

bool run_folder_open_log(const char *folder, io_csv *log, bool resume, int64_t step, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, "log.csv", path, e)) return false;
    if (resume && file_exists(path))
        return io_csv_resume(log, path, log_columns, N_LOG_COLUMNS, (double)step, e);
    return io_csv_create(log, path, log_columns, N_LOG_COLUMNS, e);
}

bool run_folder_clear(const char *folder, err *e) {
    static const char *const names[] = {"ckpt.safetensors", "ckpt_best.safetensors",
                                        "watch.csv",        "neighbours.csv",
                                        "watch.gp",         "watch.png"};
    char path[TRAIN_PATH_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!train_run_path(folder, names[i], path, e) || !file_remove(path, e)) return false;
    return true;
}

bool run_folder_write_config(const config *c, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, "config.ini", path, e)) return false;
    str text = {0};
    cfg_write(c, &text);
    bool ok = file_write(path, text.data, text.len, e);
    str_free(&text);
    return ok;
}

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

bool run_folder_check_same(const char *folder, config *c, const char *const *fixed_keys, size_t n,
                           err *e) {
    char path[TRAIN_PATH_SIZE];
    config old;
    cfg_defaults(&old);
    if (!train_run_path(folder, "config.ini", path, e) || !cfg_read(&old, path, e)) return false;
    if (!check_same_value(&old, c, "objective", path, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (!check_same_value(&old, c, fixed_keys[i], path, e)) return false;
    return check_same_text(&old, c, path, e);
}

bool run_folder_check_start(const char *folder, train_start start, err *e) {
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

bool run_folder_draw_plot(const char *folder, const train_observer *observer) {
    err e = {0};
    if (io_plot_write_script(folder, folder, &e) && io_plot_draw(folder, &e) &&
        (!watch_exists(folder) || watch_draw(folder, &e)))
        return true;
    char message[sizeof e.message + 64];
    snprintf(message, sizeof message, "no loss.png: %s (the numbers are in log.csv)", e.message);
    observer->warned(observer->context, message);
    return false;
}
