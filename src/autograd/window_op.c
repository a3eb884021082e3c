#include "autograd/window_op.h"

#include "autograd/logistic.h"
#include "autograd/ops.h"
#include "tensor/row_block.h"
#include "tensor/vector.h"

#include <omp.h>
#include <string.h>

/* Columns that backward takes at a time. */
enum { COLUMNS = 256 };

typedef struct saved {
    const ag_windows *windows;
    const ag_paths *paths;
    ag_inputs inputs;
    int64_t *begin; /* n + 1: where the slopes of each window begin */
    real *slopes;   /* dloss / dlogit */
    double *losses; /* n */
} saved;

static const uint8_t first_is_right[AG_MAX_OUTPUTS] = {1};

window_outputs window_outputs_of(const ag_windows *windows, const ag_paths *paths, int64_t w) {
    const int32_t *out = windows->out + windows->out_begin[w];
    if (!paths)
        return (window_outputs){windows->out_begin[w + 1] - windows->out_begin[w], out,
                                first_is_right};
    int32_t begin = paths->begin[*out];
    return (window_outputs){paths->begin[*out + 1] - begin, paths->node + begin,
                            paths->right + begin};
}

/* The rows that one window works on. */
typedef struct operands {
    int64_t n_x, n_y;
    const real *x[AG_MAX_INPUTS], *y[AG_MAX_OUTPUTS];
    real *dx[AG_MAX_INPUTS], *dy[AG_MAX_OUTPUTS];
} operands;

static int64_t n_terms(const saved *s, int64_t w) {
    window_outputs out = window_outputs_of(s->windows, s->paths, w);
    return s->inputs == AG_INPUTS_EACH ? ag_window_inputs(&s->windows->list[w]) * out.n : out.n;
}

static void gather_inputs(operands *r, const ag_window *w, const real *x, real *dx, int64_t width) {
    r->n_x = 0;
    for (int64_t p = w->first; p <= w->last; p++) {
        if (p == w->center) continue;
        r->x[r->n_x] = x + p * width;
        if (dx) r->dx[r->n_x] = dx + p * width;
        r->n_x++;
    }
}

static void gather_outputs(operands *r, const window_outputs *out, const real *y, real *dy,
                           int64_t width) {
    r->n_y = out->n;
    for (int64_t k = 0; k < out->n; k++) {
        r->y[k] = y + out->rows[k] * width;
        if (dy) r->dy[k] = dy + out->rows[k] * width;
    }
}

static void forward_window(const saved *s, int64_t w, const real *x, const real *y, int64_t width) {
    operands r;
    real mean[AG_MAX_WIDTH], z[AG_MAX_INPUTS * AG_MAX_OUTPUTS + ROW_BLOCK_SLACK];
    window_outputs out = window_outputs_of(s->windows, s->paths, w);
    gather_inputs(&r, &s->windows->list[w], x, NULL, width);
    gather_outputs(&r, &out, y, NULL, width);
    if (s->inputs != AG_INPUTS_EACH) {
        row_block_mean(r.n_x, r.x, width, mean);
        r.x[0] = mean;
        r.n_x = 1;
    }
    row_block_products(r.n_x, r.x, r.n_y, r.y, width, z);
    s->losses[w] = logistic_slopes(z, r.n_x, r.n_y, out.right, 1);
    memcpy(s->slopes + s->begin[w], z, (size_t)(r.n_x * r.n_y) * sizeof *z);
}

/* The gradients of one window, of as many columns as `width` says. */
static void backward_window(const saved *s, const operands *r, int64_t width, const real *slopes) {
    if (s->inputs == AG_INPUTS_EACH) {
        row_block_updates(r->n_x, r->x, r->dx, r->n_y, r->y, r->dy, width, slopes);
        return;
    }
    real mean[COLUMNS], dmean[COLUMNS] = {0};
    real share = s->inputs == AG_INPUTS_MEAN ? 1 / (real)r->n_x : 1;
    row_block_mean(r->n_x, r->x, width, mean);
    row_block_updates(1, (const real *[]){mean}, (real *[]){dmean}, r->n_y, r->y, r->dy, width,
                      slopes);
    for (int64_t i = 0; i < r->n_x; i++)
        for (int64_t c = 0; c < width; c++) r->dx[i][c] += share * dmean[c];
}

/* What the windows of a stretch are computed from. */
static saved *save(ag_tape *t, const ag_windows *windows, const ag_paths *paths, ag_inputs inputs) {
    saved *s = ag_tape_alloc(t, sizeof *s);
    *s = (saved){.windows = windows, .paths = paths, .inputs = inputs};
    s->losses = ag_tape_alloc(t, (size_t)(windows->n + 1) * sizeof *s->losses);
    s->begin = ag_tape_alloc(t, (size_t)(windows->n + 1) * sizeof *s->begin);
    s->begin[0] = 0;
    for (int64_t w = 0; w < windows->n; w++) s->begin[w + 1] = s->begin[w] + n_terms(s, w);
    s->slopes = ag_tape_alloc(t, (size_t)(s->begin[windows->n] + 1) * sizeof *s->slopes);
    return s;
}

