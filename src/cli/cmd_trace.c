#include "base/str.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/trace_view.h"
#include "io/figure.h"
#include "train/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define USAGE "trace RUN --text TEXT [--csv FILE] [--out FILE.png] [-k N] [--step RATE] [--last]"

enum { TOKEN_WIDTH = 16 };

/* What is asked for beside the tables. */
typedef struct wishes {
    const char *csv, *picture;
    int64_t k;
    double step;
} wishes;

/* Prints the token in TOKEN_WIDTH columns, cut with ".." where it is longer. */
static void print_token(const tokenizer *tok, int32_t id) {
    str text = {0};
    tok_printable_solid(tok, id, &text);
    size_t end = 0, shown = 0;
    int columns = 0;
    while (end < text.len) {
        if (columns == TOKEN_WIDTH - 2) shown = end;
        end += str_utf8_length(text.data + end, text.len - end);
        columns++;
    }
    bool is_cut = columns > TOKEN_WIDTH;
    if (is_cut) columns = TOKEN_WIDTH;
    printf("%.*s%s%*s", (int)(is_cut ? shown : text.len), text.data ? text.data : "",
           is_cut ? ".." : "", TOKEN_WIDTH - columns, "");
    str_free(&text);
}

static void print_positions(const trace_view *v) {
    const train_trace *tr = v->trace;
    printf("position  %-*s     id  %-*s     id    loss       p\n", TOKEN_WIDTH, "reads",
           TOKEN_WIDTH, "target");
    for (int64_t t = 0; t < tr->T; t++) {
        printf("%8lld  ", (long long)t);
        print_token(v->tok, tr->ids[t]);
        printf(" %6d  ", (int)tr->ids[t]);
        print_token(v->tok, tr->ids[t + 1]);
        printf(" %6d %7.3f %7.4f\n", (int)tr->ids[t + 1], (double)tr->losses[t],
               train_trace_probability(tr, tr->ids[t + 1], t));
    }
}

static void print_rows_read(const trace_view *v) {
    const train_trace *tr = v->trace;
    const char *sum = tr->tied ? "       sum  cosine" : "";
    printf("\nrows that were read: the gradient's norm by side\n");
    printf("%-*s     id  %-12s      input    output%s\n", TOKEN_WIDTH, "row", "at positions", sum);
    for (int64_t i = 0; i < tr->n_rows; i++) {
        const int32_t id = tr->rows[i];
        const train_trace_row *row = &v->rows[id];
        char positions[14];
        print_token(v->tok, id);
        printf(" %6d  %-13s %9.6f %9.6f", (int)id,
               trace_positions(tr, id, positions, sizeof positions), row->input, row->output);
        if (tr->tied) printf(" %9.6f %7.3f", row->sum, row->cosine);
        putchar('\n');
    }
}

/* Where the logit of the token gets the largest gradient. */
static int64_t strongest_position(const train_trace *tr, int32_t id) {
    int64_t best = 0;
    for (int64_t t = 1; t < tr->T; t++)
        if (fabs(train_trace_dlogit(tr, id, t)) > fabs(train_trace_dlogit(tr, id, best))) best = t;
    return best;
}

static void print_others(const trace_view *v) {
    const train_trace *tr = v->trace;
    if (v->n_others == 0) return;
    printf("\nrows that were not read, by the gradient of the output side\n");
    printf("%-*s     id    output  most at position  p there  logit pushed\n", TOKEN_WIDTH, "row");
    for (int64_t i = 0; i < v->n_others; i++) {
        const int32_t id = v->others[i];
        const int64_t t = strongest_position(tr, id);
        print_token(v->tok, id);
        printf(" %6d %9.6f  %16lld  %7.4f  %s\n", (int)id, v->rows[id].output, (long long)t,
               train_trace_probability(tr, id, t), tr->ids[t + 1] == id ? "up: target" : "down");
    }
}

