#include "nn/embedding.h"

#include "autograd/ops.h"

nn_embedding nn_embedding_new(nn_params *ps, const char *prefix, int64_t V, int64_t C, double std) {
    return (nn_embedding){nn_param_new(ps, 2, (int64_t[]){V, C}, 0, std, "%s.weight", prefix)};
}

ag_var *nn_embedding_forward(const nn_embedding *m, ag_tape *t, const int32_t *ids, int64_t B,
                             int64_t T) {
    return ag_embedding(t, m->weight, ids, B, T);
}
