#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/map.h"

static void mul_row(int64_t n, real *const *row, const int64_t *stride, const void *context) {
    (void)context;
    real *y = row[0];
    const real *a = row[1], *b = row[2];
    if (stride[0] == 1 && stride[1] == 1 && stride[2] == 1)
        for (int64_t i = 0; i < n; i++) y[i] = a[i] * b[i];
    else
        for (int64_t i = 0; i < n; i++) y[i * stride[0]] = a[i * stride[1]] * b[i * stride[2]];
}

static void multiply(tensor *y, const tensor *a, const tensor *b) {
    tensor_map(3, (const tensor *const[]){y, a, b}, mul_row, NULL);
}

/* da += dy b: the product has y's shape and is summed where a was broadcast. */
static void pull_back_to(ag_tape *t, const ag_var *y, ag_var *a, const ag_var *b) {
    if (!a->needs_grad) return;
    size_t bytes = (size_t)tensor_numel(&y->value) * sizeof(real);
    tensor product = tensor_of(ag_scratch(t, bytes), y->value.n_dim, y->value.shape);
    multiply(&product, &y->grad, &b->value);
    ag_grad_contribute(t, a, 1, &product);
    ag_scratch_end(t);
}

static void backward(ag_tape *t, ag_var *y) {
    pull_back_to(t, y, y->in[0], y->in[1]);
    pull_back_to(t, y, y->in[1], y->in[0]);
}

const ag_op ag_op_mul = {.name = "mul", .formula = "a * b", .backward = backward};

ag_var *ag_mul(ag_tape *t, ag_var *a, ag_var *b) {
    ag_var *y = ag_new_broadcast(t, &ag_op_mul, a, b);
    multiply(&y->value, &a->value, &b->value);
    return y;
}
