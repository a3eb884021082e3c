#include "autograd/op.h"
#include "autograd/ops.h"

#include <math.h>

/* cos and sin of each position and pair: (T, HS / 2) each. */
typedef struct saved {
    int n_head;
    real *cos, *sin;
} saved;

/* One head at one position; x and y are of the type `type`. */
TENSOR_INLINE void turn_head(int64_t half, tensor_type type, void *to, const void *from, real beta,
                             const real *cs, const real *sn, real direction) {
    for (int64_t i = 0; i < half; i++) {
        real x1 = tensor_get(from, type, i), x2 = tensor_get(from, type, i + half);
        real sine = direction * sn[i], y1 = x1 * cs[i] - x2 * sine, y2 = x2 * cs[i] + x1 * sine;
        tensor_put(to, type, i, y1 + (beta == 0 ? 0 : tensor_get(to, type, i)));
        tensor_put(to, type, i + half, y2 + (beta == 0 ? 0 : tensor_get(to, type, i + half)));
    }
}

/* y (+)= R x for every pair (x1, x2), R the turn by the angle; direction -1 turns back. */
static void turn(const saved *s, tensor *y, const tensor *x, real beta, real direction) {
    int64_t B = x->shape[0], T = x->shape[1], C = x->shape[2], half = C / s->n_head / 2;
#pragma omp parallel for schedule(static) if (B * T * C > 8192)
    for (int64_t bt = 0; bt < B * T; bt++) {
        int64_t b = bt / T, pos = bt % T;
        const real *cs = s->cos + pos * half, *sn = s->sin + pos * half;
        for (int h = 0; h < s->n_head; h++) {
            int64_t first = 2 * h * half;
            void *to = tensor_at(y, b * y->stride[0] + pos * y->stride[1] + first);
            const void *from = tensor_at(x, b * x->stride[0] + pos * x->stride[1] + first);
            if (x->type == TENSOR_BF16)
                turn_head(half, TENSOR_BF16, to, from, beta, cs, sn, direction);
            else
                turn_head(half, TENSOR_REAL, to, from, beta, cs, sn, direction);
        }
    }
}

/* dx += R^-1 dy */
static void backward(ag_tape *t, ag_var *y) {
    real beta;
    tensor dx = ag_grad_write(t, y->in[0], &beta);
    turn(y->saved, &dx, &y->grad, beta, -1);
}

const ag_op ag_op_rope = {.name = "rope",
                          .formula = "pairs of x turned by position / 10000^(2i/HS)",
                          .backward = backward};

ag_var *ag_rope(ag_tape *t, ag_var *x, int n_head, int64_t first) {
    char text[96];
    OP_CHECK(ag_op_rope,
             x->value.n_dim == 3 && x->value.stride[2] == 1 &&
                 x->value.shape[2] % (2 * n_head) == 0,
             "x %s with %d heads", tensor_shape_text(&x->value, text, sizeof text), n_head);
    int64_t T = x->value.shape[1], half = x->value.shape[2] / n_head / 2;
    ag_var *y = ag_new_like(t, &ag_op_rope, x, 1, &x);
    saved *s = y->saved = ag_tape_alloc(t, sizeof *s);
    s->n_head = n_head;
    s->cos = ag_tape_alloc(t, (size_t)(T * half) * sizeof(real));
    s->sin = ag_tape_alloc(t, (size_t)(T * half) * sizeof(real));
    for (int64_t i = 0; i < half; i++) {
        double frequency = pow(10000.0, -(double)i / (double)half);
        for (int64_t pos = 0; pos < T; pos++) {
            s->cos[pos * half + i] = (real)cos((double)(first + pos) * frequency);
            s->sin[pos * half + i] = (real)sin((double)(first + pos) * frequency);
        }
    }
    turn(s, &y->value, &x->value, 0, 1);
    return y;
}
