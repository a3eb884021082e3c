#include "train/trace.h"

#include "autograd/ops.h"
#include "base/check.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The model without dropout, with two variables for its embedding, so that each side has a
 * gradient of its own even where both show the same numbers. */
typedef struct two_sides {
    nn_gpt model; /* shares all else with the original */
    ag_var input, output;
} two_sides;

static void sides_open(two_sides *s, const nn_gpt *m, tensor wte, tensor head, real *input_grad,
                       real *output_grad) {
    const size_t n_layer = (size_t)m->config.n_layer;
    s->model = *m;
    s->model.config.dropout = 0;
    s->model.h = mem_new(n_layer, sizeof *m->h);
    memcpy(s->model.h, m->h, n_layer * sizeof *m->h);
    for (size_t i = 0; i < n_layer; i++) s->model.h[i].attn.dropout = s->model.h[i].mlp.dropout = 0;
    ag_param_init(&s->input, wte, tensor_of(input_grad, wte.n_dim, wte.shape), "wte.weight");
    ag_param_init(&s->output, head, tensor_of(output_grad, head.n_dim, head.shape), "head");
    s->model.wte.weight = &s->input;
    s->model.head = &s->output;
}

static void sides_close(two_sides *s) {
    ag_param_free(&s->input);
    ag_param_free(&s->output);
    free(s->model.h);
}

static real *copy_of(const real *x, int64_t n) {
    real *copy = mem_new((size_t)n, sizeof *copy);
    return memcpy(copy, x, (size_t)n * sizeof *copy);
}

/* What else learns gets no gradient here: sets whether it does, and returns whether it did. */
static bool set_learning(const nn_gpt *m, bool learns) {
    bool before = m->params.list[0]->var.needs_grad;
    for (int i = 0; i < m->params.n; i++) m->params.list[i]->var.needs_grad = learns;
    return before;
}

/* Forward and backward; the gradients of both sides are in tr then. */
static void run(train_trace *tr, two_sides *s) {
    const int64_t T = tr->T, C = tr->C, n_layer = s->model.config.n_layer;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var **layers = mem_new((size_t)n_layer + 2, sizeof *layers);
    ag_var *hidden = nn_gpt_forward_layers(&s->model, t, tr->ids, 1, T, layers);
    ag_var *loss = ag_linear_cross_entropy(t, hidden, s->model.head, tr->ids + 1);
    ag_backward(t, loss, 1);
    tr->losses = copy_of(ag_row_losses(loss), T);
    tr->hidden = copy_of(hidden->value.data, T * C);
    tr->sent = copy_of(layers[0]->grad.data, T * C);
    free(layers);
    ag_tape_free(t);
}

static double dot(const real *x, const real *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
    return sum;
}

static double logit(const train_trace *tr, int64_t v, int64_t t) {
    return dot(tr->hidden + t * tr->C, tr->head + v * tr->C, tr->C);
}

/* The mean loss, what probabilities are computed from, and the rows of the input side. */
static void finish(train_trace *tr, two_sides *s) {
    tr->log_sums = mem_new((size_t)tr->T, sizeof *tr->log_sums);
    for (int64_t t = 0; t < tr->T; t++) {
        tr->loss += (double)tr->losses[t] / (double)tr->T;
        tr->log_sums[t] = (double)tr->losses[t] + logit(tr, tr->ids[t + 1], t);
    }
    tr->n_rows = s->input.rows.n;
    tr->rows = mem_new((size_t)tr->n_rows, sizeof *tr->rows);
    memcpy(tr->rows, s->input.rows.rows, (size_t)tr->n_rows * sizeof *tr->rows);
    ag_grad_densify(&s->input);
}

train_trace *train_trace_new(const nn_gpt *m, const int32_t *ids, int64_t T) {
    const tensor wte = m->wte.weight->value, head = m->head->value;
    CHECK(wte.type == TENSOR_REAL, "the trace of a model stored as %s", "bf16");
    CHECK(T >= 1, "the trace of %lld tokens", (long long)T);
    train_trace *tr = mem_new(1, sizeof *tr);
    two_sides sides;
    tr->T = T, tr->V = wte.shape[0], tr->C = wte.shape[1];
    tr->tied = m->head == m->wte.weight;
    tr->head = head.data;
    tr->ids = mem_new((size_t)T + 1, sizeof *tr->ids);
    memcpy(tr->ids, ids, ((size_t)T + 1) * sizeof *tr->ids);
    tr->input = mem_new_aligned(tensor_bytes(&wte));
    tr->output = mem_new_aligned(tensor_bytes(&head));
    sides_open(&sides, m, wte, head, tr->input, tr->output);
    bool learned = set_learning(m, false);
    run(tr, &sides);
    set_learning(m, learned);
    finish(tr, &sides);
    sides_close(&sides);
    return tr;
}

void train_trace_free(train_trace *tr) {
    if (!tr) return;
    void *const memory[] = {tr->ids,  tr->losses, tr->input,  tr->output,
                            tr->rows, tr->sent,   tr->hidden, tr->log_sums};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) free(memory[i]);
    free(tr);
}

double train_trace_probability(const train_trace *tr, int64_t v, int64_t t) {
    return exp(logit(tr, v, t) - tr->log_sums[t]);
}

double train_trace_dlogit(const train_trace *tr, int64_t v, int64_t t) {
    return (train_trace_probability(tr, v, t) - (v == tr->ids[t + 1])) / (double)tr->T;
}

train_trace_row train_trace_row_of(const train_trace *tr, int64_t v) {
    const real *x = tr->input + v * tr->C, *y = tr->output + v * tr->C;
    double xx = dot(x, x, tr->C), yy = dot(y, y, tr->C), xy = dot(x, y, tr->C), sum = 0;
    for (int64_t c = 0; c < tr->C; c++) sum += pow((double)x[c] + (double)y[c], 2);
    return (train_trace_row){sqrt(xx), sqrt(yy), sqrt(sum),
                             xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0};
}

/* w - lr (the gradients given; either may be NULL), new. */
static tensor stepped(tensor w, const real *a, const real *b, double lr) {
    int64_t n = tensor_numel(&w);
    w.data = copy_of(w.data, n);
    for (int64_t i = 0; i < n; i++)
        w.data[i] -= (real)(lr * ((a ? (double)a[i] : 0) + (b ? (double)b[i] : 0)));
    return w;
}

double train_trace_loss_after(const train_trace *tr, const nn_gpt *m, double lr) {
    const tensor wte = m->wte.weight->value, head = m->head->value;
    tensor new_wte = stepped(wte, tr->input, tr->tied ? tr->output : NULL, lr);
    tensor new_head = stepped(head, tr->tied ? tr->input : NULL, tr->output, lr);
    two_sides sides;
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    sides_open(&sides, m, new_wte, new_head, NULL, NULL);
    const real *losses =
        ag_row_losses(nn_gpt_loss(&sides.model, t, tr->ids, tr->ids + 1, 1, tr->T));
    double sum = 0;
    for (int64_t i = 0; i < tr->T; i++) sum += (double)losses[i];
    ag_tape_free(t);
    sides_close(&sides);
    free(new_wte.data);
    free(new_head.data);
    return sum / (double)tr->T;
}
