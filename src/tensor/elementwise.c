#include "base/check.h"
#include "tensor/map.h"

#include <stddef.h>

static void fill_row(int64_t n, real *const *row, const int64_t *stride, const void *context) {
    real value = *(const real *)context, *y = row[0];
    for (int64_t i = 0; i < n; i++) y[i * stride[0]] = value;
}

void tensor_fill(tensor *y, real value) {
    tensor_map(1, (const tensor *const[]){y}, fill_row, &value);
}

static void copy_row(int64_t n, real *const *row, const int64_t *stride, const void *context) {
    (void)context;
    real *y = row[0];
    const real *x = row[1];
    if (stride[0] == 1 && stride[1] == 1)
        for (int64_t i = 0; i < n; i++) y[i] = x[i];
    else
        for (int64_t i = 0; i < n; i++) y[i * stride[0]] = x[i * stride[1]];
}

void tensor_copy(tensor *y, const tensor *x) {
    tensor_map(2, (const tensor *const[]){y, x}, copy_row, NULL);
}

static void accumulate_row(int64_t n, real *const *row, const int64_t *stride,
                           const void *context) {
    real alpha = *(const real *)context, *y = row[0];
    const real *x = row[1];
    if (stride[0] == 1 && stride[1] == 1)
        for (int64_t i = 0; i < n; i++) y[i] += alpha * x[i];
    else
        for (int64_t i = 0; i < n; i++) y[i * stride[0]] += alpha * x[i * stride[1]];
}

void tensor_accumulate(tensor *y, real alpha, const tensor *x) {
    tensor_map(2, (const tensor *const[]){y, x}, accumulate_row, &alpha);
}

/* y (cols) += the column sums of x (rows, cols): each thread owns columns. */
static void accumulate_column_sums(real *y, const real *x, int64_t rows, int64_t cols) {
    enum { COLUMNS = 64 };
    int64_t blocks = (cols + COLUMNS - 1) / COLUMNS;
#pragma omp parallel for schedule(static) if (rows * cols > 8192)
    for (int64_t block = 0; block < blocks; block++) {
        int64_t first = block * COLUMNS;
        int64_t n = cols - first < COLUMNS ? cols - first : COLUMNS;
        real sum[COLUMNS] = {0};
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < n; c++) sum[c] += x[r * cols + first + c];
        for (int64_t c = 0; c < n; c++) y[first + c] += sum[c];
    }
}

/* The outermost dimension of x in which y is repeated, or -1. */
static int broadcast_dim(const tensor *y, const tensor *x) {
    int missing = x->n_dim - y->n_dim;
    for (int d = 0; d < x->n_dim; d++) {
        bool repeats = d < missing || y->shape[d - missing] == 1;
        if (repeats && x->shape[d] != 1) return d;
    }
    return -1;
}

void tensor_accumulate_sum(tensor *y, const tensor *x) {
    int dim = broadcast_dim(y, x);
    int64_t n = tensor_numel(y);
    if (dim < 0) {
        tensor view = tensor_broadcast(y, x->n_dim, x->shape);
        tensor_accumulate(&view, 1, x);
    } else if (n == 1) {
        y->data[0] += (real)tensor_sum(x);
    } else if (tensor_is_contiguous(x) && tensor_is_contiguous(y) && y->n_dim == 1 &&
               y->shape[0] == x->shape[x->n_dim - 1]) {
        accumulate_column_sums(y->data, x->data, tensor_numel(x) / n, n);
    } else {
        for (int64_t i = 0; i < x->shape[dim]; i++) {
            tensor part = tensor_slice(x, dim, i, 1);
            tensor_accumulate_sum(y, &part);
        }
    }
}
