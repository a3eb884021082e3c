/* 02: automatic differentiation. Each operation appends its result to a tape; ag_backward walks the
 * tape in reverse, and every op adds its part into the gradients of its inputs. The second half
 * fits a line to points with nothing else.
 *
 *     make examples && build/examples/02_autograd
 *     cc -O2 -fopenmp -Isrc examples/02_autograd.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 02_autograd
 */
#include "gradus.h"

/* y = a b + a with a = 2, b = -3: a is used twice, so its gradient has two parts, b and 1. */
static void small_graph(void) {
    real two = 2, minus_three = -3;
    ag_tape *t = ag_tape_new(AG_KEEP); /* every value and gradient stays readable */
    ag_var *a = ag_leaf(t, tensor_1d(&two, 1)), *b = ag_leaf(t, tensor_1d(&minus_three, 1));
    ag_var *y = ag_add(t, ag_mul(t, a, b), a);
    ag_backward(t, y, 1);

    int n;
    ag_var *const *vars = ag_tape_vars(t, &n);
    printf("the tape of y = a b + a, in the order of creation\n");
    for (int i = 0; i < n; i++)
        printf("  %-5s value %5.1f  dy/d(this) %5.1f\n", ag_op_name(vars[i]),
               (double)vars[i]->value.data[0], (double)vars[i]->grad.data[0]);
    ag_tape_free(t);
}

/* The mean over n points of (w x + b - y)^2. */
static ag_var *squared_error(ag_tape *t, ag_var *w, ag_var *b, tensor x, tensor y) {
    ag_var *line = ag_add(t, ag_mul(t, ag_input(t, x), w), b);
    ag_var *error = ag_add(t, line, ag_scale(t, ag_input(t, y), -1));
    return ag_mean(t, ag_mul(t, error, error));
}

/* Gradient descent on the slope and the offset of a line through points of y = 3 x - 2. */
static void fit_a_line(void) {
    enum { POINTS = 9 };
    real x[POINTS], y[POINTS], value[2] = {0, 0}, grad[2];
    for (int i = 0; i < POINTS; i++) {
        x[i] = (real)(i - 4) / 4;
        y[i] = 3 * x[i] - 2;
    }
    ag_var w, b; /* parameters outlive the tape: their memory is ours */
    ag_param_init(&w, tensor_1d(&value[0], 1), tensor_1d(&grad[0], 1), "w");
    ag_param_init(&b, tensor_1d(&value[1], 1), tensor_1d(&grad[1], 1), "b");

    ag_tape *t = ag_tape_new(AG_RELEASE);
    printf("\na line through points of y = 3 x - 2, by gradient descent\n");
    for (int step = 0; step <= 60; step++) {
        ag_tape_reset(t);
        ag_var *loss = squared_error(t, &w, &b, tensor_1d(x, POINTS), tensor_1d(y, POINTS));
        ag_backward(t, loss, 1);
        if (step % 15 == 0)
            printf("  step %2d  loss %8.5f  y = %6.3f x %+6.3f  dw %7.3f  db %7.3f\n", step,
                   (double)loss->value.data[0], (double)value[0], (double)value[1], (double)grad[0],
                   (double)grad[1]);
        for (int i = 0; i < 2; i++) value[i] -= (real)0.3 * grad[i];
        ag_grad_clear(&w); /* else the next backward would add to what is there */
        ag_grad_clear(&b);
    }
    ag_tape_free(t);
    ag_param_free(&w);
    ag_param_free(&b);
}

int main(void) {
    small_graph();
    fit_a_line();
    return 0;
}
