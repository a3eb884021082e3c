#include "nn/norm.h"

#include "autograd/ops.h"

nn_norm nn_norm_new(nn_params *ps, const char *prefix, nn_norm_type type, int64_t C,
                    bool with_bias) {
    nn_norm m = {type, nn_param_new(ps, 1, &C, 1, 0, "%s.weight", prefix), NULL};
    if (with_bias && type == NN_NORM_LAYERNORM)
        m.bias = nn_param_new(ps, 1, &C, 0, 0, "%s.bias", prefix);
    return m;
}

ag_var *nn_norm_forward(const nn_norm *m, ag_tape *t, ag_var *x) {
    if (m->type == NN_NORM_RMSNORM) return ag_rms_norm(t, x, m->weight);
    return ag_layer_norm(t, x, m->weight, m->bias);
}
