/* Private copies of a few rows of a matrix: one thread changes them as it likes, and the changes
 * are added to the matrix afterwards, in an order of the caller's choice. */
#ifndef NN_OVERLAY_H
#define NN_OVERLAY_H

#include "base/real.h"

#include <stdint.h>

enum { NN_OVERLAY_WIDEST = 4096 }; /* numbers in a row */

typedef struct nn_overlay {
    const real *source; /* (n_rows, width), borrowed */
    int64_t n_rows, width;
    int32_t *slot; /* of each row of the source, -1 where there is no copy */
    int32_t *rows; /* the row of each slot */
    int32_t *hits; /* how often each was asked for */
    int64_t n, capacity;
    real *data; /* (n, width) */
} nn_overlay;

/* Makes an overlay without copies; release with nn_overlay_free. A matrix without numbers (NULL)
 * gives an empty one. */
nn_overlay nn_overlay_new(const real *source, int64_t n_rows, int64_t width);
void nn_overlay_free(nn_overlay *o);

/* Makes copies of these rows where there are none yet. */
void nn_overlay_take(nn_overlay *o, const int32_t *rows, int64_t n);
/* Puts what n overlays of one matrix have changed into it, those of a row in the order of the
 * overlays: a row that one has is replaced by the copy, else row = row + scale sum of (copy - row).
 * Part `part` of `parts`: each row belongs to one, so that threads may take one each.
 *
 * Overlays that have all gone most of the way to one optimum would together go n times as far. What
 * each went is taken to be u r / (1 + u r), with u its hits of the row and r = rate; one that had
 * all hits, U of them, would have gone U r / (1 + U r). scale brings the sum to that: it is near 1
 * for rows with few hits, and makes a mean for rows with many. */
void nn_overlay_merge(const nn_overlay *const *overlays, int64_t n, double rate, real *matrix,
                      int part, int parts);
/* Forgets the copies. */
void nn_overlay_clear(nn_overlay *o);

#endif
