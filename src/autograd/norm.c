#include "autograd/norm.h"

#include <string.h>

real *norm_partials(ag_tape *t, int64_t n) {
    size_t bytes = (size_t)(NORM_PARTS * n) * sizeof(real);
    return memset(ag_scratch(t, bytes), 0, bytes);
}

void norm_add_partials(ag_tape *t, ag_var *w, const real *partial, int64_t stride) {
    tensor dw = ag_grad_add(t, w);
    if (!dw.data) return;
    int64_t n = tensor_numel(&dw);
    for (int64_t p = 0; p < NORM_PARTS; p++)
        for (int64_t i = 0; i < n; i++) dw.data[i] += partial[p * stride + i];
}
