#include "autograd/ops.h"
#include "autograd/window_op.h"

const ag_op ag_op_cbow = {.name = "cbow",
                          .formula =
                              "-log sigma(mean(h) . w_right) - sum log sigma(-mean(h) . w_wrong)",
                          .backward = window_op_backward};

ag_var *ag_cbow(ag_tape *t, ag_var *hidden, ag_var *w, const ag_windows *windows, bool full_error) {
    return window_op(t, &ag_op_cbow, hidden, w, windows, NULL,
                     full_error ? AG_INPUTS_MEAN_FULL : AG_INPUTS_MEAN);
}
