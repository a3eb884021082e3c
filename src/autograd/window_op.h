/* What sgns, cbow and hs share: a pass over windows that saves the slopes of the logits, and one
 * that spreads them over rows. */
#ifndef AUTOGRAD_WINDOW_OP_H
#define AUTOGRAD_WINDOW_OP_H

#include "autograd/op.h"
#include "autograd/windows.h"

/* The outputs of one window: rows of the output matrix and whether each is right. */
typedef struct window_outputs {
    int64_t n;
    const int32_t *rows;
    const uint8_t *right;
} window_outputs;

/* With paths NULL the listed words, the first of them right; else the path of the first. */
window_outputs window_outputs_of(const ag_windows *windows, const ag_paths *paths, int64_t w);

/* Appends the op: the sum of the losses of all windows, hidden (..., C) and w (V, C): (1). */
ag_var *window_op(ag_tape *t, const ag_op *op, ag_var *hidden, ag_var *w, const ag_windows *windows,
                  const ag_paths *paths, ag_inputs inputs);
void window_op_backward(ag_tape *t, ag_var *y);

#endif
