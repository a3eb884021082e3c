/* Reverse-mode automatic differentiation on a define-by-run tape.
 *
 * Each op appends one variable to the tape; ag_backward walks the tape in reverse, and every op
 * adds into the gradients of its inputs. Adding is all that weight tying and gradient accumulation
 * need. Gradients of parameters live until ag_grad_clear, everything else until ag_tape_reset. */
#ifndef AUTOGRAD_AG_H
#define AUTOGRAD_AG_H

#include "base/rng.h"
#include "tensor/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ag_tape ag_tape;
typedef struct ag_var ag_var;
typedef struct ag_op ag_op;

/* What a gradient holds: nothing (its memory is undefined and counts as zeros), only the rows in a
 * row set (the others count as zeros), or all of it. */
typedef enum ag_grad_state { AG_GRAD_EMPTY, AG_GRAD_ROWS, AG_GRAD_DENSE } ag_grad_state;

/* The rows of an embedding gradient that were touched, in the order of first touch. */
typedef struct ag_row_set {
    int32_t *rows;
    int64_t n;
    bool *touched; /* one per row of the matrix */
} ag_row_set;

struct ag_var {
    tensor value;
    tensor grad; /* shape of value; data is NULL while there is none */
    ag_grad_state grad_state;
    ag_row_set rows; /* of a parameter in state AG_GRAD_ROWS */
    const ag_op *op; /* NULL for a leaf */
    ag_var **in;
    int n_in;
    int n_uses;       /* how often the result of an op is an input */
    void *saved;      /* what the op keeps for its backward */
    ag_var *root;     /* of a view: the variable whose numbers it shows; else itself */
    const char *name; /* of a parameter, or what the caller calls it (borrowed), or NULL */
    bool needs_grad;
};

typedef enum ag_mode {
    AG_KEEP,    /* every value and gradient stays readable until reset: for people who look */
    AG_RELEASE, /* backward reuses memory as soon as nobody needs it: for training */
    AG_NO_GRAD  /* nothing is saved, backward is a bug: for evaluation */
} ag_mode;

/* Returns new (free with ag_tape_free). */
ag_tape *ag_tape_new(ag_mode mode);
void ag_tape_free(ag_tape *t);

/* Forgets all variables of the tape and keeps its memory. Everything "lives in tape" ends here. */
void ag_tape_reset(ag_tape *t);
ag_mode ag_tape_mode(const ag_tape *t);
/* Resets the tape, and changes what it is for: training and evaluation take turns in its memory. */
void ag_tape_reset_to(ag_tape *t, ag_mode mode);
/* The key from which dropout draws: a new one for each training step. */
void ag_tape_set_key(ag_tape *t, rng_key key);
/* How results are stored that only matrix products and cheap ops read: those of linear layers,
 * norms, activations and attention; TENSOR_REAL at first. With TENSOR_BF16 products multiply bf16
 * and sum in float (mixed precision); sums, losses, parameters and their gradients stay real. */
void ag_tape_set_activations(ag_tape *t, tensor_type type);
/* Bytes of values, gradients and scratch memory that the tape has used at most. */
size_t ag_tape_bytes(const ag_tape *t);
/* Memory that lives in tape, for the ids of a batch and the like; not cleared. */
void *ag_tape_alloc(ag_tape *t, size_t bytes);
/* The variables in the order of creation; *n says how many. Borrows. */
ag_var *const *ag_tape_vars(const ag_tape *t, int *n);

/* A constant over borrowed numbers (contiguous or a view). Lives in tape. */
ag_var *ag_input(ag_tape *t, tensor value);
/* A leaf that wants a gradient. Lives in tape; the numbers are borrowed. */
ag_var *ag_leaf(ag_tape *t, tensor value);

/* Makes a leaf outside any tape whose value and gradient are borrowed, contiguous memory of the
 * same shape: a parameter. The gradient begins empty. Release with ag_param_free. */
void ag_param_init(ag_var *v, tensor value, tensor grad, const char *name);
void ag_param_free(ag_var *v);

/* Adds seed * d(y)/d(leaf) into the gradient of every leaf that y depends on; y has one element.
 * Once between resets: add losses up, or record them one after another. */
void ag_backward(ag_tape *t, ag_var *y, real seed);

/* The gradient of x after backward: of a view, the part of its root's that it shows. In state
 * AG_GRAD_ROWS only the rows in the set hold numbers. data is NULL while there is none. Borrows. */
tensor ag_grad_of(const ag_var *x);
/* Empties the gradient of a parameter without touching its memory. */
void ag_grad_clear(ag_var *v);
/* Makes the memory of a parameter's gradient hold what it counts as: zeros where untouched. */
void ag_grad_densify(ag_var *v);

/* The first variable on the tape whose value is not finite, or NULL. Not meaningful after a
 * backward in mode AG_RELEASE. */
const ag_var *ag_first_nonfinite(const ag_tape *t);

const char *ag_op_name(const ag_var *v); /* "leaf" for a leaf */

#endif
