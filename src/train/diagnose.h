/* Why training diverged: one line with the step, the first value that is not finite and the last
 * good checkpoint. Each returns false with e set to ERR_DIVERGED. */
#ifndef TRAIN_DIAGNOSE_H
#define TRAIN_DIAGNOSE_H

#include "base/err.h"
#include "nn/param.h"

/* The loss of a step: `t` holds its forward pass. */
bool train_diagnose_loss(const ag_tape *t, const ag_var *loss, int64_t step, const char *folder,
                         err *e);
/* The gradient of a step. */
bool train_diagnose_gradient(const nn_params *params, int64_t step, const char *folder, err *e);
/* The validation loss after a step. */
bool train_diagnose_evaluation(double val_loss, int64_t step, const char *folder, err *e);

#endif
