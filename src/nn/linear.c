#include "nn/linear.h"

nn_linear nn_linear_new(nn_params *ps, const char *prefix, int64_t n_in, int64_t n_out,
                        bool with_bias, double std) {
    nn_linear m = {.weight =
                       nn_param_new(ps, 2, (int64_t[]){n_in, n_out}, 0, std, "%s.weight", prefix)};
    if (with_bias) m.bias = nn_param_new(ps, 1, (int64_t[]){n_out}, 0, 0, "%s.bias", prefix);
    return m;
}

ag_var *nn_linear_forward(const nn_linear *m, ag_tape *t, ag_var *x, ag_activation act) {
    return ag_linear(t, x, m->weight, m->bias, act);
}
