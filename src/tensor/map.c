#include "tensor/map.h"

#include "base/check.h"

/* Below this many elements threads cost more than they save. */
enum { SERIAL_ELEMENTS = 1 << 13, CHUNK = 1 << 12 };

/* Elements of a row that are converted at a time. */
enum { BUFFER = 1024 };

/* The tensors' strides over a common shape with evenly lying dimensions joined. */
typedef struct loop {
    int n_dim, n_tensors;
    int64_t shape[TENSOR_MAX_DIM];
    int64_t stride[TENSOR_MAP_MAX][TENSOR_MAX_DIM];
    char *data[TENSOR_MAP_MAX];
    int64_t size[TENSOR_MAP_MAX]; /* of an element, in bytes */
    bool is_mixed;                /* not all of type real */
} loop;

static bool can_join(const loop *l, int64_t outer_stride[], int inner) {
    for (int k = 0; k < l->n_tensors; k++)
        if (outer_stride[k] != l->stride[k][inner] * l->shape[inner]) return false;
    return true;
}

/* Fills dimensions from the innermost outwards, so that l->shape[0] is the innermost. */
static loop loop_over(int n, const tensor *const *t) {
    const tensor *y = t[0];
    loop l = {.n_tensors = n};
    tensor view[TENSOR_MAP_MAX];
    for (int k = 0; k < n; k++) {
        view[k] = tensor_broadcast(t[k], y->n_dim, y->shape);
        l.data[k] = (char *)t[k]->data;
        l.size[k] = t[k]->type == TENSOR_BF16 ? sizeof(bf16) : sizeof(real);
        l.is_mixed |= t[k]->type != TENSOR_REAL;
    }
    for (int d = y->n_dim - 1; d >= 0; d--) {
        if (y->shape[d] == 1) continue;
        int64_t stride[TENSOR_MAP_MAX];
        for (int k = 0; k < n; k++) stride[k] = k ? view[k].stride[d] : y->stride[d];
        if (l.n_dim > 0 && can_join(&l, stride, l.n_dim - 1)) {
            l.shape[l.n_dim - 1] *= y->shape[d];
            continue;
        }
        l.shape[l.n_dim] = y->shape[d];
        for (int k = 0; k < n; k++) l.stride[k][l.n_dim] = stride[k];
        l.n_dim++;
    }
    if (l.n_dim == 0) l.shape[l.n_dim++] = 1;
    return l;
}

/* n elements of each tensor, all reals. */
static void run_reals(const loop *l, char *const *at, int64_t n, tensor_row_fn *fn,
                      const void *context) {
    real *row[TENSOR_MAP_MAX];
    int64_t stride[TENSOR_MAP_MAX];
    for (int k = 0; k < l->n_tensors; k++) {
        row[k] = (void *)at[k];
        stride[k] = l->stride[k][0];
    }
    fn(n, row, stride, context);
}

/* fn knows only reals: numbers of another type take the way through a buffer. */
static void run_mixed(const loop *l, char *const *at, int64_t n, tensor_row_fn *fn,
                      const void *context) {
    real buffer[TENSOR_MAP_MAX][BUFFER], *row[TENSOR_MAP_MAX];
    int64_t stride[TENSOR_MAP_MAX];
    for (int k = 0; k < l->n_tensors; k++) {
        bool is_real = l->size[k] == sizeof(real);
        const bf16 *x = (bf16 *)at[k];
        stride[k] = is_real ? l->stride[k][0] : 1;
        row[k] = is_real ? (void *)at[k] : buffer[k];
        for (int64_t i = 0; !is_real && i < n; i++)
            buffer[k][i] = bf16_to_real(x[i * l->stride[k][0]]);
    }
    fn(n, row, stride, context);
    if (row[0] != buffer[0]) return;
    bf16 *y = (bf16 *)at[0];
    for (int64_t i = 0; i < n; i++) y[i * l->stride[0][0]] = bf16_of(buffer[0][i]);
}

static void run_row(const loop *l, int64_t row, int64_t start, int64_t n, tensor_row_fn *fn,
                    const void *context) {
    char *at[TENSOR_MAP_MAX];
    for (int k = 0; k < l->n_tensors; k++)
        at[k] = l->data[k] + start * l->stride[k][0] * l->size[k];
    for (int d = 1; d < l->n_dim; d++) {
        int64_t i = row % l->shape[d];
        row /= l->shape[d];
        for (int k = 0; k < l->n_tensors; k++) at[k] += i * l->stride[k][d] * l->size[k];
    }
    if (!l->is_mixed) {
        run_reals(l, at, n, fn, context);
        return;
    }
    for (int64_t done = 0; done < n; done += BUFFER) {
        run_mixed(l, at, n - done < BUFFER ? n - done : BUFFER, fn, context);
        for (int k = 0; k < l->n_tensors; k++) at[k] += BUFFER * l->stride[k][0] * l->size[k];
    }
}

void tensor_map(int n, const tensor *const *t, tensor_row_fn *fn, const void *context) {
    CHECK(n >= 1 && n <= TENSOR_MAP_MAX, "map over %d tensors", n);
    int64_t numel = tensor_numel(t[0]);
    if (numel == 0) return;
    loop l = loop_over(n, t);
    int64_t length = l.shape[0], rows = numel / length;
    int64_t chunks = rows == 1 ? (length + CHUNK - 1) / CHUNK : 1;
    int64_t chunk = rows == 1 ? CHUNK : length;
#pragma omp parallel for schedule(static) if (numel > SERIAL_ELEMENTS)
    for (int64_t i = 0; i < rows * chunks; i++) {
        int64_t start = i % chunks * chunk;
        int64_t left = length - start;
        run_row(&l, i / chunks, start, left < chunk ? left : chunk, fn, context);
    }
}
