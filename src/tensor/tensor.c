#include "tensor/tensor.h"

#include "base/check.h"

#include <stdio.h>

tensor tensor_of(real *data, int n_dim, const int64_t *shape) {
    CHECK(n_dim >= 1 && n_dim <= TENSOR_MAX_DIM, "tensor: %d dimensions", n_dim);
    tensor t = {.data = data, .n_dim = n_dim};
    int64_t stride = 1;
    for (int d = n_dim - 1; d >= 0; d--) {
        CHECK(shape[d] >= 0, "tensor: dimension %d has size %lld", d, (long long)shape[d]);
        t.shape[d] = shape[d];
        t.stride[d] = stride;
        stride *= shape[d];
    }
    return t;
}

tensor tensor_of_bf16(bf16 *data, int n_dim, const int64_t *shape) {
    tensor t = tensor_of(NULL, n_dim, shape);
    t.data16 = data;
    t.type = TENSOR_BF16;
    return t;
}

tensor tensor_1d(real *data, int64_t n) {
    return tensor_of(data, 1, &n);
}

tensor tensor_2d(real *data, int64_t rows, int64_t cols) {
    return tensor_of(data, 2, (int64_t[]){rows, cols});
}

int64_t tensor_numel(const tensor *t) {
    int64_t n = 1;
    for (int d = 0; d < t->n_dim; d++) n *= t->shape[d];
    return n;
}

size_t tensor_bytes(const tensor *t) {
    return (size_t)tensor_numel(t) * (t->type == TENSOR_BF16 ? sizeof(bf16) : sizeof(real));
}

tensor tensor_advance(tensor t, int64_t elements) {
    if (t.type == TENSOR_BF16)
        t.data16 += elements;
    else
        t.data += elements;
    return t;
}

void *tensor_at(const tensor *t, int64_t elements) {
    return tensor_advance(*t, elements).data;
}

bool tensor_is_contiguous(const tensor *t) {
    int64_t stride = 1;
    for (int d = t->n_dim - 1; d >= 0; d--) {
        if (t->shape[d] != 1 && t->stride[d] != stride) return false;
        stride *= t->shape[d];
    }
    return true;
}

bool tensor_same_shape(const tensor *a, const tensor *b) {
    if (a->n_dim != b->n_dim) return false;
    for (int d = 0; d < a->n_dim; d++)
        if (a->shape[d] != b->shape[d]) return false;
    return true;
}

tensor tensor_reshape(const tensor *t, int n_dim, const int64_t *shape) {
    char text[96];
    tensor y = tensor_of(t->data, n_dim, shape);
    y.type = t->type;
    CHECK(tensor_is_contiguous(t), "reshape of a tensor that is not contiguous");
    CHECK(tensor_numel(&y) == tensor_numel(t), "reshape of %s to %lld elements",
          tensor_shape_text(t, text, sizeof text), (long long)tensor_numel(&y));
    return y;
}

tensor tensor_permute(const tensor *t, const int *order) {
    tensor y = *t;
    unsigned seen = 0;
    for (int d = 0; d < t->n_dim; d++) {
        CHECK(order[d] >= 0 && order[d] < t->n_dim && !(seen >> order[d] & 1),
              "permute: %d at place %d is not a permutation of %d dimensions", order[d], d,
              t->n_dim);
        seen |= 1u << order[d];
        y.shape[d] = t->shape[order[d]];
        y.stride[d] = t->stride[order[d]];
    }
    return y;
}

tensor tensor_transpose(const tensor *t) {
    CHECK(t->n_dim >= 2, "transpose of a tensor of %d dimension", t->n_dim);
    int order[TENSOR_MAX_DIM] = {0, 1, 2, 3};
    order[t->n_dim - 2] = t->n_dim - 1;
    order[t->n_dim - 1] = t->n_dim - 2;
    return tensor_permute(t, order);
}

tensor tensor_slice(const tensor *t, int dim, int64_t start, int64_t length) {
    CHECK(dim >= 0 && dim < t->n_dim, "slice: dimension %d of %d", dim, t->n_dim);
    CHECK(start >= 0 && length >= 0 && start + length <= t->shape[dim],
          "slice: [%lld, %lld) of a dimension of size %lld", (long long)start,
          (long long)(start + length), (long long)t->shape[dim]);
    tensor y = tensor_advance(*t, start * t->stride[dim]);
    y.shape[dim] = length;
    return y;
}

tensor tensor_as_matrix(const tensor *t) {
    int last = t->n_dim - 1;
    int64_t rows = 1, row_stride = t->shape[last];
    for (int d = last - 1; d >= 0; d--) {
        if (t->shape[d] == 1) continue;
        if (rows == 1) row_stride = t->stride[d];
        CHECK(t->stride[d] == rows * row_stride, "rows are not evenly spaced");
        rows *= t->shape[d];
    }
    return (tensor){{t->data}, 2, {rows, t->shape[last]}, {row_stride, t->stride[last]}, t->type};
}

tensor tensor_broadcast(const tensor *t, int n_dim, const int64_t *shape) {
    char text[96];
    CHECK(n_dim >= t->n_dim, "broadcast of %s to %d dimensions",
          tensor_shape_text(t, text, sizeof text), n_dim);
    tensor y = tensor_of(t->data, n_dim, shape);
    y.type = t->type;
    int missing = n_dim - t->n_dim;
    for (int d = 0; d < n_dim; d++) {
        bool repeats = d < missing || (t->shape[d - missing] == 1 && shape[d] != 1);
        CHECK(repeats || t->shape[d - missing] == shape[d], "broadcast of %s to size %lld at %d",
              tensor_shape_text(t, text, sizeof text), (long long)shape[d], d);
        y.stride[d] = repeats ? 0 : t->stride[d - missing];
    }
    return y;
}

bool tensor_broadcast_shape(const tensor *a, const tensor *b, int *n_dim, int64_t *shape) {
    *n_dim = a->n_dim > b->n_dim ? a->n_dim : b->n_dim;
    for (int d = 0; d < *n_dim; d++) {
        int da = d - (*n_dim - a->n_dim), db = d - (*n_dim - b->n_dim);
        int64_t na = da < 0 ? 1 : a->shape[da], nb = db < 0 ? 1 : b->shape[db];
        if (na != nb && na != 1 && nb != 1) return false;
        shape[d] = na == 1 ? nb : na;
    }
    return true;
}

char *tensor_shape_text(const tensor *t, char *out, int size) {
    int n = snprintf(out, (size_t)size, "(");
    for (int d = 0; d < t->n_dim && n < size; d++)
        n += snprintf(out + n, (size_t)(size - n), d ? ", %lld" : "%lld", (long long)t->shape[d]);
    if (n < size) snprintf(out + n, (size_t)(size - n), ")");
    return out;
}
