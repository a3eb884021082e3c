/* What the element-wise functions of one variable share: each op file holds only its two loops. */
#ifndef AUTOGRAD_OP_UNARY_H
#define AUTOGRAD_OP_UNARY_H

#include "autograd/op.h"

/* y[i] = f(x[i]) */
typedef void unary_forward(int64_t n, real *restrict y, const real *restrict x);
/* g[i] *= f'(x[i]); y = f(x) is at hand where it is cheaper. */
typedef void unary_backward(int64_t n, real *restrict g, const real *restrict x,
                            const real *restrict y);

ag_var *unary_apply(ag_tape *t, const ag_op *op, ag_var *x, unary_forward *forward);
void unary_pull_back(ag_tape *t, ag_var *y, unary_backward *backward);

#endif
