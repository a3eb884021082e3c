#include "autograd/ops.h"
#include "autograd/window_op.h"

const ag_op ag_op_sgns = {.name = "sgns",
                          .formula = "-log sigma(h . w_right) - sum log sigma(-h . w_wrong)",
                          .backward = window_op_backward};

ag_var *ag_sgns(ag_tape *t, ag_var *hidden, ag_var *w, const ag_windows *windows) {
    return window_op(t, &ag_op_sgns, hidden, w, windows, NULL, AG_INPUTS_EACH);
}
