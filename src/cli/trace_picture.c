/* The picture of a trace: which position reaches which row. */
#include "cli/trace_view.h"

#include "base/mem.h"
#include "io/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* More would not be legible. */
enum { MOST_POSITIONS = 24, MOST_ROWS = 30 };

/* Rows are tokens, columns positions. */
typedef struct picture {
    int64_t n_rows, n_positions;
    int32_t ids[MOST_ROWS];
    const char *rows[MOST_ROWS], *positions[MOST_POSITIONS];
    double input[MOST_ROWS * MOST_POSITIONS], output[MOST_ROWS * MOST_POSITIONS];
} picture;

static void add_row(picture *p, const tokenizer *tok, int32_t id) {
    str name = {0};
    for (int64_t i = 0; i < p->n_rows; i++)
        if (p->ids[i] == id) return;
    if (p->n_rows == MOST_ROWS) return;
    str_append(&name, "", 0); /* a token may be empty */
    tok_printable_solid(tok, id, &name);
    p->rows[p->n_rows] = name.data;
    p->ids[p->n_rows++] = id;
}

/* "4 king": a position with the token that it reads. */
static const char *new_position_name(const trace_view *v, int64_t t) {
    str name = {0};
    str_printf(&name, "%lld ", (long long)t);
    tok_printable_solid(v->tok, v->trace->ids[t], &name);
    return name.data;
}

/* What is read, what is only a target, then the others. */
static void name_all(picture *p, const trace_view *v) {
    const int32_t *ids = v->trace->ids;
    for (int64_t t = 0; t < p->n_positions; t++) {
        p->positions[t] = new_position_name(v, t);
        add_row(p, v->tok, ids[t]);
    }
    for (int64_t t = 0; t < p->n_positions; t++) add_row(p, v->tok, ids[t + 1]);
    for (int64_t i = 0; i < v->n_others; i++) add_row(p, v->tok, v->others[i]);
}

static double norm(const real *x, int64_t n) {
    return sqrt(tensor_sum_squares(x, n));
}

static void fill(picture *p, const train_trace *tr) {
    for (int64_t i = 0; i < p->n_rows; i++)
        for (int64_t t = 0; t < p->n_positions; t++) {
            const int64_t cell = i * p->n_positions + t, id = p->ids[i];
            p->input[cell] = tr->ids[t] == id ? norm(tr->sent + t * tr->C, tr->C) : 0;
            p->output[cell] = train_trace_dlogit(tr, id, t) * (double)tr->T;
        }
}

static io_panel panel_of(const picture *p, const char *title, const double *cells) {
    return (io_panel){.kind = IO_MATRIX,
                      .title = title,
                      .x_title = "position, and the token it reads",
                      .y_title = "row of the embedding",
                      .cells = cells,
                      .rows = p->n_rows,
                      .cols = p->n_positions,
                      .row_names = p->rows,
                      .col_names = p->positions,
                      .digits = -1};
}

static void free_picture(picture *p) {
    for (int64_t i = 0; i < p->n_rows; i++) free((char *)p->rows[i]);
    for (int64_t t = 0; t < p->n_positions; t++) free((char *)p->positions[t]);
    free(p);
}

bool trace_write_picture(const trace_view *v, const char *path, err *e) {
    picture *p = mem_new(1, sizeof *p);
    char title[96];
    p->n_positions = v->trace->T < MOST_POSITIONS ? v->trace->T : MOST_POSITIONS;
    name_all(p, v);
    fill(p, v->trace);
    snprintf(title, sizeof title, "Which position reaches which row of the embedding%s",
             p->n_positions < v->trace->T ? " (its first positions)" : "");
    const io_panel panels[] = {
        panel_of(p, "input side: norm of the gradient that it sends", p->input),
        panel_of(p, "output side: p, minus 1 for the target", p->output)};
    bool ok = io_figure_write(path, title, panels, 2, 2, e);
    free_picture(p);
    return ok;
}
