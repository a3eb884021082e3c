/* 08: an op of your own, outside the library: Swish with a slope that is learned (Ramachandran et
 * al. 2017), y = x sigmoid(b x). An op is a record with a backward, and a function that appends the
 * result to the tape. gradcheck finds whether they fit together; then b learns from examples.
 * docs/add-an-op.md explains each call, and how an op becomes part of the library.
 *
 *     make examples && build/examples/08_custom_op
 *     cc -O2 -fopenmp -Isrc examples/08_custom_op.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 08_custom_op
 */
#include "gradus.h"

#include <math.h>

static real sigmoid(real x) {
    return 1 / (1 + (real)exp(-x));
}

/* dx += dy (s + b x s (1 - s)),  db += sum of dy x^2 s (1 - s),  with s = sigmoid(b x). */
static void swish_backward(ag_tape *t, ag_var *y) {
    ag_var *x = y->in[0], *b = y->in[1];
    tensor dx = ag_grad_add(t, x), db = ag_grad_add(t, b); /* data is NULL where none is wanted */
    const real *dy = y->grad.data, *xs = x->value.data, slope = b->value.data[0];
    for (int64_t i = 0; i < tensor_numel(&y->value); i++) {
        real s = sigmoid(slope * xs[i]), bend = xs[i] * s * (1 - s);
        if (dx.data) dx.data[i] += dy[i] * (s + slope * bend);
        if (db.data) db.data[0] += dy[i] * xs[i] * bend;
    }
}

static const ag_op swish_op = {
    .name = "swish", .formula = "x sigmoid(b x)", .backward = swish_backward};

/* x sigmoid(b x): x of any shape, b (1): the shape of x. */
static ag_var *swish(ag_tape *t, ag_var *x, ag_var *b) {
    x = ag_contiguous(t, ag_reals(t, x)); /* the loops below know nothing of strides and bf16 */
    OP_CHECK(swish_op, tensor_numel(&b->value) == 1, "a slope with %lld elements",
             (long long)tensor_numel(&b->value));
    ag_var *y = ag_new_like(t, &swish_op, x, 2, (ag_var *[]){x, b});
    for (int64_t i = 0; i < tensor_numel(&y->value); i++)
        y->value.data[i] = x->value.data[i] * sigmoid(b->value.data[0] * x->value.data[i]);
    return y;
}

/* Both inputs are used twice: their gradients have parts, which must add. */
static ag_var *build(gradcheck *g, ag_tape *t) {
    ag_var *x = gradcheck_leaf(g, t, 2, (int64_t[]){3, 3}, -3, 3);
    ag_var *b = gradcheck_leaf(g, t, 1, (int64_t[]){1}, 0.5, 1.5);
    return ag_mul(t, swish(t, x, b), swish(t, x, b));
}

/* Gradient descent on the squared error of x sigmoid(b x) to what b = 2 gives. */
static double learn_slope(void) {
    enum { POINTS = 33 };
    real x[POINTS], wanted[POINTS], b = 0, db;
    for (int i = 0; i < POINTS; i++) x[i] = (real)(i - 16) / 8;
    for (int i = 0; i < POINTS; i++) wanted[i] = -x[i] * sigmoid(2 * x[i]);
    ag_var slope;
    ag_param_init(&slope, tensor_1d(&b, 1), tensor_1d(&db, 1), "b");
    ag_tape *t = ag_tape_new(AG_RELEASE);
    for (int step = 0; step <= 400; step++) {
        ag_tape_reset(t);
        ag_var *y = swish(t, ag_input(t, tensor_1d(x, POINTS)), &slope);
        ag_var *error = ag_add(t, y, ag_input(t, tensor_1d(wanted, POINTS)));
        ag_backward(t, ag_mean(t, ag_mul(t, error, error)), 1);
        if (step % 100 == 0) printf("  step %3d  b = %.4f\n", step, (double)b);
        b -= 2 * db;
        ag_grad_clear(&slope);
    }
    ag_tape_free(t);
    ag_param_free(&slope);
    return b;
}

int main(void) {
    gradcheck_result r = gradcheck_function(swish_op.name, build);
    printf("%s, %s: %lld gradients, worst error %.1e: %s\n", r.name, swish_op.formula,
           (long long)r.n_elements, r.worst, r.passed ? "ok" : "WRONG");
    puts("learning b from examples of x sigmoid(2 x)");
    return r.passed && fabs(learn_slope() - 2) < 0.01 ? 0 : 1;
}
