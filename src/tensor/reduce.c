#include "base/check.h"
#include "tensor/tensor.h"

#include <math.h>

/* Sums are taken over pieces of this many elements, then over the pieces in order: the same bits
 * whoever sums a piece. MAX_PIECES bounds the partial sums; larger tensors have longer pieces. */
enum { PIECE = 1 << 14, MAX_PIECES = 1024 };

static int64_t piece_length(int64_t n) {
    int64_t least = (n + MAX_PIECES - 1) / MAX_PIECES;
    return least > PIECE ? least : PIECE;
}

/* The sum of one piece; y may be NULL where it is not asked for. */
typedef double piece_sum(const real *x, const real *y, int64_t n);

static double sum_values(const real *x, const real *y, int64_t n) {
    double sum = 0;
    (void)y;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += (double)x[i];
    return sum;
}

static double sum_squares(const real *x, const real *y, int64_t n) {
    double sum = 0;
    (void)y;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
    return sum;
}

static double sum_squared_differences(const real *x, const real *y, int64_t n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) {
        double difference = (double)x[i] - y[i];
        sum += difference * difference;
    }
    return sum;
}

static double sum_pieces(const real *x, const real *y, int64_t n, piece_sum *sum) {
    int64_t length = piece_length(n), pieces = (n + length - 1) / length;
    double partial[MAX_PIECES];
#pragma omp parallel for schedule(static) if (pieces > 1)
    for (int64_t p = 0; p < pieces; p++) {
        int64_t first = p * length, count = n - first < length ? n - first : length;
        partial[p] = sum(x + first, y ? y + first : NULL, count);
    }
    double total = 0;
    for (int64_t p = 0; p < pieces; p++) total += partial[p];
    return total;
}

double tensor_sum_squares(const real *x, int64_t n) {
    return sum_pieces(x, NULL, n, sum_squares);
}

double tensor_sum_squared_difference(const real *x, const real *y, int64_t n) {
    return sum_pieces(x, y, n, sum_squared_differences);
}

double tensor_sum(const tensor *x) {
    CHECK(x->type == TENSOR_REAL, "sum of type %d", x->type);
    if (tensor_is_contiguous(x)) return sum_pieces(x->data, NULL, tensor_numel(x), sum_values);
    double total = 0;
    if (x->n_dim == 1) {
        for (int64_t i = 0; i < x->shape[0]; i++) total += x->data[i * x->stride[0]];
        return total;
    }
    for (int64_t i = 0; i < x->shape[0]; i++) {
        tensor part = {.data = x->data + i * x->stride[0], .n_dim = x->n_dim - 1};
        for (int d = 0; d < part.n_dim; d++) {
            part.shape[d] = x->shape[d + 1];
            part.stride[d] = x->stride[d + 1];
        }
        total += tensor_sum(&part);
    }
    return total;
}

int64_t tensor_first_nonfinite(const real *x, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return i;
    return -1;
}

bool tensor_is_finite(const tensor *x) {
    int64_t n = tensor_numel(x);
    if (x->type == TENSOR_REAL) return tensor_first_nonfinite(x->data, n) < 0;
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(bf16_to_real(x->data16[i]))) return false;
    return true;
}
