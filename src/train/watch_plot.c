#include "train/watch_plot.h"

#include "base/file.h"
#include "base/mem.h"
#include "io/csv.h"
#include "io/figure.h"
#include "train/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many curves as a panel has colours for. */
enum { CURVES = 8 };

/* Leaves at most CURVES of n columns, whatever a file has, in their order; returns how many. */
typedef int thinner(const io_csv_table *t, int *columns, int n);

static int thin_to_first(const io_csv_table *t, int *columns, int n) {
    (void)t;
    (void)columns;
    return n < CURVES ? n : CURVES;
}

static bool is_block(const char *column) {
    return strstr(column, ":h.") != NULL;
}

/* All layers but blocks; of these the first, the last, and some at even distances. */
static int thin_layers(const io_csv_table *t, int *columns, int n) {
    int blocks = 0, left = 0, block = 0, next = 0;
    for (int i = 0; i < n; i++) blocks += is_block(t->names[columns[i]]);
    int room = CURVES - (n - blocks);
    if (room < 2) return thin_to_first(t, columns, n);
    for (int i = 0; i < n; i++) {
        if (blocks > room && is_block(t->names[columns[i]])) {
            bool wanted = block++ == next * (blocks - 1) / (room - 1);
            if (!wanted) continue;
            next++;
        }
        columns[left++] = columns[i];
    }
    return left;
}

static double change(const io_csv_table *t, int column) {
    return fabs(t->columns[column][t->n_rows - 1] - t->columns[column][0]);
}

static int thin_pairs(const io_csv_table *t, int *columns, int n) {
    while (n > CURVES) {
        int least = 0;
        for (int i = 1; i < n; i++)
            if (change(t, columns[i]) < change(t, columns[least])) least = i;
        for (int i = least; i + 1 < n; i++) columns[i] = columns[i + 1];
        n--;
    }
    return n;
}

/* The steps of the table, with a margin: all panels have the same ones. */
static void set_steps(io_panel *panel, const io_csv_table *t) {
    double first = t->columns[0][0], last = t->columns[0][t->n_rows - 1];
    double margin = last > first ? 0.02 * (last - first) : 1;
    panel->low[0] = first - margin;
    panel->high[0] = last + margin;
}

/* A panel: the columns whose names begin so. */
typedef struct watch_panel {
    const char *prefix, *title, *y_title;
    bool log_y;
    thinner *thin; /* NULL = to the first */
} watch_panel;

static const watch_panel panels[] = {
    {"norm:", "weights of each layer", "norm", false, thin_layers},
    {"update:", "update of each layer in one step", "norm / norm of the weights", true,
     thin_layers},
    {"grad:", "gradient of each layer, before clipping", "norm", true, thin_layers},
    {"drift", "drift of the embedding E from its start E0", "|E - E0| / |E0|", false, NULL},
    {"cosine:", "similarity of words", "cosine", false, thin_pairs},
    {"isotropy", "isotropy of the embedding", "1 - mean cosine of all pairs of rows", false, NULL},
    {"rank:", "rank of an analogy's answer", "rank (1 = best)", true, NULL},
    {"score:", "score of an analogy's answer", "cosine", false, NULL},
};
enum { PANELS = sizeof panels / sizeof *panels };

static bool has_values(const io_csv_table *t, size_t column) {
    for (size_t r = 0; r < t->n_rows; r++)
        if (!isnan(t->columns[column][r])) return true;
    return false;
}

enum { TITLE_SIZE = 128 };

/* The series of a panel, at most CURVES, and its title, which says so where there are more; returns
 * how many. */
static int64_t find_series(const io_csv_table *t, const watch_panel *p, io_series *series,
                           char *title) {
    size_t length = strlen(p->prefix);
    int *columns = mem_new(t->n_columns, sizeof *columns), n = 0;
    for (size_t c = 0; c < t->n_columns; c++)
        if (strncmp(t->names[c], p->prefix, length) == 0 && has_values(t, c)) columns[n++] = (int)c;
    int n_all = n;
    n = (p->thin ? p->thin : thin_to_first)(t, columns, n);
    if (n < n_all)
        snprintf(title, TITLE_SIZE, "%s: %d of %d", p->title, n, n_all);
    else
        snprintf(title, TITLE_SIZE, "%s", p->title);
    for (int i = 0; i < n; i++) {
        const char *name = t->names[columns[i]] + length;
        series[i] = (io_series){.name = *name ? name : NULL,
                                .x = t->columns[0],
                                .y = t->columns[columns[i]],
                                .n = (int64_t)t->n_rows,
                                .dots = t->n_rows <= 24};
    }
    free(columns);
    return n;
}

static bool draw(const io_csv_table *t, const char *path, const char *title, err *e) {
    io_series series[PANELS][CURVES];
    io_panel drawn[PANELS];
    char titles[PANELS][TITLE_SIZE];
    int64_t n = 0;
    for (int i = 0; i < PANELS; i++) {
        const watch_panel *p = &panels[i];
        int64_t n_series = find_series(t, p, series[i], titles[i]);
        if (n_series == 0) continue;
        drawn[n] = (io_panel){.kind = IO_CURVES,
                              .title = titles[i],
                              .x_title = "step",
                              .y_title = p->y_title,
                              .log_y = p->log_y,
                              .series = series[i],
                              .n_series = n_series};
        set_steps(&drawn[n++], t);
    }
    return io_figure_write(path, title, drawn, n, 2, e);
}

bool watch_exists(const char *folder) {
    err e = {0};
    char path[TRAIN_PATH_SIZE];
    return train_run_path(folder, "watch.csv", path, &e) && file_exists(path);
}

bool watch_draw(const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE], picture[TRAIN_PATH_SIZE];
    io_csv_table t;
    if (!train_run_path(folder, "watch.csv", path, e) ||
        !train_run_path(folder, "watch.png", picture, e) || !io_csv_read(&t, path, e))
        return false;
    bool ok = t.n_rows == 0 || draw(&t, picture, folder, e);
    io_csv_table_free(&t);
    return ok;
}
