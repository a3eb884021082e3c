#include "autograd/ops.h"
#include "autograd/window_op.h"

const ag_op ag_op_hs = {.name = "hs",
                        .formula = "-sum over the path of log sigma(+-h . w_node)",
                        .backward = window_op_backward};

ag_var *ag_hs(ag_tape *t, ag_var *hidden, ag_var *w, const ag_windows *windows,
              const ag_paths *paths, ag_inputs inputs) {
    return window_op(t, &ag_op_hs, hidden, w, windows, paths, inputs);
}
