/* What the author of an op needs, and nobody else. See docs/add-an-op.md. */
#ifndef AUTOGRAD_OP_H
#define AUTOGRAD_OP_H

#include "autograd/ag.h"
#include "autograd/cost.h"
#include "autograd/gradcheck.h"
#include "base/check.h"

struct ag_op {
    const char *name;
    const char *formula;
    /* Adds into the gradients of y's inputs; NULL for views, whose gradient is a view of the
     * gradient. Inputs that need no gradient are skipped by the functions below. */
    void (*backward)(ag_tape *t, ag_var *y);
    /* What it costs, for profiles; NULL where the rule of ag_cost_of holds. */
    ag_cost (*cost)(const ag_var *y, bool backward);
};

/* Each op of ops.def: its record, and its gradient check. An op without either does not link. */
#define AG_OP(name)                                                                                \
    extern const ag_op ag_op_##name;                                                               \
    ag_var *gradcheck_##name(gradcheck *g, ag_tape *t);
#include "autograd/ops.def"
#undef AG_OP

/* A CHECK whose message begins with the op's name. */
#define OP_CHECK(op_, cond, fmt, ...) CHECK(cond, "%s: " fmt, (op_).name, __VA_ARGS__)

/* Appends the result of an op: memory for its value is taken, not cleared. Lives in tape. */
ag_var *ag_new(ag_tape *t, const ag_op *op, int n_dim, const int64_t *shape, int n_in,
               ag_var *const *in);
/* The same for results that may be stored as ag_tape_set_activations says. */
ag_var *ag_new_activation(ag_tape *t, const ag_op *op, int n_dim, const int64_t *shape, int n_in,
                          ag_var *const *in);
/* The same for a result of x's shape and type. */
ag_var *ag_new_like(ag_tape *t, const ag_op *op, const ag_var *x, int n_in, ag_var *const *in);
/* The same as ag_new for an op of two variables, of the shape that they broadcast to. */
ag_var *ag_new_broadcast(ag_tape *t, const ag_op *op, ag_var *a, ag_var *b);
/* Appends a view of x's numbers. */
ag_var *ag_new_view(ag_tape *t, const ag_op *op, tensor view, ag_var *x);

/* Scratch memory until ag_scratch_end; not cleared. */
void *ag_scratch(ag_tape *t, size_t bytes);
void ag_scratch_end(ag_tape *t);

/* How the tape stores activations. */
tensor_type ag_tape_activations(const ag_tape *t);

/* x itself when its numbers lie without gaps, else a copy on the tape. */
ag_var *ag_contiguous(ag_tape *t, ag_var *x);
/* x itself when it is of type real or NULL, else a copy: for ops that know only reals. */
ag_var *ag_reals(ag_tape *t, ag_var *x);
/* The same, but x itself on a tape without gradients: for ops whose forward reads either type. */
ag_var *ag_reals_to_train(ag_tape *t, ag_var *x);

/* An op adds its part of dx by one of these. */

/* The gradient of x to add into; zeros the first time. data is NULL when x needs none. */
tensor ag_grad_add(ag_tape *t, ag_var *x);
/* The gradient of x for a kernel y = f() + beta y: beta is 0 the first time, then 1. data is NULL
 * when x needs none. */
tensor ag_grad_write(ag_tape *t, ag_var *x, real *beta);
/* The same for views that together may be all of one variable (q, k and v of one projection): where
 * they are, and nothing was added before, every beta is 0. Where they share memory else, it is 1.
 */
void ag_grad_write_parts(ag_tape *t, int n, ag_var *const *x, tensor *dx, real *beta);
/* Like ag_grad_add for a matrix of which only these rows are added to (they may repeat). */
tensor ag_grad_add_rows(ag_tape *t, ag_var *x, const int32_t *rows, int64_t n);
/* dx += alpha g; summed where x was broadcast. g stays the caller's. */
void ag_grad_contribute(ag_tape *t, ag_var *x, real alpha, const tensor *g);

/* Takes y's own gradient out of y, to change in place and pass on ... */
tensor ag_grad_take(ag_tape *t, ag_var *y);
/* ... with this: dx += g, without a copy when it is the first part. g is the tape's from here. */
void ag_grad_give(ag_tape *t, ag_var *x, tensor g);

/* The key of the op that is appended next: independent for each op of a step. */
rng_key ag_next_key(const ag_tape *t);

#endif