/* How many rows each side reaches, and how much of the output side the k largest hold. */
static void print_counts(const trace_view *v, int64_t k) {
    const int64_t V = v->trace->V;
    double all = 0, largest = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < V; i++) {
        double output = v->rows[v->order[i]].output;
        n += output > 0;
        all += output * output;
        if (i < k) largest += output * output;
    }
    printf("\ninput side: %lld of %lld rows\n", (long long)v->trace->n_rows, (long long)V);
    printf("output side: %lld of %lld rows; %.1f %% of its squared norm in the %lld largest\n",
           (long long)n, (long long)V, all > 0 ? 100 * largest / all : 0,
           (long long)(k < V ? k : V));
}

static bool show(const train_run *run, const train_trace *tr, const wishes *w, err *e) {
    trace_view v = trace_view_new(run->tok, tr, w->k);
    printf("checkpoint %s, step %lld: %lld position%s, loss %.4f, weights %s\n\n", run->checkpoint,
           (long long)run->state.step, (long long)tr->T, tr->T == 1 ? "" : "s", tr->loss,
           tr->tied ? "tied" : "not tied");
    print_positions(&v);
    print_rows_read(&v);
    print_others(&v);
    print_counts(&v, w->k);
    if (w->step > 0)
        printf("a step of the embedding alone at learning rate %g: loss %.6f -> %.6f\n", w->step,
               tr->loss, train_trace_loss_after(tr, run->model, w->step));
    bool ok = (!w->csv || trace_write_csv(&v, w->csv, e)) &&
              (!w->picture || trace_write_picture(&v, w->picture, e));
    trace_view_free(&v);
    return ok;
}

static bool trace_text(const train_run *run, const char *text, const wishes *w, err *e) {
    const tok_options options = {.allow_special = true};
    tok_ids ids = {0};
    const long long most = run->model->config.block_size + 1;
    tok_encode(run->tok, text, strlen(text), &options, &ids);
    bool ok = true;
    if (ids.len < 2)
        ok =
            err_set(e, ERR_INPUT,
                    "--text has %zu token%s, at least 2 are needed: one to read and one to predict",
                    ids.len, ids.len == 1 ? "" : "s");
    else if ((long long)ids.len > most)
        ok = err_set(
            e, ERR_INPUT,
            "--text has %zu tokens, at most %lld fit: block_size and one more, the last target",
            ids.len, most);
    if (ok) {
        train_trace *tr = train_trace_new(run->model, ids.data, (int64_t)ids.len - 1);
        ok = show(run, tr, w, e);
        train_trace_free(tr);
    }
    tok_ids_free(&ids);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    const char *text = NULL;
    wishes w = {.k = 8};
    bool last = false;
    int64_t threads = 0;
    const args_flag flags[] = {
        {"text", ARGS_TEXT, &text, 0, 0, "the text, at most block_size + 1 tokens"},
        {"csv", ARGS_TEXT, &w.csv, 0, 0, "a file for the gradient norms of every row"},
        {"out", ARGS_TEXT, &w.picture, 0, 0,
         "a picture (.png): rows by positions, one panel per side"},
        {"k", ARGS_INT, &w.k, 0, 1e6, "rows to name beside those that were read (8)"},
        {"step", ARGS_REAL, &w.step, 0, 1e6,
         "the loss after a step down this gradient at that learning rate; the run stays as it is"},
        {"last", ARGS_SWITCH, &last, 0, 0, "the last checkpoint instead of the best"},
        ARGS_THREADS(threads)};
    args a;
    train_run run;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    if (!text) return err_set(e, ERR_USAGE, "usage: gradus " USAGE);
    if (w.picture && !io_figure_check_name(w.picture, e)) return false;
    thread_set_count((int)threads);
    if (!train_run_open(&run, a.positional[0], last, e)) return false;
    bool ok = trace_text(&run, text, &w, e);
    train_run_close(&run);
    return ok;
}

const cmd cmd_trace = {
    "trace", "RUN --text TEXT",
    "which rows of the embedding a text's gradient reaches, and from where",
    "The embedding is used twice. On the input side a row gets gradient from the positions that read\n"
    "its token, and no other row gets any. On the output side every row gets some from every\n"
    "position: its probability p there, minus 1 where its token is the target, times the last hidden\n"
    "state. With tied weights the matrix moves by the sum, else each side has a matrix of its own.\n\n"
    "    gradus trace runs/demo --text \"in the beginning god created\" --out trace.png",
    run};
