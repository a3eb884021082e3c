#include "tensor/bf16_part.h"

#include "base/mem.h"
#include "tensor/bf16_panel.h"

#include <stdlib.h>

/* A thread's part of C is walked in strips of columns, a strip's part of B is packed in pieces of
 * K. A piece, a panel of A and the sums that wait for the next piece share the second-level cache.
 */
enum {
    K_NEAR = 512,          /* of a panel of A that stays in the first-level cache */
    K_PIECE = 512,         /* where A must be packed for every strip: wide strips */
    K_PIECE_DIRECT = 4096, /* where it need not */
    B_NUMBERS = 640 << 10, /* of a packed piece of B */
    A_NUMBERS = BF16_TILE * (K_PIECE_DIRECT + 32), /* of packed panels of A */
    SUMS_SIDE = 384, /* of a block whose sums wait for the next piece */
    A_GAP = 32,
    SUMS_GAP = 16 /* between rows, so that they do not meet in one cache set */
};

/* What one thread works with. */
typedef struct workspace {
    bf16 *a, *b;
    real *sums; /* of the rows of a panel or, where K comes in several pieces, of the part */
    int64_t n_sums;
} workspace;

static workspace *workspaces;
static int n_workspaces;

void bf16_part_workspaces(int n) {
    if (n <= n_workspaces) return;
    workspaces = mem_resize(workspaces, (size_t)n, sizeof *workspaces);
    for (; n_workspaces < n; n_workspaces++) {
        bf16 *memory = mem_new_aligned((A_NUMBERS + B_NUMBERS) * sizeof(bf16));
        workspaces[n_workspaces] = (workspace){memory, memory + A_NUMBERS, NULL, 0};
    }
}

static void need_sums(workspace *w, int64_t n) {
    if (n <= w->n_sums) return;
    free(w->sums);
    w->sums = mem_new_aligned((size_t)n * sizeof(real));
    w->n_sums = n;
}

static int64_t whole_tiles(int64_t n) {
    return (n + BF16_TILE - 1) / BF16_TILE * BF16_TILE;
}

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* A block of a part, in whole tiles, and a piece of its products: k of [k, k + n). */
typedef struct piece {
    const bf16_part *p;
    workspace *w;
    const bf16_kernel *kernel;
    int64_t row, rows, col, cols, k, n;
} piece;

/* 32 rows from `row` on: their row panel, a, times the piece of B. */
static void panel_products(const piece *s, int64_t row, const bf16 *a, int64_t a_row) {
    const bf16_part *p = s->p;
    int64_t padded = bf16_padded(s->n), width = s->cols + SUMS_GAP;
    bool is_first = s->k == 0, is_last = s->k + s->n == p->a->shape[1];
    real *sums = s->w->sums + (is_first && is_last ? 0 : (row - s->row) * width);
    int64_t k = 0;
    do {
        int64_t n = smaller(K_NEAR, padded - k);
        for (int64_t j = 0; j < s->cols; j += BF16_TILE)
            s->kernel->product(n, a + k, a_row, s->w->b + j * padded + k * BF16_TILE, sums + j,
                               width, !is_first || k > 0);
        k += n;
    } while (k < padded);
    if (!is_last) return;
    int64_t rows = smaller(BF16_TILE, p->a->shape[0] - row);
    int64_t cols = smaller(s->cols, p->b->shape[1] - s->col);
    for (int64_t r = 0; r < rows; r++, sums += width)
        p->finish(p->context, row + r, s->col, cols, sums);
}

/* B is packed again for every block of rows, but its columns are summed once. */
static real *column_sums(const piece *s) {
    return s->p->column_sums && s->row == 0 ? s->p->column_sums + s->col : NULL;
}

static void piece_products(const piece *s) {
    const bf16_part *p = s->p;
    int64_t padded = bf16_padded(s->n), a_row = padded + A_GAP;
    int64_t end = s->row + s->rows;
    int64_t group = A_NUMBERS / a_row / BF16_TILE * BF16_TILE;
    bf16_pack_columns(s->w->b, p->b, s->k, s->n, s->col, s->cols, column_sums(s));
    for (int64_t row = s->row, rows; row < end; row += rows) {
        if (bf16_rows_are_packed(p->a, row, s->n)) {
            const int64_t stride = p->a->stride[0];
            rows = BF16_TILE;
            panel_products(s, row, p->a->data16 + row * stride + s->k, stride);
            continue;
        }
        rows = smaller(group, end - row);
        bf16_pack_rows(s->w->a, a_row, p->a, row, rows, s->k, s->n);
        for (int64_t i = 0; i < rows; i += BF16_TILE)
            panel_products(s, row + i, s->w->a + i * a_row, a_row);
    }
}

/* A piece's length and, of the blocks of the part that are done one after another, the size. */
typedef struct blocking {
    int64_t length, rows, cols;
} blocking;

/* `n` cut evenly into whole tiles, none above `most`. */
static int64_t evenly(int64_t n, int64_t most) {
    int64_t parts = (n + most - 1) / most;
    return whole_tiles((n + parts - 1) / parts);
}

/* Where A serves as it is, K comes in one piece and B sets the width; where it must be packed, or K
 * is very long, sums of a block wait for the next piece. */
static blocking blocking_for(const bf16_part *p) {
    int64_t K = p->a->shape[1];
    bool direct = bf16_rows_are_packed(p->a, p->row, K) && K <= K_PIECE_DIRECT;
    if (direct || K <= K_PIECE) {
        int64_t length = bf16_padded(K > 0 ? K : 1);
        int64_t widest = B_NUMBERS / length / BF16_TILE * BF16_TILE;
        return (blocking){length, whole_tiles(p->rows), evenly(p->cols, widest)};
    }
    return (blocking){evenly(K, K_PIECE), evenly(p->rows, SUMS_SIDE), evenly(p->cols, SUMS_SIDE)};
}

void bf16_part_run(const bf16_part *p, int index) {
    workspace *w = &workspaces[index];
    int64_t K = p->a->shape[1];
    blocking by = blocking_for(p);
    need_sums(w, (by.length < K ? by.rows : BF16_TILE) * (by.cols + SUMS_GAP));
    piece s = {.p = p, .w = w, .kernel = bf16_kernel_best()};
    s.kernel->begin();
    for (int64_t col = 0; col < p->cols; col += by.cols)
        for (int64_t row = 0; row < p->rows; row += by.rows) {
            s.row = p->row + row;
            s.rows = whole_tiles(smaller(by.rows, p->rows - row));
            s.col = p->col + col;
            s.cols = whole_tiles(smaller(by.cols, p->cols - col));
            s.k = 0;
            do { /* also once where K is 0 */
                s.n = smaller(by.length, K - s.k);
                piece_products(&s);
                s.k += s.n;
            } while (s.k < K);
        }
    s.kernel->end();
}
