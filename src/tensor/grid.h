/* How threads share out the matrix C of a product: as a grid of parts. */
#ifndef TENSOR_GRID_H
#define TENSOR_GRID_H

#include <stdbool.h>
#include <stdint.h>

/* C cut into rows x cols parts. */
typedef struct grid {
    int rows, cols;
} grid;

/* As many parts as threads, with the least to pack: each packs its rows of A and columns of B. */
static inline grid grid_for(int threads, int64_t M, int64_t N) {
    grid best = {threads, 1};
    for (int rows = 1; rows <= threads; rows++) {
        int cols = threads / rows;
        bool is_better = M / rows + N / cols < M / best.rows + N / best.cols;
        if (rows * cols == threads && is_better) best = (grid){rows, cols};
    }
    return best;
}

/* Part `index` of n along a dimension of length `length`: where it begins; whole tiles of 32, as
 * all kernels take them. */
static inline int64_t grid_cut(int64_t length, int n, int index) {
    enum { TILE = 32 };
    int64_t tiles = (length + TILE - 1) / TILE, begin = tiles * index / n * TILE;
    return begin < length ? begin : length;
}

#endif
