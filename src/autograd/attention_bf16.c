#include "autograd/attention.h"
#include "tensor/bf16_panel.h"

#include <string.h>

/* Queries are taken TILE at a time; what they give to k and v waits for GROUP of them, so that the
 * products over queries are worth their sums' way to memory. */
enum { TILE = BF16_TILE, GROUP = 2 * TILE };

/* Gaps between rows, so that they do not meet in one cache set. */
enum { GAP = 16, GAP_BF16 = 32 };

/* Scratch memory, handed out from its beginning; without a base it is only counted. */
typedef struct heap {
    char *base;
    size_t used;
} heap;

static void *take(heap *memory, size_t bytes) {
    size_t first = memory->used;
    memory->used += (bytes + 63) / 64 * 64;
    return memory->base ? memory->base + first : NULL;
}

/* What one head works with. Sp, HSp: S and HS rounded up to whole tiles. */
typedef struct room {
    int64_t S, HS;            /* Sp, HSp */
    int64_t S_row, HS_row;    /* distances of rows of Sp and of HSp reals */
    bf16 *kt, *vt, *k, *v;    /* column panels of k^T and v^T (HS, S), of k and v (S, HS) */
    real *scores, *dp, *kept; /* (GROUP, Sp); forward has a TILE of scores only */
    bf16 *p;                  /* (TILE, Sp), rows of p or ds */
    bf16 *rows;    /* a row panel: of q or dy (TILE, HSp), of p^T or ds^T (TILE, GROUP) */
    bf16 *columns; /* column panels of a group's q or dy (GROUP, HSp) */
    real *out;     /* (TILE, HSp), rows of y or dq */
    real *dk, *dv; /* sums (Sp, HSp) */
} room;

static room room_forward(int64_t S, int64_t HS, int64_t rows, heap *memory) {
    room m = {.S = bf16_padded(S), .HS = bf16_padded(HS)};
    m.S_row = m.S + GAP;
    m.HS_row = m.HS + GAP;
    size_t panels = (size_t)(m.S * m.HS) * sizeof(bf16);
    m.kt = take(memory, panels);
    m.v = take(memory, panels);
    m.scores = take(memory, (size_t)(rows * m.S_row) * sizeof(real));
    m.out = take(memory, (size_t)(TILE * m.HS_row) * sizeof(real));
    m.p = take(memory, (size_t)(TILE * (m.S + GAP_BF16)) * sizeof(bf16));
    m.rows = take(memory, (size_t)(TILE * (m.HS + GROUP + GAP_BF16)) * sizeof(bf16));
    return m;
}

static room room_backward(int64_t S, int64_t HS, heap *memory) {
    room m = room_forward(S, HS, GROUP, memory);
    size_t scores = (size_t)(GROUP * m.S_row) * sizeof(real);
    size_t panels = (size_t)(m.S * m.HS) * sizeof(bf16);
    size_t sums = (size_t)(m.S * m.HS_row) * sizeof(real);
    m.vt = take(memory, panels);
    m.k = take(memory, panels);
    m.dp = take(memory, scores);
    m.kept = take(memory, scores);
    m.columns = take(memory, (size_t)(GROUP * m.HS) * sizeof(bf16));
    m.dk = take(memory, sums);
    m.dv = take(memory, sums);
    return m;
}

static size_t forward_bytes(int64_t S, int64_t HS) {
    heap count = {0};
    room_forward(S, HS, TILE, &count);
    return count.used;
}
static size_t backward_bytes(int64_t S, int64_t HS) {
    heap count = {0};
    room_backward(S, HS, &count);
    return count.used;
}

static int64_t at_most(int64_t n, int64_t limit) {
    return n < limit ? n : limit;
}

/* All column panels of x (K, N), one behind the other. */
static void pack_all(bf16 *panels, const tensor *x) {
    bf16_pack_columns(panels, x, 0, x->shape[0], 0, bf16_padded(x->shape[1]), NULL);
}

/* c (TILE, seen) = x[first .. first + TILE) times the panels of (HS, S), for keys [0, seen). */
static void times_panels(const room *m, const tensor *x, int64_t first, const bf16 *panels,
                         int64_t seen, real *c) {
    const bf16_kernel *kernel = bf16_kernel_best();
    int64_t HS = x->shape[1], a_row = x->stride[0];
    const bf16 *a = m->rows;
    if (bf16_rows_are_packed(x, first, HS)) {
        a = x->data16 + first * a_row;
    } else {
        a_row = m->HS;
        bf16_pack_rows(m->rows, a_row, x, first, TILE, 0, HS);
    }
    for (int64_t j = 0; j < seen; j += TILE)
        kernel->product(m->HS, a, a_row, panels + j * m->HS, c + j, m->S_row, false);
}

/* Rows of y = those of x, `x_row` apart, + beta y. */
static void store(const tensor *y, int64_t first, int64_t rows, real *x, int64_t x_row, real beta) {
    for (int64_t r = 0; r < rows; r++)
        tensor_update_row(tensor_at(y, (first + r) * y->stride[0]), y->type, y->shape[1],
                          x + r * x_row, beta);
}

/* out (TILE, HS) = p (TILE, seen) times the panels of (S, HS). */
static void weigh(const room *m, int64_t seen, const bf16 *panels) {
    for (int64_t col = 0; col < m->HS; col += TILE)
        bf16_kernel_best()->product(seen, m->p, m->S + GAP_BF16, panels + col * m->S, m->out + col,
                                    m->HS_row, false);
}

