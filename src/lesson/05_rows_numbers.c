#include "lesson/05_rows.h"

#include "autograd/ops.h"

#include <math.h>
#include <string.h>

static const char *const words[ROWS_V] = {"the", "cat", "sat", "on", "mat"};
enum { CAT = 1, SAT = 2 };

static const rows_matrix start = {{{(real)0.9, (real)-0.4, (real)0.2},
                                   {(real)0.3, (real)0.8, (real)-0.5},
                                   {(real)-0.6, (real)0.5, (real)0.7},
                                   {(real)0.4, (real)-0.7, (real)0.6},
                                   {(real)-0.2, (real)0.6, (real)-0.9}}};

static tensor tensor_of_matrix(rows_matrix *x) {
    return tensor_2d(x->at[0], ROWS_V, ROWS_D);
}

/* A parameter over the numbers of a matrix and of its gradient. */
static void param_over(ag_var *v, rows_matrix *value, rows_matrix *grad, const char *name) {
    ag_param_init(v, tensor_of_matrix(value), tensor_of_matrix(grad), name);
}

/* The model: the row of the word that is read, times each row of the head. */
static ag_var *logits_of(ag_tape *t, ag_var *E, ag_var *head, const int32_t *read, ag_var **h) {
    *h = ag_embedding(t, E, read, 1, 1);
    return ag_matmul(t, *h, ag_permute(t, head, (int[]){1, 0}));
}

static void copy(real *to, const tensor *from) {
    memcpy(to, from->data, tensor_bytes(from));
}

/* Forward and backward with the two uses of E apart: each gets a gradient of its own. */
static void run_apart(rows_numbers *r) {
    ag_var E, head, *h;
    ag_tape *t = ag_tape_new(AG_KEEP);
    param_over(&E, &r->E, &r->input, "E");
    param_over(&head, &r->E, &r->output, "head");
    ag_var *logits = logits_of(t, &E, &head, &r->read, &h);
    ag_var *p = ag_softmax(t, logits), *loss = ag_cross_entropy(t, logits, &r->told);
    ag_backward(t, loss, 1);
    copy(r->h, &h->value);
    copy(r->logits, &logits->value);
    copy(r->p, &p->value);
    copy(r->dlogits, &logits->grad);
    r->loss = loss->value.data[0];
    ag_grad_densify(&E);
    ag_param_free(&E);
    ag_param_free(&head);
    ag_tape_free(t);
}

/* The same with one matrix for both. */
static void run_tied(rows_numbers *r) {
    ag_var E, *h;
    ag_tape *t = ag_tape_new(AG_KEEP);
    param_over(&E, &r->E, &r->sum, "E");
    ag_backward(t, ag_cross_entropy(t, logits_of(t, &E, &E, &r->read, &h), &r->told), 1);
    ag_grad_densify(&E);
    ag_param_free(&E);
    ag_tape_free(t);
    for (int v = 0; v < ROWS_V; v++)
        for (int d = 0; d < ROWS_D; d++) {
            double both = (double)r->input.at[v][d] + (double)r->output.at[v][d];
            r->sum_apart = fmax(r->sum_apart, fabs((double)r->sum.at[v][d] - both));
        }
}

/* What the library says of the word to tell with these matrices, and which rows of E moved. */
static void look(rows_step *s, const rows_numbers *r, rows_matrix *head) {
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_var *h, *logits = logits_of(t, ag_input(t, tensor_of_matrix(&s->E)),
                                   ag_input(t, tensor_of_matrix(head)), &r->read, &h);
    s->loss = ag_cross_entropy(t, logits, &r->told)->value.data[0];
    s->probability = ag_softmax(t, logits)->value.data[r->told];
    ag_tape_free(t);
    for (int v = 0; v < ROWS_V; v++) {
        s->moved[v] = memcmp(s->E.at[v], r->E.at[v], sizeof s->E.at[v]) != 0;
        s->n_moved += s->moved[v];
    }
}

/* E - learning rate * gradient */
static rows_matrix descended(const rows_numbers *r, const rows_matrix *gradient) {
    rows_matrix to = r->E;
    for (int v = 0; v < ROWS_V; v++)
        for (int d = 0; d < ROWS_D; d++) to.at[v][d] -= (real)r->learning_rate * gradient->at[v][d];
    return to;
}

/* The loss by plain arithmetic in double, for the check; E is looked up, head gives the logits. */
static double plain_loss(const rows_numbers *r, const double *E, const double *head) {
    double sum = 0, told = 0;
    for (int v = 0; v < ROWS_V; v++) {
        double logit = 0;
        for (int d = 0; d < ROWS_D; d++) logit += E[r->read * ROWS_D + d] * head[v * ROWS_D + d];
        sum += exp(logit);
        if (v == r->told) told = logit;
    }
    return log(sum) - told;
}

/* Central differences of the loss by each number of `moved`, which is E or head. */
static void differences(rows_numbers *r, const double *E, const double *head, double *moved,
                        const rows_matrix *gradient, rows_matrix *numeric) {
    const double step = 1e-5;
    for (int i = 0; i < ROWS_V * ROWS_D; i++) {
        const double before = moved[i];
        moved[i] = before + step;
        double above = plain_loss(r, E, head);
        moved[i] = before - step;
        double slope = (above - plain_loss(r, E, head)) / (2 * step);
        moved[i] = before;
        numeric->at[i / ROWS_D][i % ROWS_D] = (real)slope;
        r->worst = fmax(r->worst, fabs((double)gradient->at[i / ROWS_D][i % ROWS_D] - slope));
    }
}

static void check(rows_numbers *r) {
    double E[ROWS_V * ROWS_D], head[ROWS_V * ROWS_D];
    for (int i = 0; i < ROWS_V * ROWS_D; i++)
        E[i] = head[i] = (double)r->E.at[i / ROWS_D][i % ROWS_D];
    differences(r, E, head, E, &r->input, &r->input_numeric);
    differences(r, E, head, head, &r->output, &r->output_numeric);
}

rows_numbers rows_compute(void) {
    rows_numbers r = {.words = words, .read = CAT, .told = SAT, .E = start, .learning_rate = 0.1};
    run_apart(&r);
    run_tied(&r);
    r.tied.E = descended(&r, &r.sum);
    look(&r.tied, &r, &r.tied.E);
    r.untied.E = descended(&r, &r.input);
    rows_matrix head = descended(&r, &r.output);
    look(&r.untied, &r, &head);
    check(&r);
    return r;
}

int64_t rows_touched(const int32_t *read, int64_t n) {
    rows_matrix value = start, grad;
    ag_var E;
    ag_tape *t = ag_tape_new(AG_KEEP);
    param_over(&E, &value, &grad, "E");
    ag_backward(t, ag_sum(t, ag_embedding(t, &E, read, 1, n)), 1);
    int64_t touched = E.rows.n;
    ag_param_free(&E);
    ag_tape_free(t);
    return touched;
}
