#include "lesson/04_lookup.h"

#include "autograd/ops.h"
#include "base/array.h"
#include "base/thread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Both ways over the same W, the same tokens, and the same gradient from above. */
typedef struct work {
    int64_t V, D, T;
    int32_t *ids;               /* T */
    tensor W, one_hot, weights; /* (V, D), (T, V), (T, D) */
    tensor dW_product, dW_lookup;
    ag_var by_product, by_lookup; /* W twice, each with a gradient of its own */
    ag_tape *product, *lookup;
    ag_var *y_product, *y_lookup; /* the last results */
} work;

static tensor new_matrix(int64_t rows, int64_t cols) {
    return tensor_2d(mem_new_untouched((size_t)(rows * cols) * sizeof(real)), rows, cols);
}

static void set_up(work *w, int64_t V, int64_t D, int64_t T) {
    const rng_key key = rng_from_seed(4);
    rng_stream stream = {rng_split(key, 1), 0};
    *w = (work){.V = V, .D = D, .T = T};
    w->ids = mem_new((size_t)T, sizeof *w->ids);
    w->W = new_matrix(V, D);
    w->weights = new_matrix(T, D);
    w->one_hot = new_matrix(T, V);
    w->dW_product = new_matrix(V, D);
    w->dW_lookup = new_matrix(V, D);
    rng_fill_uniform(rng_split(key, 2), w->W.data, V * D, -1, 1);
    rng_fill_uniform(rng_split(key, 3), w->weights.data, T * D, -1, 1);
    tensor_fill(&w->one_hot, 0);
    for (int64_t i = 0; i < T; i++) {
        w->ids[i] = (int32_t)rng_next_below(&stream, (uint32_t)V);
        w->one_hot.data[i * V + w->ids[i]] = 1;
    }
    ag_param_init(&w->by_product, w->W, w->dW_product, "W");
    ag_param_init(&w->by_lookup, w->W, w->dW_lookup, "W");
    w->product = ag_tape_new(AG_KEEP);
    w->lookup = ag_tape_new(AG_KEEP);
}

static void tear_down(work *w) {
    ag_tape_free(w->product);
    ag_tape_free(w->lookup);
    ag_param_free(&w->by_product);
    ag_param_free(&w->by_lookup);
    real *const memory[] = {w->W.data, w->one_hot.data, w->weights.data, w->dW_product.data,
                            w->dW_lookup.data};
    for (size_t i = 0; i < COUNT(memory); i++) free(memory[i]);
    free(w->ids);
}

/* Backward from a loss of the result: its numbers, each times a weight, added up, so that the
 * weights are dloss/dy. Making the loss costs both ways the same and is not timed; passing its
 * gradient on is. */
static double time_backward(const work *w, ag_tape *t, ag_var *y) {
    ag_var *rows = ag_reshape(t, y, 2, (int64_t[]){w->T, w->D});
    ag_var *loss = ag_sum(t, ag_mul(t, rows, ag_input(t, w->weights)));
    double start = thread_clock();
    ag_backward(t, loss, 1);
    return thread_clock() - start;
}

static double run_product(work *w) {
    ag_tape_reset(w->product);
    ag_grad_clear(&w->by_product);
    double start = thread_clock();
    w->y_product = ag_matmul(w->product, ag_input(w->product, w->one_hot), &w->by_product);
    double forward = thread_clock() - start;
    return forward + time_backward(w, w->product, w->y_product);
}

static double run_lookup(work *w) {
    ag_tape_reset(w->lookup);
    ag_grad_clear(&w->by_lookup);
    double start = thread_clock();
    w->y_lookup = ag_embedding(w->lookup, &w->by_lookup, w->ids, 1, w->T);
    double forward = thread_clock() - start;
    return forward + time_backward(w, w->lookup, w->y_lookup);
}

/* Compares dW; rows that were not touched are zeros. */
static void compare(lookup_case *c, work *w) {
    double largest = 0;
    ag_grad_densify(&w->by_lookup);
    c->outputs_equal = memcmp(w->y_product->value.data, w->y_lookup->value.data,
                              tensor_bytes(&w->y_lookup->value)) == 0;
    for (int64_t i = 0; i < w->V * w->D; i++) {
        double a = (double)w->dW_product.data[i], b = (double)w->dW_lookup.data[i];
        c->n_differ += a != b;
        c->apart = fmax(c->apart, fabs(a - b));
        largest = fmax(largest, fabs(b));
    }
    c->apart /= largest;
}

lookup_case lookup_compare(int64_t V, int64_t D, int64_t T, int runs) {
    lookup_case c = {.V = V, .D = D, .T = T, .product = {INFINITY, 0}, .lookup = {INFINITY, 0}};
    work w;
    set_up(&w, V, D, T);
    for (int i = 0; i < runs; i++) {
        c.product.seconds = fmin(c.product.seconds, run_product(&w));
        c.lookup.seconds = fmin(c.lookup.seconds, run_lookup(&w));
    }
    c.n_rows = w.by_lookup.rows.n;
    c.product.bytes = tensor_bytes(&w.one_hot) + tensor_bytes(&w.dW_product);
    c.lookup.bytes = (size_t)T * sizeof *w.ids + (size_t)(c.n_rows * D) * sizeof(real);
    compare(&c, &w);
    tear_down(&w);
    return c;
}
