/* 03: is a gradient right? Move one number by a little, see how far the result moves, and compare.
 * First by hand on tanh(x), then gradcheck_function on a whole layer of our own making, then the
 * check that every op of the library comes with.
 *
 *     make examples && build/examples/03_gradcheck
 *     cc -O2 -fopenmp -Isrc examples/03_gradcheck.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 03_gradcheck
 */
#include "gradus.h"

#include <math.h>

/* tanh(x), and its derivative where slope is not NULL. */
static double tanh_of(real x, double *slope) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *v = ag_leaf(t, tensor_1d(&x, 1)), *y = ag_tanh(t, v);
    double value = y->value.data[0];
    ag_backward(t, y, 1);
    if (slope) *slope = v->grad.data[0];
    ag_tape_free(t);
    return value;
}

/* A large step misses the curve, a small one drowns in rounding. */
static void by_hand(void) {
    double slope;
    real x = (real)0.5;
    tanh_of(x, &slope);
    printf("d tanh(x) / dx at 0.5 is %.7f by backward, and by central differences\n", slope);
    for (double h = 0.1; h > 5e-7; h /= 10) {
        real above = x + (real)h, below = x - (real)h;
        double difference = (tanh_of(above, NULL) - tanh_of(below, NULL)) / ((double)above - below);
        printf("  step %.0e  %.7f  off by %.1e\n", h, difference, fabs(difference - slope));
    }
}

/* norm(gelu(x w + b)) of random numbers: gradcheck makes the leaves, and moves each in turn. */
static ag_var *layer(gradcheck *g, ag_tape *t) {
    ag_var *x = gradcheck_leaf(g, t, 2, (int64_t[]){4, 3}, -1, 1);
    ag_var *w = gradcheck_leaf(g, t, 2, (int64_t[]){3, 5}, -1, 1);
    ag_var *b = gradcheck_leaf(g, t, 1, (int64_t[]){5}, -1, 1);
    ag_var *weight = gradcheck_leaf(g, t, 1, (int64_t[]){5}, 0.5, 1.5);
    return ag_rms_norm(t, ag_linear(t, x, w, b, AG_GELU), weight);
}

static bool print(gradcheck_result r) {
    printf("  %-20s %4lld gradients, worst error %.1e of %.0e allowed: %s\n", r.name,
           (long long)r.n_elements, r.worst, r.tolerance, r.passed ? "ok" : "WRONG");
    return r.passed;
}

int main(void) {
    by_hand();
    printf("\na layer of our own, checked in %s\n", REAL_NAME);
    bool all = print(gradcheck_function("gelu, then norm", layer));
    printf("\nevery op of the library\n");
    for (int i = 0; i < gradcheck_n_ops(); i++) all &= print(gradcheck_op(i));
    printf("%s\n", all ? "all gradients are right" : "some gradient is wrong");
    return all ? 0 : 1;
}
