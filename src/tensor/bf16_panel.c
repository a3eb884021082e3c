#include "tensor/bf16_panel.h"

#include <string.h>

/* A block of 32 (k) by 16 (rows or columns) numbers in one of two orders, 1 KiB: by lines of k,
 *   lines[i][k]            as rows of A are,
 * or by pairs of k,
 *   pairs[k / 2][i][k % 2] as columns of B are.
 * As 32-bit numbers, each a pair of k, the one is the transpose of the other. A block is gathered
 * in 16 vectors of 16 such numbers. */
enum { SIDE = 16 };
typedef uint32_t line __attribute__((vector_size(SIDE * sizeof(uint32_t))));

/* A line, and 16 numbers, anywhere in memory. */
typedef uint32_t line_at __attribute__((vector_size(sizeof(line)), aligned(2), may_alias));
typedef bf16 numbers_at __attribute__((vector_size(SIDE * sizeof(bf16)), aligned(2), may_alias));

/* Where a block stands in its matrix, and how much of it the matrix has. */
typedef struct place {
    const tensor *x;
    int64_t offset;      /* of its first number */
    int64_t line, along; /* strides from one i to the next, and from one k to the next */
    int64_t n, K;        /* how many i and k there are; at most 16 and 32 */
} place;

/* y = the numbers of a and b, one behind the other, at the places `from`. */
TENSOR_INLINE void choose(line *y, const line *a, const line *b, const line *from) {
#ifdef __clang__ /* which shuffles by constants only */
    for (int j = 0; j < SIDE; j++)
        (*y)[j] = (*from)[j] < SIDE ? (*a)[(*from)[j]] : (*b)[(*from)[j] - SIDE];
#else
    *y = __builtin_shuffle(*a, *b, *from);
#endif
}

/* Halves change places in ever smaller squares: lines i and i + n, for n = 8, 4, 2, 1, swap the
 * upper right n x n numbers of the one with the lower left ones of the other. */
TENSOR_INLINE void swap_halves(line *x, int n) {
    line keep = {0}, bring = {0};
    for (int j = 0; j < SIDE; j++) {
        keep[j] = (uint32_t)(j & n ? SIDE + j - n : j);
        bring[j] = (uint32_t)(j & n ? SIDE + j : j + n);
    }
#pragma GCC unroll 16
    for (int i = 0; i < SIDE; i++) {
        if (i & n) continue;
        line a = x[i], b = x[i + n];
        choose(&x[i], &a, &b, &keep);
        choose(&x[i + n], &a, &b, &bring);
    }
}

TENSOR_INLINE void transpose(line *x) {
    swap_halves(x, 8);
    swap_halves(x, 4);
    swap_halves(x, 2);
    swap_halves(x, 1);
}

static bf16 number_at(const place *p, int64_t i, int64_t k) {
    if (i >= p->n || k >= p->K) return 0;
    int64_t at = p->offset + i * p->line + k * p->along;
    return p->x->type == TENSOR_BF16 ? p->x->data16[at] : bf16_of(p->x->data[at]);
}

/* Any strides, and the edges of the matrix: lines. */
static void edge_lines(line *x, const place *p) {
    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < SIDE; k++)
            x[i][k] = number_at(p, i, 2 * k) | (uint32_t)number_at(p, i, 2 * k + 1) << 16;
}

/* along == 1: lines of the block are lines in memory. */
TENSOR_INLINE void whole_lines(line *x, const place *p) {
#pragma GCC unroll 16
    for (int i = 0; i < SIDE; i++) {
        int64_t at = p->offset + i * p->line;
        if (p->x->type == TENSOR_BF16) {
            x[i] = *(const line_at *)(p->x->data16 + at);
        } else {
            bf16 numbers[BF16_K];
            bf16_row_of(BF16_K, numbers, p->x->data + at);
            memcpy(&x[i], numbers, sizeof numbers);
        }
    }
}

