/* Examples for word vectors: windows over a stretch of text, each with the words that its inputs
 * are to tell apart. */
#ifndef AUTOGRAD_WINDOWS_H
#define AUTOGRAD_WINDOWS_H

#include <stdint.h>

/* Inputs are the positions first .. last of the stretch, `center` left out where it is inside. */
typedef struct ag_window {
    int32_t center, first, last;
} ag_window;

/* The most inputs and outputs that a window may have, and the most numbers in a row. */
enum { AG_MAX_INPUTS = 256, AG_MAX_OUTPUTS = 128, AG_MAX_WIDTH = 4096 };

/* How the inputs of a window enter its logits. */
typedef enum ag_inputs {
    AG_INPUTS_EACH,      /* each on its own: skip-gram */
    AG_INPUTS_MEAN,      /* their mean: CBOW */
    AG_INPUTS_MEAN_FULL, /* their mean, and each gets the whole of its gradient instead of the share
                            1 / n: word2vec.c's rule for CBOW, n times the true gradient */
} ag_inputs;

/* Window w has the outputs out[out_begin[w]] (the right word) .. out[out_begin[w + 1] - 1] (wrong
 * ones, for negative sampling). Borrowed by the ops until the tape is reset. */
typedef struct ag_windows {
    int64_t n;
    const ag_window *list;
    const int32_t *out_begin; /* n + 1 */
    const int32_t *out;
} ag_windows;

/* The paths of a binary tree over words, for hierarchical softmax (Morin and Bengio 2005): word v
 * is reached from the root through the inner nodes node[begin[v]] .. node[begin[v + 1] - 1], and
 * right[...] says whether its path turns to the side that the logistic function stands for. */
typedef struct ag_paths {
    const int32_t *begin, *node;
    const uint8_t *right;
} ag_paths;

static inline int64_t ag_window_inputs(const ag_window *w) {
    return w->last - w->first + (w->center < w->first || w->center > w->last);
}

#endif
