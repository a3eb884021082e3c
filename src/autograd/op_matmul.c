#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/gemm.h"

/* Matrix number i of x (..., M, N), counted over the leading dimensions. */
static tensor matrix_at(const tensor *x, int64_t i) {
    int d = x->n_dim - 2;
    tensor m = {
        {x->data}, 2, {x->shape[d], x->shape[d + 1]}, {x->stride[d], x->stride[d + 1]}, x->type};
    while (--d >= 0) {
        m.data += i % x->shape[d] * x->stride[d];
        i /= x->shape[d];
    }
    return m;
}

static int64_t n_matrices(const tensor *x) {
    int64_t n = 1;
    for (int d = 0; d < x->n_dim - 2; d++) n *= x->shape[d];
    return n;
}

/* da += dy b^T, db += a^T dy; one matrix b takes the sum over all of a's. All of da comes first:
 * a and b may be views of the same memory. */
static void backward(ag_tape *t, ag_var *y) {
    ag_var *a = y->in[0], *b = y->in[1];
    int64_t n = n_matrices(&y->value), nb = n_matrices(&b->value);
    real beta_a, beta_b;
    tensor da = ag_grad_write(t, a, &beta_a);
    tensor db = ag_grad_write(t, b, &beta_b);
    for (int64_t i = 0; i < n && da.data; i++) {
        tensor dy = matrix_at(&y->grad, i), dai = matrix_at(&da, i);
        tensor bi = matrix_at(&b->value, nb == 1 ? 0 : i), bt = tensor_transpose(&bi);
        tensor_gemm(1, &dy, &bt, beta_a, &dai);
    }
    for (int64_t i = 0; i < n && db.data; i++) {
        tensor dy = matrix_at(&y->grad, i), dbi = matrix_at(&db, nb == 1 ? 0 : i);
        tensor ai = matrix_at(&a->value, i), at = tensor_transpose(&ai);
        tensor_gemm(1, &at, &dy, nb == 1 && i > 0 ? 1 : beta_b, &dbi);
    }
}

const ag_op ag_op_matmul = {
    .name = "matmul", .formula = "a b", .backward = backward, .cost = ag_cost_matmul};

static bool fits(const tensor *a, const tensor *b) {
    if (a->n_dim < 2 || b->n_dim < 2) return false;
    if (a->shape[a->n_dim - 1] != b->shape[b->n_dim - 2]) return false;
    if (b->n_dim == 2) return true;
    if (a->n_dim != b->n_dim) return false;
    for (int d = 0; d < a->n_dim - 2; d++)
        if (a->shape[d] != b->shape[d]) return false;
    return true;
}

ag_var *ag_matmul(ag_tape *t, ag_var *a, ag_var *b) {
    char ta[96], tb[96];
    a = ag_reals(t, a);
    b = b->value.n_dim == 2 ? ag_reals_to_train(t, b) : ag_reals(t, b);
    OP_CHECK(ag_op_matmul, fits(&a->value, &b->value), "%s by %s",
             tensor_shape_text(&a->value, ta, sizeof ta),
             tensor_shape_text(&b->value, tb, sizeof tb));
    int64_t shape[TENSOR_MAX_DIM] = {a->value.shape[0], a->value.shape[1], a->value.shape[2],
                                     a->value.shape[3]};
    shape[a->value.n_dim - 1] = b->value.shape[b->value.n_dim - 1];
    ag_var *y = ag_new(t, &ag_op_matmul, a->value.n_dim, shape, 2, (ag_var *[]){a, b});
    int64_t nb = n_matrices(&b->value);
    for (int64_t i = 0; i < n_matrices(&a->value); i++) {
        tensor ai = matrix_at(&a->value, i), bi = matrix_at(&b->value, nb == 1 ? 0 : i);
        tensor yi = matrix_at(&y->value, i);
        tensor_gemm(1, &ai, &bi, 0, &yi);
    }
    return y;
}
