#include "nn/overlay.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

nn_overlay nn_overlay_new(const real *source, int64_t n_rows, int64_t width) {
    CHECK(width <= NN_OVERLAY_WIDEST, "an overlay of rows of %lld numbers", (long long)width);
    nn_overlay o = {.source = source, .n_rows = source ? n_rows : 0, .width = width};
    o.slot = mem_new((size_t)o.n_rows + 1, sizeof *o.slot);
    for (int64_t r = 0; r < o.n_rows; r++) o.slot[r] = -1;
    return o;
}

void nn_overlay_free(nn_overlay *o) {
    free(o->slot);
    free(o->rows);
    free(o->hits);
    free(o->data);
    *o = (nn_overlay){0};
}

static void reserve(nn_overlay *o, int64_t n) {
    if (n <= o->capacity) return;
    int64_t capacity = n + n / 2;
    real *data = mem_new_aligned((size_t)(capacity * o->width) * sizeof *data);
    if (o->n) memcpy(data, o->data, (size_t)(o->n * o->width) * sizeof *data);
    free(o->data);
    o->data = data;
    o->rows = mem_resize(o->rows, (size_t)capacity, sizeof *o->rows);
    o->hits = mem_resize(o->hits, (size_t)capacity, sizeof *o->hits);
    o->capacity = capacity;
}

/* Rows ahead for which memory is asked: they lie anywhere. */
enum { AHEAD = 8 };

static void prefetch(const real *row, int64_t width) {
    for (int64_t c = 0; c < width; c += 64 / (int64_t)sizeof *row) __builtin_prefetch(row + c);
}

void nn_overlay_take(nn_overlay *o, const int32_t *rows, int64_t n) {
    int64_t first = o->n, width = o->width;
    reserve(o, o->n + n);
    for (int64_t i = 0; i < n; i++) {
        int32_t *slot = &o->slot[rows[i]];
        if (*slot >= 0) {
            o->hits[*slot]++;
            continue;
        }
        *slot = (int32_t)o->n;
        o->hits[o->n] = 1;
        o->rows[o->n++] = rows[i];
    }
    for (int64_t i = first; i < o->n; i++) {
        if (i + AHEAD < o->n) prefetch(o->source + o->rows[i + AHEAD] * width, width);
        memcpy(o->data + i * width, o->source + o->rows[i] * width, (size_t)width * sizeof(real));
    }
}

/* Rows are dealt out among the parts by their last bits. */
enum { DEALT = 256 };

static bool belongs(int32_t row, int part, int parts) {
    return row % DEALT * parts / DEALT == part;
}

/* What the sum of the changes of a row is scaled by. */
static real scale_of(const nn_overlay *const *overlays, int64_t n, double rate, int32_t row) {
    double all = 0, sum = 0;
    for (int64_t k = 0; k < n; k++) {
        int32_t slot = overlays[k]->slot[row];
        double hits = slot < 0 ? 0 : overlays[k]->hits[slot];
        all += hits;
        sum += hits / (1 + hits * rate);
    }
    return (real)(all / (1 + all * rate) / sum);
}

/* The overlays that have the row, from the first one on. */
static void merge_row(const nn_overlay *const *overlays, int64_t n, double rate, int32_t row,
                      real *to) {
    int64_t width = overlays[0]->width;
    real sum[NN_OVERLAY_WIDEST], scale = scale_of(overlays, n, rate, row);
    memset(sum, 0, (size_t)width * sizeof *sum);
    for (int64_t k = 0; k < n; k++) {
        int32_t slot = overlays[k]->slot[row];
        if (slot < 0) continue;
        const real *copy = overlays[k]->data + slot * width;
        for (int64_t c = 0; c < width; c++) sum[c] += copy[c] - to[c];
    }
    for (int64_t c = 0; c < width; c++) to[c] += scale * sum[c];
}

static bool any_has(const nn_overlay *const *overlays, int64_t n, int32_t row) {
    for (int64_t k = 0; k < n; k++)
        if (overlays[k]->slot[row] >= 0) return true;
    return false;
}

void nn_overlay_merge(const nn_overlay *const *overlays, int64_t n, double rate, real *matrix,
                      int part, int parts) {
    for (int64_t k = 0; k < n; k++) {
        const nn_overlay *o = overlays[k];
        for (int64_t i = 0; i < o->n; i++) {
            if (i + AHEAD < o->n && belongs(o->rows[i + AHEAD], part, parts))
                prefetch(matrix + o->rows[i + AHEAD] * o->width, o->width);
            int32_t row = o->rows[i];
            real *to = matrix + row * o->width;
            if (!belongs(row, part, parts) || any_has(overlays, k, row)) continue;
            if (any_has(overlays + k + 1, n - k - 1, row))
                merge_row(overlays + k, n - k, rate, row, to);
            else
                memcpy(to, o->data + i * o->width, (size_t)o->width * sizeof *to);
        }
    }
}

void nn_overlay_clear(nn_overlay *o) {
    for (int64_t i = 0; i < o->n; i++) o->slot[o->rows[i]] = -1;
    o->n = 0;
}
