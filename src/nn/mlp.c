#include "nn/mlp.h"

#include <stdio.h>

int64_t nn_mlp_hidden(int64_t C, nn_activation activation) {
    return activation == NN_ACTIVATION_SWIGLU ? (8 * C / 3 + 31) / 32 * 32 : 4 * C;
}

nn_mlp nn_mlp_new(nn_params *ps, const char *prefix, int64_t C, nn_activation activation, bool bias,
                  double dropout, double std, double residual_std) {
    char name[NN_NAME_SIZE];
    int64_t hidden = nn_mlp_hidden(C, activation);
    nn_mlp m = {.activation = activation, .dropout = (real)dropout};
    snprintf(name, sizeof name, "%s.c_fc", prefix);
    m.c_fc = nn_linear_new(ps, name, C, hidden, bias, std);
    if (activation == NN_ACTIVATION_SWIGLU) {
        snprintf(name, sizeof name, "%s.c_gate", prefix);
        m.c_gate = nn_linear_new(ps, name, C, hidden, bias, std);
    }
    snprintf(name, sizeof name, "%s.c_proj", prefix);
    m.c_proj = nn_linear_new(ps, name, hidden, C, bias, residual_std);
    return m;
}

static ag_var *hidden_forward(const nn_mlp *m, ag_tape *t, ag_var *x) {
    switch (m->activation) {
    case NN_ACTIVATION_GELU:
        return nn_linear_forward(&m->c_fc, t, x, AG_GELU);
    case NN_ACTIVATION_GELU_TANH:
        return nn_linear_forward(&m->c_fc, t, x, AG_GELU_TANH);
    case NN_ACTIVATION_RELU:
        return ag_relu(t, nn_linear_forward(&m->c_fc, t, x, AG_IDENTITY));
    case NN_ACTIVATION_SWIGLU:
        break;
    }
    ag_var *gate = ag_silu(t, nn_linear_forward(&m->c_gate, t, x, AG_IDENTITY));
    return ag_mul(t, gate, nn_linear_forward(&m->c_fc, t, x, AG_IDENTITY));
}

ag_var *nn_mlp_forward(const nn_mlp *m, ag_tape *t, ag_var *x) {
    ag_var *h = hidden_forward(m, t, x);
    return ag_dropout(t, nn_linear_forward(&m->c_proj, t, h, AG_IDENTITY), m->dropout);
}
