/* What every kind of training does with the folder of its run. Private to the loops. */
#ifndef TRAIN_RUN_FOLDER_H
#define TRAIN_RUN_FOLDER_H

#include "io/csv.h"
#include "train/loop.h"

/* The columns of log.csv. */
typedef enum log_column {
    LOG_STEP,
    LOG_TRAIN_LOSS,
    LOG_VAL_LOSS,
    LOG_LR,
    LOG_GRAD_NORM,
    LOG_TOKENS_PER_S,
    N_LOG_COLUMNS
} log_column;

/* A new run must not find a checkpoint, one that goes on must. */
bool run_folder_check_start(const char *folder, train_start start, err *e);
/* A run goes on with the same objective, text and values of these keys; a config that names no text
 * gets the run's own. */
bool run_folder_check_same(const char *folder, config *c, const char *const *fixed_keys, size_t n,
                           err *e);
/* Removes what another text left: checkpoints, and what was watched. */
bool run_folder_clear(const char *folder, err *e);
bool run_folder_write_config(const config *c, const char *folder, err *e);
/* Begins log.csv, or goes on with it after `step`. */
bool run_folder_open_log(const char *folder, io_csv *log, bool resume, int64_t step, err *e);
/* Draws loss.png, and watch.png where the run is watched. Pictures are a help, not the work: what
 * goes wrong is a warning and false, so that the caller does not try again. */
bool run_folder_draw_plot(const char *folder, const train_observer *observer);

#endif