static void check(const ag_op *op, const ag_var *hidden, const ag_var *w, const saved *s) {
    const tensor *h = &hidden->value;
    int64_t C = w->value.shape[1], positions = tensor_numel(h) / C;
    OP_CHECK(*op,
             w->value.n_dim == 2 && h->shape[h->n_dim - 1] == C && C % VECTOR_LANES == 0 &&
                 C <= AG_MAX_WIDTH,
             "rows of %lld and %lld numbers, expected as many, a multiple of %d up to %d",
             (long long)h->shape[h->n_dim - 1], (long long)C, (int)VECTOR_LANES, AG_MAX_WIDTH);
    OP_CHECK(*op, tensor_is_contiguous(h) && tensor_is_contiguous(&w->value), "%s", "gaps");
    for (int64_t i = 0; i < s->windows->n; i++) {
        const ag_window *v = &s->windows->list[i];
        window_outputs out = window_outputs_of(s->windows, s->paths, i);
        int64_t n = ag_window_inputs(v);
        OP_CHECK(*op,
                 v->first >= 0 && v->last < positions && n > 0 && n <= AG_MAX_INPUTS && out.n > 0 &&
                     out.n <= AG_MAX_OUTPUTS,
                 "window %lld: positions %d to %d of %lld, %lld outputs", (long long)i, v->first,
                 v->last, (long long)positions, (long long)out.n);
    }
}

ag_var *window_op(ag_tape *t, const ag_op *op, ag_var *hidden, ag_var *w, const ag_windows *windows,
                  const ag_paths *paths, ag_inputs inputs) {
    hidden = ag_reals(t, hidden);
    w = ag_reals(t, w);
    saved *s = save(t, windows, paths, inputs);
    check(op, hidden, w, s);
    ag_var *y = ag_new(t, op, 1, (int64_t[]){1}, 2, (ag_var *[]){hidden, w});
    y->saved = s;
    int64_t width = w->value.shape[1];
#pragma omp parallel for schedule(static) if (windows->n > 64)
    for (int64_t i = 0; i < windows->n; i++)
        forward_window(s, i, hidden->value.data, w->value.data, width);
    y->value.data[0] = (real)ag_windows_loss(y);
    return y;
}

/* The rows of w that the windows name, one after another. */
static int32_t *output_rows(ag_tape *t, const saved *s, int64_t *n) {
    const ag_windows *v = s->windows;
    *n = 0;
    for (int64_t w = 0; w < v->n; w++) *n += window_outputs_of(v, s->paths, w).n;
    int32_t *rows = ag_scratch(t, (size_t)(*n + 1) * sizeof *rows), *to = rows;
    for (int64_t w = 0; w < v->n; w++) {
        window_outputs out = window_outputs_of(v, s->paths, w);
        memcpy(to, out.rows, (size_t)out.n * sizeof *to);
        to += out.n;
    }
    return rows;
}

/* Columns [first, first + n) of all windows, in their order. Threads share out the columns: a row
 * that two windows name must not be added to by two threads. */
static void backward_columns(const saved *s, const ag_var *hidden, const ag_var *w, tensor dh,
                             tensor dw, real dloss, int64_t first, int64_t n) {
    int64_t width = w->value.shape[1];
    for (int64_t i = 0; i < s->windows->n; i++) {
        operands r;
        real slopes[AG_MAX_INPUTS * AG_MAX_OUTPUTS];
        int64_t n_slopes = s->begin[i + 1] - s->begin[i];
        window_outputs out = window_outputs_of(s->windows, s->paths, i);
        gather_inputs(&r, &s->windows->list[i], hidden->value.data + first, dh.data + first, width);
        gather_outputs(&r, &out, w->value.data + first, dw.data + first, width);
        for (int64_t k = 0; k < n_slopes; k++) slopes[k] = dloss * s->slopes[s->begin[i] + k];
        backward_window(s, &r, n, slopes);
    }
}

/* Where the gradient of a constant goes: memory that nobody reads. */
static void sink(ag_tape *t, const ag_var *x, tensor *dx) {
    if (!dx->data) dx->data = ag_scratch(t, (size_t)tensor_numel(&x->value) * sizeof(real));
}

void window_op_backward(ag_tape *t, ag_var *y) {
    const saved *s = y->saved;
    ag_var *hidden = y->in[0], *w = y->in[1];
    int64_t n_rows, blocks = w->value.shape[1] / VECTOR_LANES;
    tensor dh = ag_grad_add(t, hidden);
    int32_t *rows = output_rows(t, s, &n_rows);
    tensor dw = ag_grad_add_rows(t, w, rows, n_rows);
    sink(t, hidden, &dh);
    sink(t, w, &dw);
#pragma omp parallel if (s->windows->n > 64)
    {
        int64_t threads = omp_get_num_threads(), me = omp_get_thread_num();
        int64_t first = blocks * me / threads, last = blocks * (me + 1) / threads;
        for (int64_t b = first; b < last; b += COLUMNS / VECTOR_LANES) {
            int64_t n = last - b < COLUMNS / VECTOR_LANES ? last - b : COLUMNS / VECTOR_LANES;
            backward_columns(s, hidden, w, dh, dw, y->grad.data[0], b * VECTOR_LANES,
                             n * VECTOR_LANES);
        }
    }
    ag_scratch_end(t);
}

double ag_windows_loss(const ag_var *loss) {
    const saved *s = loss->saved;
    double sum = 0;
    for (int64_t w = 0; w < s->windows->n; w++) sum += s->losses[w];
    return sum;
}
