#include "base/check.h"
#include "tensor/map.h"

#include <stddef.h>
#include <string.h>

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

/* y (n) = x, numbers side by side, from one type to the other. */
static void convert(tensor *y, const tensor *x, int64_t n) {
    enum { CHUNK = 1 << 12 };
#pragma omp parallel for schedule(static) if (n > 2 * CHUNK)
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t length = n - i < CHUNK ? n - i : CHUNK;
        if (y->type == TENSOR_BF16)
            bf16_row_of(length, y->data16 + i, x->data + i);
        else
            bf16_row_to_real(length, y->data + i, x->data16 + i);
    }
}

void tensor_copy(tensor *y, const tensor *x) {
    if (x->type != y->type && tensor_same_shape(x, y) && tensor_is_contiguous(x) &&
        tensor_is_contiguous(y)) {
        convert(y, x, tensor_numel(x));
        return;
    }
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

void tensor_update_row(void *row, tensor_type type, int64_t n, real *x, real beta) {
    real *y = row;
    bf16 *y16 = row;
    if (beta != 0 && type == TENSOR_REAL)
        for (int64_t i = 0; i < n; i++) x[i] += beta * y[i];
    if (beta != 0 && type == TENSOR_BF16)
        for (int64_t i = 0; i < n; i++) x[i] += beta * bf16_to_real(y16[i]);
    if (type == TENSOR_REAL)
        memcpy(y, x, (size_t)n * sizeof *x);
    else
        bf16_row_of(n, y16, x);
}

/* Column sums are taken over PARTS of the rows, then over the parts in order, so that the bits do
 * not depend on the threads; so many columns at a time. */
enum { PARTS = 16, COLUMNS = 2048 };

/* sum += rows [begin, end), n columns from `first` on, of x, of the type `type`, a constant where
 * this is inlined. */
TENSOR_INLINE void add_rows(real *restrict sum, tensor_type type, const void *restrict x,
                            int64_t cols, int64_t first, int64_t n, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++)
        for (int64_t c = 0; c < n; c++) sum[c] += tensor_get(x, type, r * cols + first + c);
}

/* y (cols) += the column sums of x (rows, cols). */
static void accumulate_column_sums(tensor *y, const tensor *x, int64_t rows, int64_t cols) {
    real sum[PARTS][COLUMNS];
    for (int64_t first = 0; first < cols; first += COLUMNS) {
        int64_t n = cols - first < COLUMNS ? cols - first : COLUMNS;
#pragma omp parallel for schedule(static) if (rows * cols > 8192)
        for (int64_t p = 0; p < PARTS; p++) {
            int64_t begin = p * rows / PARTS, end = (p + 1) * rows / PARTS;
            memset(sum[p], 0, sizeof sum[p]);
            if (x->type == TENSOR_BF16)
                add_rows(sum[p], TENSOR_BF16, x->data16, cols, first, n, begin, end);
            else
                add_rows(sum[p], TENSOR_REAL, x->data, cols, first, n, begin, end);
        }
        for (int64_t p = 1; p < PARTS; p++)
            for (int64_t c = 0; c < n; c++) sum[0][c] += sum[p][c];
        for (int64_t c = 0; c < n; c++) y->data[first + c] += sum[0][c];
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
    CHECK(y->type == TENSOR_REAL, "sums into type %d", y->type);
    int dim = broadcast_dim(y, x);
    int64_t n = tensor_numel(y);
    if (dim < 0) {
        tensor view = tensor_broadcast(y, x->n_dim, x->shape);
        tensor_accumulate(&view, 1, x);
    } else if (n == 1 && x->type == TENSOR_REAL) {
        y->data[0] += (real)tensor_sum(x);
    } else if (tensor_is_contiguous(x) && tensor_is_contiguous(y) && y->n_dim == 1 &&
               y->shape[0] == x->shape[x->n_dim - 1]) {
        accumulate_column_sums(y, x, tensor_numel(x) / n, n);
    } else {
        for (int64_t i = 0; i < x->shape[dim]; i++) {
            tensor part = tensor_slice(x, dim, i, 1);
            tensor_accumulate_sum(y, &part);
        }
    }
}
