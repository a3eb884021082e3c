/* What cross_entropy and linear_cross_entropy share: the log-sum-exp of rows whose logits arrive
 * block by block, the loss of each row, their mean. */
#ifndef AUTOGRAD_CROSS_ENTROPY_H
#define AUTOGRAD_CROSS_ENTROPY_H

#include "autograd/op.h"

typedef struct cross_entropy_rows {
    const int32_t *targets; /* borrowed */
    int64_t n, n_counted;
    real *max, *sum; /* of the logits so far; sum of exp(logit - max) */
    real *target_logit;
    real *lse;  /* after finish: max + log sum */
    real *loss; /* after finish: lse - target_logit, 0 where ignored */
} cross_entropy_rows;

/* The vocabulary is walked in blocks of so many entries, all rows at once: each row of the head's w
 * is read once and each row of dw written once, whatever B T is. */
int64_t cross_entropy_block(int64_t rows, int64_t V);

/* Keeps the rows' state in loss->saved; checks that targets are AG_IGNORE or in [0, V). */
cross_entropy_rows *cross_entropy_begin(ag_tape *t, ag_var *loss, const int32_t *targets, int64_t n,
                                        int64_t V);
/* Takes in logits x[0..n) of the vocabulary entries first .. first + n of row r. */
void cross_entropy_add(cross_entropy_rows *s, int64_t r, const real *x, int64_t first, int64_t n);
/* Sets the mean loss, summed in double in the order of the rows. */
void cross_entropy_finish(cross_entropy_rows *s, ag_var *loss);

/* What each counted row's softmax - onehot is multiplied by in backward. */
static inline real cross_entropy_factor(const cross_entropy_rows *s, real dloss) {
    return s->n_counted ? dloss / (real)s->n_counted : 0;
}

#endif