static void forward(const attention_head *d, void *memory) {
    heap all = {memory, 0};
    int64_t T = d->q.shape[0], S = d->k.shape[0];
    room m = room_forward(S, d->q.shape[1], TILE, &all);
    tensor kt = tensor_transpose(&d->k);
    bf16_kernel_best()->begin();
    pack_all(m.kt, &kt);
    pack_all(m.v, &d->v);
    for (int64_t first = 0; first < T; first += TILE) {
        int64_t rows = at_most(T - first, TILE);
        int64_t seen = bf16_padded(attention_seen(d, first + rows - 1));
        real factor[TILE];
        times_panels(&m, &d->q, first, m.kt, seen, m.scores);
        for (int64_t r = 0; r < TILE; r++) {
            real *row = m.scores + r * m.S_row;
            if (r < rows) factor[r] = attention_weights(d, first + r, row, seen);
            bf16_row_of(seen, m.p + r * (m.S + GAP_BF16), row);
        }
        weigh(&m, seen, m.v);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t i = 0; i < m.HS; i++) m.out[r * m.HS_row + i] *= factor[r];
        store(&d->y, first, rows, m.out, m.HS_row, 0);
    }
    bf16_kernel_best()->end();
}

/* sums (S, HS) += w^T (seen, n) x (n, HS) for a group of n queries: w their rows of ds or p, x
 * those of q or dy from `first` on. */
static void add_for_keys(const room *m, real *sums, const real *w, int64_t seen, const tensor *x,
                         int64_t first, int64_t n, bool begins) {
    const bf16_kernel *kernel = bf16_kernel_best();
    tensor wm = tensor_2d((real *)w, n, m->S_row), wt = tensor_transpose(&wm);
    int64_t padded = bf16_padded(n), w_row = GROUP + GAP_BF16;
    bf16_pack_columns(m->columns, x, first, n, 0, m->HS, NULL);
    for (int64_t key = 0; key < seen; key += TILE) {
        bf16_pack_rows(m->rows, w_row, &wt, key, TILE, 0, n);
        for (int64_t col = 0; col < m->HS; col += TILE)
            kernel->product(padded, m->rows, w_row, m->columns + col * padded,
                            sums + key * m->HS_row + col, m->HS_row, !begins);
    }
}

/* A tile of queries at row `r0` of the group: p and ds, and dq. Keys that only the rest of the
 * group sees get zeros. */
static void backward_tile(const attention_head *d, const attention_grads *g, const room *m,
                          int64_t first, int64_t r0, int64_t group_seen) {
    int64_t rows = at_most(d->q.shape[0] - first, TILE), p_row = m->S + GAP_BF16;
    int64_t seen = bf16_padded(attention_seen(d, first + rows - 1));
    real *scores = m->scores + r0 * m->S_row, *dp = m->dp + r0 * m->S_row;
    real *kept = m->kept + r0 * m->S_row;
    times_panels(m, &d->q, first, m->kt, seen, scores);
    times_panels(m, &g->dy, first, m->vt, seen, dp);
    for (int64_t r = 0; r < TILE; r++) {
        real *s = scores + r * m->S_row, *k = kept + r * m->S_row;
        if (r < rows) attention_row_gradient(d, first + r, s, dp + r * m->S_row, k, seen);
        bf16_row_of(seen, m->p + r * p_row, s);
        for (int64_t i = seen; i < group_seen; i++) s[i] = k[i] = 0;
    }
    if (!g->dq.data) return;
    weigh(m, seen, m->k);
    store(&g->dq, first, rows, m->out, m->HS_row, g->beta_q);
}

/* Groups from the last on: the last one sees every key, so it begins the sums. */
static void backward(const attention_head *d, const attention_grads *g, void *memory) {
    heap all = {memory, 0};
    int64_t T = d->q.shape[0], S = d->k.shape[0];
    room m = room_backward(S, d->q.shape[1], &all);
    tensor kt = tensor_transpose(&d->k), vt = tensor_transpose(&d->v);
    bf16_kernel_best()->begin();
    pack_all(m.kt, &kt);
    pack_all(m.vt, &vt);
    pack_all(m.k, &d->k);
    for (int64_t first = (T - 1) / GROUP * GROUP; first >= 0; first -= GROUP) {
        int64_t n = at_most(T - first, GROUP);
        int64_t seen = bf16_padded(attention_seen(d, first + n - 1));
        for (int64_t r = 0; r < n; r += TILE) backward_tile(d, g, &m, first + r, r, seen);
        bool begins = first + GROUP >= T;
        if (g->dk.data) add_for_keys(&m, m.dk, m.scores, seen, &d->q, first, n, begins);
        if (g->dv.data) add_for_keys(&m, m.dv, m.kept, seen, &g->dy, first, n, begins);
    }
    if (g->dk.data) store(&g->dk, 0, S, m.dk, m.HS_row, g->beta_k);
    if (g->dv.data) store(&g->dv, 0, S, m.dv, m.HS_row, g->beta_v);
    bf16_kernel_best()->end();
}

const attention_kernel attention_in_bf16 = {forward_bytes, backward_bytes, forward, backward};
