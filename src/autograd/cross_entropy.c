#include "autograd/cross_entropy.h"

#include "autograd/ops.h"
#include "tensor/softmax.h"

int64_t cross_entropy_block(int64_t rows, int64_t V) {
    /* Logits of a block, about, and columns at least. */
    enum { NUMBERS = 1 << 20, LEAST = 256 };
    int64_t width = NUMBERS / (rows ? rows : 1);
    if (width < LEAST) width = LEAST;
    width = width / BF16_TILE * BF16_TILE;
    return width < V ? width : V;
}

cross_entropy_rows *cross_entropy_begin(ag_tape *t, ag_var *loss, const int32_t *targets, int64_t n,
                                        int64_t V) {
    cross_entropy_rows *s = loss->saved = ag_tape_alloc(t, sizeof *s);
    real *rows = ag_tape_alloc(t, (size_t)(5 * n) * sizeof(real));
    *s = (cross_entropy_rows){targets,      n,           0, rows, rows + n, rows + 2 * n,
                              rows + 3 * n, rows + 4 * n};
    for (int64_t r = 0; r < n; r++) {
        CHECK(targets[r] == AG_IGNORE || (targets[r] >= 0 && targets[r] < V),
              "%s: target %d of row %lld is not in [0, %lld)", ag_op_name(loss), targets[r],
              (long long)r, (long long)V);
        s->n_counted += targets[r] != AG_IGNORE;
        s->max[r] = -INFINITY;
        s->sum[r] = s->target_logit[r] = 0;
    }
    return s;
}

/* The sum of exp(x - max), without changing x. */
static real sum_exp(int64_t n, const real *x, real max) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += vm_exp_weight(x[i] - max);
    return sum;
}

void cross_entropy_add(cross_entropy_rows *s, int64_t r, const real *x, int64_t first, int64_t n) {
    real max = softmax_row_max(n, x);
    if (max > s->max[r]) {
        s->sum[r] *= vm_exp(s->max[r] - max);
        s->max[r] = max;
    }
    s->sum[r] += sum_exp(n, x, s->max[r]);
    int64_t target = s->targets[r] - first;
    if (s->targets[r] != AG_IGNORE && target >= 0 && target < n) s->target_logit[r] = x[target];
}

void cross_entropy_finish(cross_entropy_rows *s, ag_var *loss) {
    double total = 0;
    for (int64_t r = 0; r < s->n; r++) {
        s->lse[r] = s->max[r] + (real)log(s->sum[r]);
        s->loss[r] = s->targets[r] == AG_IGNORE ? 0 : s->lse[r] - s->target_logit[r];
        total += s->loss[r];
    }
    loss->value.data[0] = s->n_counted ? (real)(total / (double)s->n_counted) : 0;
}

const real *ag_row_losses(const ag_var *loss) {
    CHECK(loss->op == &ag_op_cross_entropy || loss->op == &ag_op_linear_cross_entropy,
          "row losses of a %s", ag_op_name(loss));
    return ((const cross_entropy_rows *)loss->saved)->loss;
}
