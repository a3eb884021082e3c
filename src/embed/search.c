#include "embed/search.h"

double embed_normalise(const real *x, int64_t n, real *unit) {
    double norm = sqrt(embed_dot(x, x, n));
    for (int64_t i = 0; i < n; i++) unit[i] = norm > 0 ? (real)((double)x[i] / norm) : 0;
    return norm;
}

int64_t embed_n_candidates(const embed_table *table, int64_t restrict_n) {
    return restrict_n > 0 && restrict_n < table->n ? restrict_n : table->n;
}

void embed_cosines(const embed_table *table, const real *vector, int64_t n, double *scores) {
    int64_t width = table->width;
    double norm = sqrt(embed_dot(vector, vector, width));
    double scale = norm > 0 ? 1 / norm : 0;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < n; r++)
        scores[r] = scale * embed_dot(table->units + r * width, vector, width);
}

void embed_exclude(double *scores, int64_t n, const int64_t *rows, int64_t n_rows) {
    for (int64_t i = 0; i < n_rows; i++)
        if (rows[i] < n) scores[rows[i]] = EMBED_EXCLUDED;
}

static bool is_better(embed_neighbour a, embed_neighbour b) {
    return a.score != b.score ? a.score > b.score : a.row < b.row;
}

/* Puts x into the heap of n, whose root is its worst, from `at` down. */
static void sift_down(embed_neighbour *heap, int64_t n, int64_t at, embed_neighbour x) {
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_better(heap[child], heap[child + 1])) child++;
        if (!is_better(x, heap[child])) break;
        heap[at] = heap[child];
    }
    heap[at] = x;
}

static void sift_up(embed_neighbour *heap, int64_t at, embed_neighbour x) {
    for (int64_t parent; at > 0 && is_better(heap[parent = (at - 1) / 2], x); at = parent)
        heap[at] = heap[parent];
    heap[at] = x;
}

int64_t embed_best(const double *scores, int64_t n, int64_t k, embed_neighbour *out) {
    int64_t n_kept = 0;
    for (int64_t row = 0; row < n; row++) {
        embed_neighbour x = {row, scores[row]};
        if (!(x.score > EMBED_EXCLUDED)) continue;
        if (n_kept < k)
            sift_up(out, n_kept++, x);
        else if (k > 0 && is_better(x, out[0]))
            sift_down(out, k, 0, x);
    }
    for (int64_t last = n_kept - 1; last > 0; last--) {
        embed_neighbour moved = out[last];
        out[last] = out[0];
        sift_down(out, last, 0, moved);
    }
    return n_kept;
}
