#include "autograd/cost.h"

#include "autograd/op.h"

static double numel(const ag_var *v) {
    return (double)tensor_numel(&v->value);
}

static double bytes_of(const ag_var *v) {
    return (double)tensor_bytes(&v->value);
}

static bool wants_grad(const ag_var *v) {
    return v && v->needs_grad;
}

static double bytes_moved(const ag_var *y, bool backward) {
    double bytes = bytes_of(y);
    for (int i = 0; i < y->n_in; i++) {
        if (y->in[i]) bytes += bytes_of(y->in[i]);
        if (backward && wants_grad(y->in[i])) bytes += bytes_of(y->in[i]);
    }
    return bytes;
}

ag_cost ag_cost_of(const ag_var *y, bool backward) {
    if (y->op->cost) return y->op->cost(y, backward);
    return (ag_cost){0, bytes_moved(y, backward)};
}

/* A product of two inputs, 2 K operations an element of y: backward is one as large for each input
 * that wants a gradient, and whatever is computed `again`. */
static ag_cost products(const ag_var *y, double forward, double again, bool backward) {
    double flops = forward;
    if (backward)
        flops = again + (wants_grad(y->in[0]) ? forward : 0) + (wants_grad(y->in[1]) ? forward : 0);
    return (ag_cost){flops, bytes_moved(y, backward)};
}

/* y (..., M, N) = a (..., M, K) b */
ag_cost ag_cost_matmul(const ag_var *y, bool backward) {
    double K = (double)y->in[0]->value.shape[y->in[0]->value.n_dim - 1];
    return products(y, 2 * numel(y) * K, 0, backward);
}

/* y (..., O) = x (..., I) w (I, O) */
ag_cost ag_cost_linear(const ag_var *y, bool backward) {
    return products(y, 2 * numel(y) * (double)y->in[1]->value.shape[0], 0, backward);
}

/* logits (..., V) = x (..., C) w (V, C)^T */
ag_cost ag_cost_linear_cross_entropy(const ag_var *y, bool backward) {
    double logits = 2 * numel(y->in[0]) * (double)y->in[1]->value.shape[0];
    return products(y, logits, logits, backward);
}

/* Each of the pairs of a query and a key that it sees takes 2 C operations a product: q k^T and p v
 * forward; q k^T again, dy v^T, p^T dy, ds k and ds^T q backward. */
ag_cost ag_cost_attention(const ag_var *y, bool backward) {
    const int64_t *q = y->in[0]->value.shape;
    double B = (double)q[0], T = (double)q[1], C = (double)q[2];
    double earlier = (double)y->in[1]->value.shape[1] - T, pairs = T * earlier + T * (T + 1) / 2;
    return (ag_cost){(backward ? 5 : 2) * 2 * B * pairs * C, bytes_moved(y, backward)};
}

ag_cost ag_cost_add(const ag_var *y, bool backward) {
    return (ag_cost){0, backward ? 2 * bytes_of(y) : bytes_moved(y, false)};
}

/* Rows of the result are read and written; backward reads dy and adds into the rows of dw. */
ag_cost ag_cost_embedding(const ag_var *y, bool backward) {
    return (ag_cost){0, (backward ? 3 : 2) * bytes_of(y)};
}