/* line == 1: for each k the numbers of all i stand side by side. */
TENSOR_INLINE void whole_pairs(line *x, const place *p) {
#pragma GCC unroll 16
    for (int k = 0; k < SIDE; k++) {
        int64_t even = p->offset + 2 * k * p->along, odd = even + p->along;
        if (p->x->type == TENSOR_BF16) {
            const bf16 *from = p->x->data16;
            x[k] = __builtin_convertvector(*(const numbers_at *)(from + even), line) |
                   __builtin_convertvector(*(const numbers_at *)(from + odd), line) << 16;
        } else {
            bf16_pairs_of((uint32_t *)&x[k], p->x->data + even, p->x->data + odd);
        }
    }
}

/* The block as lines or as pairs to `to`, lines `stride` pairs apart. */
TENSOR_INLINE void gather(uint32_t *to, int64_t stride, const place *p, bool as_lines) {
    line x[SIDE];
    bool whole = p->n == SIDE && p->K == BF16_K, are_lines = true;
    if (whole && p->along == 1) {
        whole_lines(x, p);
    } else if (whole && p->line == 1) {
        whole_pairs(x, p);
        are_lines = false;
    } else {
        edge_lines(x, p);
    }
    if (as_lines != are_lines) transpose(x);
#pragma GCC unroll 16
    for (int i = 0; i < SIDE; i++) *(line_at *)(to + i * stride) = x[i];
}

static int64_t at_most(int64_t n, int64_t limit) {
    return n < 0 ? 0 : n < limit ? n : limit;
}

/* K is the outer loop of both: what lies side by side in memory is read together. */
void bf16_pack_rows(bf16 *panel, int64_t stride, const tensor *x, int64_t row, int64_t rows,
                    int64_t k, int64_t K) {
    place p = {.x = x, .line = x->stride[0], .along = x->stride[1]};
    for (int64_t at = 0; at < K; at += BF16_K)
        for (int64_t i = 0; i < rows; i += SIDE) {
            p.offset = (row + i) * p.line + (k + at) * p.along;
            p.n = at_most(x->shape[0] - row - i, SIDE);
            p.K = at_most(K - at, BF16_K);
            gather((uint32_t *)(panel + i * stride + at), stride / 2, &p, true);
        }
}

bool bf16_rows_are_packed(const tensor *x, int64_t row, int64_t K) {
    return x->type == TENSOR_BF16 && x->stride[1] == 1 && K % BF16_K == 0 &&
           row + BF16_TILE <= x->shape[0];
}

/* sums[i] += the numbers of column i, of n, of a block in pairs. */
static void add_columns(real *sums, int64_t n, const uint32_t *pairs) {
    real sum[SIDE] = {0};
    for (int k = 0; k < SIDE; k++, pairs += SIDE)
        for (int i = 0; i < SIDE; i++)
            sum[i] += bf16_to_real((bf16)pairs[i]) + bf16_to_real((bf16)(pairs[i] >> 16));
    for (int64_t i = 0; i < n; i++) sums[i] += sum[i];
}

void bf16_pack_columns(bf16 *panels, const tensor *x, int64_t k, int64_t K, int64_t col,
                       int64_t cols, real *sums) {
    place p = {.x = x, .line = x->stride[1], .along = x->stride[0]};
    int64_t panel = BF16_TILE * bf16_padded(K);
    for (int64_t at = 0; at < K; at += BF16_K)
        for (int64_t i = 0; i < cols; i += SIDE) {
            bf16 *to = panels + i / BF16_TILE * panel + at * BF16_TILE + i % BF16_TILE * BF16_K;
            p.offset = (col + i) * p.line + (k + at) * p.along;
            p.n = at_most(x->shape[1] - col - i, SIDE);
            p.K = at_most(K - at, BF16_K);
            gather((uint32_t *)to, SIDE, &p, false);
            if (sums) add_columns(sums + i, p.n, (const uint32_t *)to);
        }
}
