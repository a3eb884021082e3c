#include "train/watch.h"

#include "base/file.h"
#include "base/mem.h"
#include "embed/isotropy.h"
#include "tensor/tensor.h"
#include "train/run.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool watcher_wanted(const config *c) {
    return c->watch[0] != '\0';
}

static int64_t n_numbers(const watcher *w) {
    return w->vectors->n * w->vectors->width;
}

static void pass_on(void *context, const char *message) {
    const train_observer *observer = context;
    if (observer) observer->warned(observer->context, message);
}

static void pass_over(void *context, const char *message) {
    (void)context, (void)message;
}

bool watcher_check(const config *c, const char *folder, const io_vectors *names,
                   const tokenizer *tok, const train_observer *observer, err *e) {
    io_vectors v = {.n = names->n, .width = 1, .names = names->names};
    v.rows = mem_new((size_t)v.n, sizeof *v.rows);
    embed_table table = embed_table_new(&v);
    watch_words words;
    bool ok = watch_words_find(&words, c->watch, &table, tok, folder, pass_on, (void *)observer, e);
    embed_table_free(&table);
    free(v.rows);
    return ok;
}

bool watcher_begin(watcher *w, const config *c, const char *folder, const nn_params *params,
                   const io_vectors *vectors, const tokenizer *tok, err *e) {
    *w = (watcher){.on = true, .folder = folder, .vectors = vectors};
    w->table = embed_table_new(vectors);
    w->layers = watch_layers_new(params, c->objective == TRAIN_GPT);
    w->start = mem_new_untouched((size_t)n_numbers(w) * sizeof *w->start);
    memcpy(w->start, vectors->rows, (size_t)n_numbers(w) * sizeof *w->start);
    w->start_norm = sqrt(tensor_sum_squares(w->start, n_numbers(w)));
    return watch_words_find(&w->words, c->watch, &w->table, tok, folder, pass_over, NULL, e);
}

void watcher_free(watcher *w) {
    embed_table_free(&w->table);
    watch_layers_free(&w->layers);
    io_csv_close(&w->csv);
    io_csv_close(&w->neighbours);
    free(w->start);
    free(w->row);
    *w = (watcher){0};
}

/* The names of columns, in the order in which fill_row puts their values. */
typedef struct columns {
    char **names;
    size_t n;
} columns;

