#include "autograd/attention.h"
#include "tensor/small_gemm.h"

/* Queries are taken this many at a time: their scores with all keys they may see are one tile. */
enum { TILE = 32 };

/* x^T (HS, S), its rows without gaps, as the right operand of a product must be. */
static tensor transposed(const tensor *x, real *memory) {
    int64_t n = x->shape[0], HS = x->shape[1];
    for (int64_t d = 0; d < HS; d++)
        for (int64_t i = 0; i < n; i++) memory[d * n + i] = x->data[i * x->stride[0] + d];
    return tensor_2d(memory, HS, n);
}

/* q[first .. first + rows) x^T[.. seen) = tile (rows, seen), for the keys that the last row sees.
 */
static tensor tile_product(const attention_head *d, const tensor *q, const tensor *xt,
                           int64_t first, int64_t rows, real *memory) {
    int64_t seen = attention_seen(d, first + rows - 1);
    tensor qt = tensor_slice(q, 0, first, rows), part = tensor_slice(xt, 1, 0, seen);
    tensor tile = tensor_2d(memory, rows, seen);
    tensor_small_gemm(&qt, &part, 0, &tile);
    return tile;
}

static size_t whole_lines(int64_t n) {
    return ((size_t)n * sizeof(real) + 63) / 64 * 64;
}
static size_t forward_bytes(int64_t S, int64_t HS) {
    return whole_lines((TILE + HS) * S);
}
static size_t backward_bytes(int64_t S, int64_t HS) {
    return whole_lines((3 * TILE + 2 * HS) * S);
}

static void forward(const attention_head *d, void *memory) {
    int64_t T = d->q.shape[0], S = d->k.shape[0];
    real *tile = memory;
    tensor kt = transposed(&d->k, tile + TILE * S);
    for (int64_t first = 0; first < T; first += TILE) {
        int64_t rows = T - first < TILE ? T - first : TILE;
        tensor p = tile_product(d, &d->q, &kt, first, rows, tile);
        int64_t width = p.shape[1];
        for (int64_t r = 0; r < rows; r++) {
            real *row = p.data + r * width, factor = attention_weights(d, first + r, row, width);
            for (int64_t i = 0; i < width; i++) row[i] *= factor;
        }
        tensor v = tensor_slice(&d->v, 0, 0, width), y = tensor_slice(&d->y, 0, first, rows);
        tensor_small_gemm(&p, &v, 0, &y);
    }
}

/* dx[.. seen) (+)= a^T b, the part of a tile in the gradient of k or v. */
static void add_transposed_product(const tensor *a, const tensor *b, real beta, const tensor *dx) {
    if (!dx->data) return;
    tensor at = tensor_transpose(a), part = tensor_slice(dx, 0, 0, a->shape[1]);
    tensor_small_gemm(&at, b, beta, &part);
}

/* The last tile sees every key, so it begins the gradients of k and v, before that of q, which may
 * be the same memory. */
static void backward(const attention_head *d, const attention_grads *g, void *memory) {
    int64_t T = d->q.shape[0], S = d->k.shape[0], HS = d->q.shape[1];
    real *tiles = memory;
    tensor kt = transposed(&d->k, tiles + 3 * TILE * S);
    tensor vt = transposed(&d->v, tiles + (3 * TILE + HS) * S);
    for (int64_t first = (T - 1) / TILE * TILE; first >= 0; first -= TILE) {
        int64_t rows = T - first < TILE ? T - first : TILE;
        tensor ds = tile_product(d, &d->q, &kt, first, rows, tiles);
        tensor dp = tile_product(d, &g->dy, &vt, first, rows, tiles + TILE * S);
        int64_t width = ds.shape[1];
        tensor p = tensor_2d(tiles + 2 * TILE * S, rows, width);
        for (int64_t r = 0; r < rows; r++)
            attention_row_gradient(d, first + r, ds.data + r * width, dp.data + r * width,
                                   p.data + r * width, width);
        tensor q = tensor_slice(&d->q, 0, first, rows), dy = tensor_slice(&g->dy, 0, first, rows);
        bool begins = width == S;
        add_transposed_product(&ds, &q, begins ? g->beta_k : 1, &g->dk);
        add_transposed_product(&p, &dy, begins ? g->beta_v : 1, &g->dv);
        if (g->dq.data) {
            tensor dq = tensor_slice(&g->dq, 0, first, rows);
            tensor k = tensor_slice(&d->k, 0, 0, width);
            tensor_small_gemm(&ds, &k, g->beta_q, &dq);
        }
    }
}

const attention_kernel attention_in_real = {forward_bytes, backward_bytes, forward, backward};
