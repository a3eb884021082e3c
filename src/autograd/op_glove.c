#include "autograd/glove.h"
#include "autograd/op.h"
#include "autograd/ops.h"

/* Of each record the rows i and j, and f(x) times the error: d(loss) / d(error). */
typedef struct saved {
    int64_t n;
    int32_t *rows[2];
    real *slope;
} saved;

/* Adds columns [first, first + n) of the other side's rows, times the slopes, to the rows of dw:
 * in the order of the records, because a row may stand in several. */
static void add_columns(const saved *s, int side, const tensor *dw, const tensor *other, real dloss,
                        int64_t first, int64_t n) {
    if (!dw->data) return;
    for (int64_t r = 0; r < s->n; r++) {
        real *restrict to = dw->data + s->rows[side][r] * dw->stride[0] + first;
        const real *restrict from = other->data + s->rows[1 - side][r] * other->stride[0] + first;
        real slope = dloss * s->slope[r];
        for (int64_t c = 0; c < n; c++) to[c] += slope * from[c];
    }
}

static void add_biases(const saved *s, int side, const tensor *db, real dloss) {
    if (!db->data) return;
    for (int64_t r = 0; r < s->n; r++)
        db->data[s->rows[side][r] * db->stride[0]] += dloss * s->slope[r];
}

/* Threads share out the two sides and their columns; the biases are one column more. */
static void backward(ag_tape *t, ag_var *loss) {
    const saved *s = loss->saved;
    real dloss = loss->grad.data[0];
    tensor dw[2], db[2];
    for (int side = 0; side < 2; side++) {
        dw[side] = ag_grad_add_rows(t, loss->in[side], s->rows[side], s->n);
        db[side] = ag_grad_add_rows(t, loss->in[2 + side], s->rows[side], s->n);
    }
    enum { COLUMNS = 32 };
    int64_t width = loss->in[0]->value.shape[1], n_blocks = (width + COLUMNS - 1) / COLUMNS;
#pragma omp parallel for schedule(static) collapse(2) if (s->n * width > 8192)
    for (int side = 0; side < 2; side++)
        for (int64_t block = 0; block <= n_blocks; block++) {
            int64_t first = block * COLUMNS, left = width - first;
            if (block == n_blocks)
                add_biases(s, side, &db[side], dloss);
            else
                add_columns(s, side, &dw[side], &loss->in[1 - side]->value, dloss, first,
                            left < COLUMNS ? left : COLUMNS);
        }
}

const ag_op ag_op_glove = {.name = "glove",
                           .formula = "sum of 1/2 f(x) (w_i . w'_j + b_i + b'_j - log x)^2",
                           .backward = backward};

static void check(ag_var *const in[4], const ag_cooccurrences *batch) {
    int64_t V = in[0]->value.shape[0], C = in[0]->value.shape[1];
    OP_CHECK(ag_op_glove, in[0] != in[1] && in[2] != in[3], "%s", "one variable for both sides");
    for (int k = 0; k < 4; k++) {
        tensor expected = tensor_2d(NULL, V, k < 2 ? C : 1);
        char found[96];
        OP_CHECK(ag_op_glove,
                 tensor_same_shape(&in[k]->value, &expected) && tensor_is_contiguous(&in[k]->value),
                 "input %d has shape %s beside %lld rows of %lld", k,
                 tensor_shape_text(&in[k]->value, found, sizeof found), (long long)V, (long long)C);
    }
    for (int64_t r = 0; r < batch->n; r++) {
        const ag_cooccurrence *at = &batch->records[r];
        OP_CHECK(ag_op_glove, at->i >= 0 && at->i < V && at->j >= 0 && at->j < V && at->x > 0,
                 "record %lld is (%d, %d, %g) beside %lld rows", (long long)r, at->i, at->j, at->x,
                 (long long)V);
    }
}

static saved *save_rows(ag_tape *t, const ag_cooccurrences *batch) {
    saved *s = ag_tape_alloc(t, sizeof *s);
    size_t n = (size_t)batch->n;
    *s = (saved){.n = batch->n, .slope = ag_tape_alloc(t, n * sizeof *s->slope)};
    for (int side = 0; side < 2; side++) s->rows[side] = ag_tape_alloc(t, n * sizeof **s->rows);
    for (int64_t r = 0; r < batch->n; r++) {
        s->rows[0][r] = batch->records[r].i;
        s->rows[1][r] = batch->records[r].j;
    }
    return s;
}

ag_var *ag_glove(ag_tape *t, ag_var *w, ag_var *w_context, ag_var *b, ag_var *b_context,
                 const ag_cooccurrences *batch) {
    w = ag_reals(t, w);
    w_context = ag_reals(t, w_context);
    b = ag_reals(t, b);
    b_context = ag_reals(t, b_context);
    ag_var *in[] = {w, w_context, b, b_context};
    check(in, batch);
    ag_var *loss = ag_new(t, &ag_op_glove, 1, (int64_t[]){1}, 4, in);
    saved *s = loss->saved = save_rows(t, batch);
    double *part = ag_scratch(t, (size_t)batch->n * sizeof *part), sum = 0;
    int64_t width = w->value.shape[1];
#pragma omp parallel for schedule(static) if (s->n * width > 8192)
    for (int64_t r = 0; r < s->n; r++) {
        int64_t i = s->rows[0][r], j = s->rows[1][r];
        double x = batch->records[r].x, f = glove_weight(x, batch->x_max, batch->alpha);
        real error = glove_error(w->value.data + i * width, w_context->value.data + j * width,
                                 width, b->value.data[i] + b_context->value.data[j], x);
        s->slope[r] = (real)f * error;
        part[r] = 0.5 * f * error * error;
    }
    for (int64_t r = 0; r < s->n; r++) sum += part[r];
    ag_scratch_end(t);
    loss->value.data[0] = (real)sum;
    return loss;
}
