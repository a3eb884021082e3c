#include "autograd/cross_entropy.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "tensor/softmax.h"

/* dlogits += dloss / n (softmax(logits) - onehot(target)) for the rows that count. */
static void backward(ag_tape *t, ag_var *loss) {
    const cross_entropy_rows *s = loss->saved;
    tensor logits = tensor_as_matrix(&loss->in[0]->value);
    int64_t V = logits.shape[1];
    real beta, factor = cross_entropy_factor(s, loss->grad.data[0]);
    tensor dx = ag_grad_write(t, loss->in[0], &beta);
    if (!dx.data) return;
#pragma omp parallel for schedule(static) if (s->n * V > 8192)
    for (int64_t r = 0; r < s->n; r++) {
        const real *x = logits.data + r * V;
        real *g = dx.data + r * V, scale = s->targets[r] == AG_IGNORE ? 0 : factor;
        for (int64_t v = 0; v < V; v++)
            g[v] = scale * vm_exp(x[v] - s->lse[r]) + (beta == 0 ? 0 : g[v]);
        if (s->targets[r] != AG_IGNORE) g[s->targets[r]] -= scale;
    }
}

const ag_op ag_op_cross_entropy = {.name = "cross_entropy",
                                   .formula = "mean of -log softmax(logits)[target]",
                                   .backward = backward};

ag_var *ag_cross_entropy(ag_tape *t, ag_var *logits, const int32_t *targets) {
    logits = ag_contiguous(t, ag_reals(t, logits));
    tensor x = tensor_as_matrix(&logits->value);
    int64_t V = x.shape[1];
    ag_var *loss = ag_new(t, &ag_op_cross_entropy, 1, (int64_t[]){1}, 1, &logits);
    cross_entropy_rows *s = cross_entropy_begin(t, loss, targets, x.shape[0], V);
#pragma omp parallel for schedule(static) if (s->n * V > 8192)
    for (int64_t r = 0; r < s->n; r++) cross_entropy_add(s, r, x.data + r * V, 0, V);
    cross_entropy_finish(s, loss);
    return loss;
}
