/* Descent in place, without a tape: the kernels of the ops sgns, cbow and hs write into the
 * parameters instead of gradients. */
#include "autograd/logistic.h"
#include "autograd/window_op.h"
#include "nn/word2vec.h"
#include "tensor/row_block.h"

#include <string.h>

/* For so many windows ahead memory is asked for: a window takes about as long as memory does. */
enum { AHEAD = 2 };

/* One of the matrices of outputs. */
typedef struct matrix {
    real *data;
    const int32_t *slot;
    const ag_paths *paths; /* to its rows, or NULL: they are words */
} matrix;

/* What all windows of a stretch have in common. */
typedef struct pass {
    const nn_word2vec *m;
    const nn_word2vec_rows *rows;
    const nn_stretch *stretch;
    const bool *frozen;
    real alpha;
    real *hidden;            /* (n, width) where there are n-grams, else NULL */
    real sink[AG_MAX_WIDTH]; /* takes the changes of frozen rows */
} pass;

/* The rows of one window: where they are read, and where their changes go. */
typedef struct operands {
    int64_t n_x, n_y;
    const real *x[AG_MAX_INPUTS], *y[AG_MAX_OUTPUTS];
    real *dx[AG_MAX_INPUTS], *dy[AG_MAX_OUTPUTS];
} operands;

static real *row_at(real *data, const int32_t *slot, int32_t row, int64_t width) {
    return data + (slot ? slot[row] : row) * width;
}

static real *vector_row(const pass *p, int32_t row) {
    return row_at(p->rows->wte, p->rows->wte_slot, row, p->m->width);
}

static real *input_row(const pass *p, int64_t position) {
    if (p->hidden) return p->hidden + position * p->m->width;
    return vector_row(p, p->stretch->ids[position]);
}

static void prefetch_row(const real *row, int64_t width) {
    for (int64_t c = 0; c < width; c += 64 / (int64_t)sizeof *row) __builtin_prefetch(row + c, 1);
}

static void prefetch_window(const pass *p, const matrix *y, int64_t i) {
    if (i >= p->stretch->windows.n) return;
    int64_t width = p->m->width;
    window_outputs out = window_outputs_of(&p->stretch->windows, y->paths, i);
    for (int64_t k = 0; k < out.n; k++)
        prefetch_row(row_at(y->data, y->slot, out.rows[k], width), width);
    prefetch_row(input_row(p, p->stretch->windows.list[i].last), width);
}

static void gather_inputs(pass *p, const ag_window *w, operands *o) {
    o->n_x = 0;
    for (int64_t position = w->first; position <= w->last; position++) {
        if (position == w->center) continue;
        real *row = input_row(p, position);
        bool stays = p->frozen && !p->hidden && p->frozen[p->stretch->ids[position]];
        o->x[o->n_x] = row;
        o->dx[o->n_x++] = stays ? p->sink : row;
    }
}

static void gather_outputs(const pass *p, const matrix *y, const window_outputs *out, operands *o) {
    o->n_y = out->n;
    for (int64_t k = 0; k < out->n; k++)
        o->y[k] = o->dy[k] = row_at(y->data, y->slot, out->rows[k], p->m->width);
}

static double descend_each(const pass *p, operands *o, const uint8_t *right) {
    int64_t width = p->m->width;
    real z[AG_MAX_INPUTS * AG_MAX_OUTPUTS + ROW_BLOCK_SLACK];
    row_block_products(o->n_x, o->x, o->n_y, o->y, width, z);
    double loss = logistic_slopes(z, o->n_x, o->n_y, right, -p->alpha);
    row_block_updates(o->n_x, o->x, o->dx, o->n_y, o->y, o->dy, width, z);
    return loss;
}

static double descend_mean(const pass *p, operands *o, const uint8_t *right) {
    int64_t width = p->m->width;
    real mean[AG_MAX_WIDTH], dmean[AG_MAX_WIDTH];
    row_block_mean(o->n_x, o->x, width, mean);
    memset(dmean, 0, (size_t)width * sizeof *dmean);
    operands middle = *o;
    middle.n_x = 1;
    middle.x[0] = mean;
    middle.dx[0] = dmean;
    double loss = descend_each(p, &middle, right);
    for (int64_t i = 0; i < o->n_x; i++)
        for (int64_t c = 0; c < width; c++) o->dx[i][c] += dmean[c];
    return loss;
}

/* One of the losses of window i. */
static double descend(pass *p, const matrix *y, int64_t i) {
    operands o;
    window_outputs out = window_outputs_of(&p->stretch->windows, y->paths, i);
    prefetch_window(p, y, i + AHEAD);
    gather_inputs(p, &p->stretch->windows.list[i], &o);
    gather_outputs(p, y, &out, &o);
    return p->m->config.sg ? descend_each(p, &o, out.right) : descend_mean(p, &o, out.right);
}

/* hidden and before become the means of the bags at each position. */
static void open_bags(const pass *p, real *before) {
    const nn_stretch *s = p->stretch;
    int64_t width = p->m->width;
    memset(p->hidden, 0, (size_t)(s->n * width) * sizeof *p->hidden);
    for (int64_t i = 0; i < s->n; i++) {
        real share = 1 / (real)(s->bag_begin[i + 1] - s->bag_begin[i]);
        for (int32_t k = s->bag_begin[i]; k < s->bag_begin[i + 1]; k++) {
            const real *row = vector_row(p, s->bag[k]);
            for (int64_t c = 0; c < width; c++) p->hidden[i * width + c] += share * row[c];
        }
    }
    memcpy(before, p->hidden, (size_t)(s->n * width) * sizeof *p->hidden);
}

/* Gives what the means have gained to each row of their bags. */
static void close_bags(const pass *p, const real *before) {
    const nn_stretch *s = p->stretch;
    int64_t width = p->m->width;
    for (int64_t i = 0; i < s->n; i++)
        for (int32_t k = s->bag_begin[i]; k < s->bag_begin[i + 1]; k++) {
            if (p->frozen && p->frozen[s->bag[k]]) continue;
            real *row = vector_row(p, s->bag[k]);
            for (int64_t c = 0; c < width; c++)
                row[c] += p->hidden[i * width + c] - before[i * width + c];
        }
}

nn_word2vec_rows nn_word2vec_rows_of(const nn_word2vec *m) {
    return (nn_word2vec_rows){.wte = m->wte->value.data,
                              .syn1neg = m->syn1neg ? m->syn1neg->value.data : NULL,
                              .syn1 = m->syn1 ? m->syn1->value.data : NULL};
}

double nn_word2vec_descend(const nn_word2vec *m, const nn_word2vec_rows *rows,
                           const nn_stretch *stretch, const ag_paths *paths, real alpha,
                           const bool *frozen, real *scratch) {
    pass p = {m, rows, stretch, frozen, alpha, stretch->bag_begin ? scratch : NULL, {0}};
    matrix syn1neg = {rows->syn1neg, rows->syn1neg_slot, NULL};
    matrix syn1 = {rows->syn1, rows->syn1_slot, paths};
    real *before = p.hidden ? scratch + stretch->n * m->width : NULL;
    double loss = 0;
    if (p.hidden) open_bags(&p, before);
    for (int64_t i = 0; i < stretch->windows.n; i++) {
        if (m->syn1neg) loss += descend(&p, &syn1neg, i);
        if (m->syn1) loss += descend(&p, &syn1, i);
    }
    if (p.hidden) close_bags(&p, before);
    return loss;
}
