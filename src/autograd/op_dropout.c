#include "autograd/dropout.h"
#include "autograd/op.h"
#include "autograd/ops.h"

/* The key and probability: backward draws the same numbers again. */
typedef struct saved {
    rng_key key;
    real p;
} saved;

static void backward(ag_tape *t, ag_var *y) {
    const saved *s = y->saved;
    tensor g = ag_grad_take(t, y);
    dropout_apply(s->key, s->p, &g, &g);
    ag_grad_give(t, y->in[0], g);
}

const ag_op ag_op_dropout = {
    .name = "dropout", .formula = "x mask / (1 - p)", .backward = backward};

ag_var *ag_dropout(ag_tape *t, ag_var *x, real p) {
    if (p == 0 || ag_tape_mode(t) == AG_NO_GRAD) return x;
    OP_CHECK(ag_op_dropout, p > 0 && p < 1, "probability %g", (double)p);
    x = ag_contiguous(t, x);
    saved s = {ag_next_key(t), p};
    ag_var *y = ag_new_like(t, &ag_op_dropout, x, 1, &x);
    y->saved = ag_tape_alloc(t, sizeof s);
    *(saved *)y->saved = s;
    dropout_apply(s.key, p, &y->value, &x->value);
    return y;
}
