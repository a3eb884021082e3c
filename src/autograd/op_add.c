#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/map.h"

/* What a residual stream gets, y = a + b, b of the type `type`, all contiguous. */
TENSOR_INLINE void add_whole(tensor_type type, const tensor *y, const tensor *a, const void *b) {
    int64_t n = tensor_numel(y);
    real *restrict yd = y->data;
    const real *restrict ad = a->data;
#pragma omp parallel for simd schedule(static) if (n > 8192)
    for (int64_t i = 0; i < n; i++) yd[i] = ad[i] + tensor_get(b, type, i);
}

static bool is_residual(const tensor *y, const tensor *a, const tensor *b) {
    return a->type == TENSOR_REAL && b->type == TENSOR_BF16 && tensor_same_shape(a, b) &&
           tensor_is_contiguous(a) && tensor_is_contiguous(b) && tensor_same_shape(y, a);
}

static void add_row(int64_t n, real *const *row, const int64_t *stride, const void *context) {
    (void)context;
    real *y = row[0];
    const real *a = row[1], *b = row[2];
    if (stride[0] == 1 && stride[1] == 1 && stride[2] == 1)
        for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
    else
        for (int64_t i = 0; i < n; i++) y[i * stride[0]] = a[i * stride[1]] + b[i * stride[2]];
}

/* da += dy, db += dy: the one gets a copy, the other, of dy's type, the memory of dy itself. */
static void backward(ag_tape *t, ag_var *y) {
    int heir = y->in[1]->value.type == y->grad.type;
    ag_grad_contribute(t, y->in[!heir], 1, &y->grad);
    ag_grad_give(t, y->in[heir], ag_grad_take(t, y));
}

const ag_op ag_op_add = {
    .name = "add", .formula = "a + b", .backward = backward, .cost = ag_cost_add};

ag_var *ag_add(ag_tape *t, ag_var *a, ag_var *b) {
    ag_var *y = ag_new_broadcast(t, &ag_op_add, a, b);
    if (is_residual(&y->value, &a->value, &b->value))
        add_whole(TENSOR_BF16, &y->value, &a->value, b->value.data16);
    else
        tensor_map(3, (const tensor *const[]){&y->value, &a->value, &b->value}, add_row, NULL);
    return y;
}
