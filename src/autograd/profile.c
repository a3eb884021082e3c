#include "autograd/profile.h"

#include "autograd/op.h"
#include "base/thread.h"

#include <string.h>

/* Gives the time since the last call to whom it belongs, and runs for another from here on. */
static void run_for(ag_profile *p, double *seconds) {
    double now = thread_clock();
    if (p->running) *p->running += now - p->since;
    p->running = seconds;
    p->since = now;
}

static ag_profile_row *row_of(ag_profile *p, const char *name, int64_t rows, int64_t cols) {
    for (int i = 0; i < p->n_rows; i++) {
        ag_profile_row *r = &p->rows[i];
        if (r->shape[0] == rows && r->shape[1] == cols && strcmp(r->name, name) == 0) return r;
    }
    if (p->n_rows == AG_PROFILE_ROWS) return &p->rows[AG_PROFILE_ROWS - 1];
    ag_profile_row *r = &p->rows[p->n_rows++];
    *r = (ag_profile_row){.name = name, .shape = {rows, cols}};
    if (p->n_rows == AG_PROFILE_ROWS) *r = (ag_profile_row){.name = "others"};
    return r;
}

static void add_cost(ag_cost *sum, ag_cost cost) {
    sum->flops += cost.flops;
    sum->bytes += cost.bytes;
}

void ag_profile_phase(ag_profile *p, const char *name, ag_cost cost) {
    if (!p) return;
    ag_profile_row *r = row_of(p, name, 0, 0);
    r->calls++;
    add_cost(&r->cost[0], cost);
    run_for(p, &r->seconds[0]);
}

void ag_profile_pause(ag_profile *p) {
    if (p) run_for(p, NULL);
}

static ag_profile_row *row_of_op(ag_profile *p, const ag_var *y) {
    for (int i = 0; i < y->n_in; i++) {
        const ag_var *w = y->in[i];
        if (w && w->name && w->value.n_dim == 2)
            return row_of(p, y->op->name, w->value.shape[0], w->value.shape[1]);
    }
    return row_of(p, y->op->name, 0, 0);
}

void ag_profile_op(ag_profile *p, const ag_var *y, bool backward) {
    if (!p) return;
    ag_profile_row *r = row_of_op(p, y);
    r->calls += !backward;
    add_cost(&r->cost[backward], ag_cost_of(y, backward));
    run_for(p, &r->seconds[backward]);
}