static void add_column(columns *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add_column(columns *c, const char *fmt, ...) {
    char name[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(name, sizeof name, fmt, args);
    va_end(args);
    c->names = mem_resize(c->names, c->n + 1, sizeof *c->names);
    c->names[c->n++] = mem_copy_string(name, strlen(name));
}

static void add_layers(columns *c, const watcher *w, const char *what) {
    for (int i = 0; i < w->layers.n; i++) add_column(c, "%s:%s", what, w->layers.list[i].name);
}

static void add_analogies(columns *c, const watcher *w, const char *what) {
    char *const *name = w->vectors->names;
    for (int i = 0; i < w->words.n_analogies; i++) {
        const watch_analogy *q = &w->words.analogies[i];
        add_column(c, "%s:%s-%s+%s=%s", what, name[q->a], name[q->c], name[q->d], name[q->b]);
    }
}

/* Returns new (columns_free). */
static columns columns_of(const watcher *w) {
    columns c = {0};
    const int64_t *rows = w->words.rows;
    add_column(&c, "step");
    add_layers(&c, w, "norm");
    if (w->layers.before) {
        add_layers(&c, w, "update");
        add_layers(&c, w, "grad");
    }
    for (int i = 0; i < w->words.n; i++)
        for (int k = i + 1; k < w->words.n; k++)
            add_column(&c, "cosine:%s~%s", w->vectors->names[rows[i]], w->vectors->names[rows[k]]);
    add_analogies(&c, w, "rank");
    add_analogies(&c, w, "score");
    add_column(&c, "drift");
    add_column(&c, "isotropy");
    return c;
}

static void columns_free(columns *c) {
    for (size_t i = 0; i < c->n; i++) free(c->names[i]);
    free(c->names);
}

/* A run goes on with the words that it began with, or its table would change its columns. */
static bool check_same(const columns *c, const char *path, err *e) {
    io_csv_table old;
    if (!io_csv_read(&old, path, e)) return false;
    bool same = old.n_columns == c->n;
    for (size_t i = 0; same && i < c->n; i++) same = strcmp(old.names[i], c->names[i]) == 0;
    io_csv_table_free(&old);
    return same || err_set(e, ERR_INPUT,
                           "%s: other words were watched: go on with those, without watch, or move "
                           "this file away",
                           path);
}

static bool open_csv(io_csv *csv, const char *path, const char *const *names, size_t n, bool resume,
                     int64_t step, err *e) {
    if (resume && file_exists(path)) return io_csv_resume(csv, path, names, n, (double)step, e);
    return io_csv_create(csv, path, names, n, e);
}

bool watcher_open(watcher *w, bool resume, int64_t step, err *e) {
    static const char *const neighbours[] = {"step", "word", "rank", "neighbour", "cosine"};
    char path[TRAIN_PATH_SIZE], near[TRAIN_PATH_SIZE];
    if (!train_run_path(w->folder, "watch.csv", path, e) ||
        !train_run_path(w->folder, "neighbours.csv", near, e))
        return false;
    columns c = columns_of(w);
    w->row = mem_new(c.n, sizeof *w->row);
    bool goes_on = resume && file_exists(path);
    bool ok = (!goes_on || check_same(&c, path, e)) &&
              open_csv(&w->csv, path, (const char *const *)c.names, c.n, resume, step, e) &&
              (w->words.n == 0 || open_csv(&w->neighbours, near, neighbours, 5, resume, step, e));
    columns_free(&c);
    return ok;
}

void watcher_before_update(watcher *w) {
    watch_layers_before_update(&w->layers);
}

void watcher_after_update(watcher *w) {
    watch_layers_after_update(&w->layers);
}

/* What a row says of the matrix and of the first analogy, for the line. */
typedef struct summary {
    double drift, isotropy;
    double rank; /* NAN where there is no analogy */
} summary;

static double *put_layers(double *to, watcher *w) {
    const watch_layers *l = &w->layers;
    watch_layers_measure(&w->layers);
    for (int i = 0; i < l->n; i++) *to++ = l->list[i].norm;
    for (int i = 0; l->before && i < l->n; i++) *to++ = l->list[i].update;
    for (int i = 0; l->before && i < l->n; i++) *to++ = l->list[i].grad;
    return to;
}

static double *put_words(double *to, const watcher *w, summary *s) {
    const watch_words *words = &w->words;
    for (int i = 0; i < words->n; i++)
        for (int k = i + 1; k < words->n; k++)
            *to++ = embed_cosine(&w->table, words->rows[i], words->rows[k]);
    double *scores = to + words->n_analogies;
    for (int i = 0; i < words->n_analogies; i++) {
        int64_t rank = watch_words_rank(&w->table, &words->analogies[i], &scores[i]);
        to[i] = rank ? (double)rank : NAN;
    }
    s->rank = words->n_analogies ? to[0] : NAN;
    return scores + words->n_analogies;
}

static summary fill_row(watcher *w, int64_t step) {
    double *to = w->row;
    summary s;
    *to++ = (double)step;
    to = put_layers(to, w);
    to = put_words(to, w, &s);
    double moved = tensor_sum_squared_difference(w->vectors->rows, w->start, n_numbers(w));
    *to++ = s.drift = sqrt(moved) / w->start_norm;
    *to++ = s.isotropy = embed_isotropy(&w->table);
    return s;
}

static bool write_neighbours(watcher *w, int64_t step, int64_t row) {
    embed_neighbour near[WATCH_NEIGHBOURS];
    const real *unit = w->table.units + row * w->table.width;
    int64_t n = embed_nearest(&w->table, unit, &row, 1, 0, WATCH_NEIGHBOURS, near);
    bool ok = true;
    for (int64_t i = 0; ok && i < n; i++) {
        char at[24], rank[24], cosine[32];
        snprintf(at, sizeof at, "%lld", (long long)step);
        snprintf(rank, sizeof rank, "%lld", (long long)i + 1);
        snprintf(cosine, sizeof cosine, "%.9g", near[i].score);
        ok = io_csv_text_row(&w->neighbours,
                             (const char *const[]){at, w->vectors->names[row], rank,
                                                   w->vectors->names[near[i].row], cosine});
    }
    return ok;
}

static void write_line(watcher *w, const summary *s) {
    char analogy[WATCH_LINE_SIZE - 64] = "";
    char *const *name = w->vectors->names;
    const watch_analogy *q = &w->words.analogies[0];
    if (!isnan(s->rank))
        snprintf(analogy, sizeof analogy, "%s - %s + %s: %s has rank %.0f, ", name[q->a],
                 name[q->c], name[q->d], name[q->b], s->rank);
    snprintf(w->line, sizeof w->line, "%sdrift %.3f, isotropy %.3f", analogy, s->drift,
             s->isotropy);
}

bool watcher_log(watcher *w, int64_t step, err *e) {
    embed_table_update(&w->table);
    summary s = fill_row(w, step);
    write_line(w, &s);
    bool ok = io_csv_row(&w->csv, w->row);
    for (int i = 0; ok && i < w->words.n; i++) ok = write_neighbours(w, step, w->words.rows[i]);
    return ok ||
           err_set(e, ERR_INPUT, "%s: watch.csv or neighbours.csv cannot be written", w->folder);
}
