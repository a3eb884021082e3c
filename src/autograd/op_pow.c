#include "autograd/op.h"
#include "autograd/ops.h"

#include <math.h>

enum { PARALLEL_FROM = 4096 };

/* g = g p x^(p - 1), in place; x^0 has no slope, not at 0 either. */
static void backward(ag_tape *t, ag_var *y) {
    const real p = *(real *)y->saved, *x = y->in[0]->value.data;
    tensor g = ag_grad_take(t, y);
    const int64_t n = tensor_numel(&g);
#pragma omp parallel for schedule(static) if (n > PARALLEL_FROM)
    for (int64_t i = 0; i < n; i++)
        g.data[i] *= p == 0 ? 0 : p * (real)pow((double)x[i], (double)p - 1);
    ag_grad_give(t, y->in[0], g);
}

const ag_op ag_op_pow = {.name = "pow", .formula = "x^p", .backward = backward};

ag_var *ag_pow(ag_tape *t, ag_var *x, real p) {
    x = ag_contiguous(t, ag_reals(t, x));
    ag_var *y = ag_new_like(t, &ag_op_pow, x, 1, &x);
    y->saved = ag_tape_alloc(t, sizeof p);
    *(real *)y->saved = p;
    const real *from = x->value.data;
    const int64_t n = tensor_numel(&x->value);
#pragma omp parallel for schedule(static) if (n > PARALLEL_FROM)
    for (int64_t i = 0; i < n; i++) y->value.data[i] = (real)pow((double)from[i], (double)p);
    return y;
}
