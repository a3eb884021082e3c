#include "autograd/windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"
#include "one_window.h"

/* The op of each of the four cases. */
static ag_var *loss_of(ag_tape *t, const one_case *c, ag_var *hidden, ag_var *w,
                       const ag_windows *windows, const ag_paths *paths) {
    if (!c->ns)
        return ag_hs(t, hidden, w, windows, paths, c->sg ? AG_INPUTS_EACH : AG_INPUTS_MEAN_FULL);
    return c->sg ? ag_sgns(t, hidden, w, windows) : ag_cbow(t, hidden, w, windows, true);
}

/* The vectors at the four positions of the text, and the outputs, as parameters. */
static void one_window_init(const one_case *c, ag_var *hidden, ag_var *w) {
    parameter_init(hidden, "hidden", 1, SHAPE(ONE_POSITIONS, ONE_WIDTH));
    parameter_init(w, "w", 2, SHAPE(c->ns ? ONE_WORDS : ONE_WORDS - 1, ONE_WIDTH));
    for (int p = 0; p < ONE_POSITIONS; p++)
        one_fill(&one_vectors[one_ids[p]], 1, hidden->value.data + p * ONE_WIDTH);
    one_fill(c->ns ? one_syn1neg : one_syn1, w->value.shape[0], w->value.data);
}

/* -alpha times the gradient is the change. */
static void assert_change(real gradient, double expected) {
    assert_near(-one_alpha * (double)gradient, expected, EPSILON / 4 + 1e-15);
}

static void assert_one_window(const one_case *c, const ag_var *hidden, ag_var *w) {
    assert_int_equal(w->grad_state, AG_GRAD_ROWS);
    assert_int_equal(w->rows.n, c->n_outputs);
    for (int i = 0; i < c->n_outputs; i++) assert_int_equal(w->rows.rows[i], c->outputs[i].row);
    ag_grad_densify(w);
    for (int64_t i = 0; i < ONE_WIDTH; i++) {
        for (int p = 0; p < ONE_POSITIONS; p++)
            assert_change(hidden->grad.data[p * ONE_WIDTH + i],
                          one_expected(c->vectors, 2, one_ids[p], i));
        for (int32_t r = 0; r < w->value.shape[0]; r++)
            assert_change(w->grad.data[r * ONE_WIDTH + i],
                          one_expected(c->outputs, c->n_outputs, r, i));
    }
}

static void test_one_window_by_hand(void **state) {
    (void)state;
    for (int i = 0; i < ONE_CASES; i++) {
        const one_case *c = &one_cases[i];
        ag_var hidden, w;
        one_window_init(c, &hidden, &w);
        ag_tape *t = ag_tape_new(AG_RELEASE);
        ag_var *loss = loss_of(t, c, &hidden, &w, &one_window, &one_paths);
        assert_near(ag_windows_loss(loss), c->loss, 4 * EPSILON + 1e-14);
        assert_near((double)loss->value.data[0], c->loss, 8 * EPSILON + 1e-14);
        ag_backward(t, loss, 1);
        assert_one_window(c, &hidden, &w);
        ag_tape_free(t);
        parameter_free(&hidden);
        parameter_free(&w);
    }
}

/* Without word2vec.c's rule each of the two inputs of CBOW gets its share, half of the change. */
static void test_the_true_gradient_of_the_mean(void **state) {
    (void)state;
    for (int i = 0; i < ONE_CASES; i++) {
        const one_case *c = &one_cases[i];
        if (c->sg) continue;
        ag_var hidden, w;
        one_window_init(c, &hidden, &w);
        ag_tape *t = ag_tape_new(AG_RELEASE);
        ag_backward(t,
                    c->ns ? ag_cbow(t, &hidden, &w, &one_window, false)
                          : ag_hs(t, &hidden, &w, &one_window, &one_paths, AG_INPUTS_MEAN),
                    1);
        for (int64_t k = 0; k < ONE_WIDTH * ONE_POSITIONS; k++) hidden.grad.data[k] *= 2;
        assert_one_window(c, &hidden, &w);
        ag_tape_free(t);
        parameter_free(&hidden);
        parameter_free(&w);
    }
}

/* Either side may be a constant: the other gets its gradient nevertheless. */
static void test_a_constant_side(void **state) {
    (void)state;
    const one_case *c = &one_cases[0];
    ag_var hidden, w;
    one_window_init(c, &hidden, &w);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_backward(t, ag_sgns(t, &hidden, ag_input(t, w.value), &one_window), 1);
    ag_tape_reset(t);
    ag_backward(t, ag_sgns(t, ag_input(t, hidden.value), &w, &one_window), 1);
    assert_one_window(c, &hidden, &w);
    ag_tape_free(t);
    parameter_free(&hidden);
    parameter_free(&w);
}

/* Logits far beyond the 6 where word2vec.c's table ends: the logistic function is exact. */
static void test_large_logits(void **state) {
    (void)state;
    const ag_windows pair = {1, (const ag_window[]){{1, 0, 0}}, (const int32_t[]){0, 2},
                             (const int32_t[]){0, 1}};
    ag_var hidden, w;
    parameter_init(&hidden, "hidden", 1, SHAPE(1, ONE_WIDTH));
    parameter_init(&w, "w", 2, SHAPE(2, ONE_WIDTH));
    one_fill((const double[][ONE_COLUMNS]){{1, 2, 0}}, 1, hidden.value.data);
    one_fill((const double[][ONE_COLUMNS]){{-400, 0, 0}, {0, 5, 0}}, 2, w.value.data);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_var *loss = ag_sgns(t, &hidden, &w, &pair);
    /* log(1 + e^400) + log(1 + e^10) */
    assert_near(ag_windows_loss(loss), 400 + 10.000045398899218, 410 * EPSILON);
    ag_backward(t, loss, 1);
    /* slopes sigma(-400) - 1 = -1 and sigma(10) = 0.999954602131298 */
    assert_near((double)w.grad.data[1], -2, 4 * EPSILON);
    assert_near((double)w.grad.data[ONE_WIDTH + 1], 2 * 0.999954602131298, 4 * EPSILON + 1e-14);
    assert_near((double)hidden.grad.data[0], 400, 400 * EPSILON);
    assert_near((double)hidden.grad.data[1], 5 * 0.999954602131298, 8 * EPSILON + 1e-14);
    ag_tape_free(t);
    parameter_free(&hidden);
    parameter_free(&w);
}

/* Random windows over a stretch that give every thread much to do, in more columns than one block
 * of backward. */
enum { POSITIONS = 60, ROWS = 40, WIDE = 528, WINDOWS = 150, LONGEST = 17 };

typedef struct text {
    ag_window list[WINDOWS];
    int32_t out_begin[WINDOWS + 1], out[WINDOWS * LONGEST];
    int32_t path_begin[ROWS + 1], node[ROWS * LONGEST];
    uint8_t right[ROWS * LONGEST];
    ag_windows windows;
    ag_paths paths;
} text;

/* n random numbers below `below`, from `at` on; repeats are likely. */
static int32_t draw(rng_stream *s, int32_t *out, int32_t at, uint32_t below) {
    int32_t n = 1 + (int32_t)rng_next_below(s, LONGEST);
    for (int32_t k = 0; k < n; k++) out[at + k] = (int32_t)rng_next_below(s, below);
    return at + n;
}

static void text_init(text *x) {
    rng_stream s = {.key = rng_from_seed(5)};
    x->out_begin[0] = x->path_begin[0] = 0;
    for (int w = 0; w < WINDOWS; w++) {
        int32_t first = (int32_t)rng_next_below(&s, POSITIONS - 12);
        int32_t last = first + 1 + (int32_t)rng_next_below(&s, 11);
        int32_t center = w % 9 ? first + (int32_t)rng_next_below(&s, 2) : last + 3;
        x->list[w] = (ag_window){center, first, last};
        x->out_begin[w + 1] = draw(&s, x->out, x->out_begin[w], ROWS);
    }
    for (int v = 0; v < ROWS; v++) x->path_begin[v + 1] = draw(&s, x->node, x->path_begin[v], ROWS);
    for (int k = 0; k < x->path_begin[ROWS]; k++) x->right[k] = rng_next(&s) & 1;
    x->windows = (ag_windows){WINDOWS, x->list, x->out_begin, x->out};
    x->paths = (ag_paths){x->path_begin, x->node, x->right};
}

/* The gradients of all windows in double, by the plain formula, into dh and dw; returns the loss.
 */
static double slow(const one_case *c, const text *x, const ag_var *hidden, const ag_var *w,
                   double *dh, double *dw) {
    double loss = 0;
    for (int i = 0; i < WINDOWS; i++) {
        const ag_window *v = &x->list[i];
        int32_t word = x->out[x->out_begin[i]];
        int32_t begin = c->ns ? x->out_begin[i] : x->path_begin[word];
        int32_t end = c->ns ? x->out_begin[i + 1] : x->path_begin[word + 1];
        double n = (double)ag_window_inputs(v), m[WIDE] = {0}, e[WIDE];
        for (int32_t p = v->first; p <= v->last; p++)
            for (int k = 0; k < WIDE && p != v->center; k++)
                m[k] += (double)hidden->value.data[p * WIDE + k] / n;
        for (int32_t p = v->first; p <= v->last; p++) {
            if (p == v->center) continue;
            for (int k = 0; k < WIDE && c->sg; k++) m[k] = hidden->value.data[p * WIDE + k];
            memset(e, 0, sizeof e);
            for (int32_t j = begin; j < end; j++) {
                int32_t row = c->ns ? x->out[j] : x->node[j];
                bool label = c->ns ? j == begin : x->right[j];
                const real *y = w->value.data + row * WIDE;
                double z = 0, share = c->sg ? 1 : 1 / n;
                for (int k = 0; k < WIDE; k++) z += m[k] * (double)y[k];
                double slope = 1 / (1 + exp(-z)) - label;
                loss += share * log1p(exp(label ? -z : z));
                for (int k = 0; k < WIDE; k++) e[k] += slope * (double)y[k];
                for (int k = 0; k < WIDE; k++) dw[row * WIDE + k] += share * slope * m[k];
            }
            for (int k = 0; k < WIDE; k++) dh[p * WIDE + k] += e[k];
        }
    }
    return loss;
}

static void assert_gradient(const tensor *found, const double *expected, double factor) {
    for (int64_t i = 0; i < tensor_numel(found); i++)
        assert_near((double)found->data[i], factor * expected[i], 2000 * EPSILON);
}

/* Twice the loss by c's op on so many threads; the gradients are left in hidden and w. */
static double run(const one_case *c, const text *x, ag_var *hidden, ag_var *w, int threads) {
    thread_set_count(threads);
    parameter_init(hidden, "hidden", 1, SHAPE(POSITIONS, WIDE));
    parameter_init(w, "w", 2, SHAPE(ROWS, WIDE));
    for (int64_t i = 0; i < ROWS * WIDE; i++) w->value.data[i] *= (real)0.1;
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_var *loss = loss_of(t, c, hidden, w, &x->windows, &x->paths);
    double sum = ag_windows_loss(loss);
    ag_backward(t, ag_scale(t, loss, 2), 1);
    ag_tape_free(t);
    thread_set_count(1);
    return sum;
}

static void test_many_windows_at_any_thread_count(void **state) {
    (void)state;
    static text x;
    static double dh[POSITIONS * WIDE], dw[ROWS * WIDE];
    text_init(&x);
    for (int i = 0; i < ONE_CASES; i++) {
        const one_case *c = &one_cases[i];
        ag_var hidden, w;
        double loss = run(c, &x, &hidden, &w, 1);
        memset(dh, 0, sizeof dh);
        memset(dw, 0, sizeof dw);
        assert_near(loss, slow(c, &x, &hidden, &w, dh, dw), loss * 64 * EPSILON);
        ag_grad_densify(&w);
        assert_gradient(&hidden.grad, dh, 2);
        assert_gradient(&w.grad, dw, 2);
        for (int threads = 2; threads <= 3; threads++) {
            ag_var same_hidden, same_w;
            assert_true(run(c, &x, &same_hidden, &same_w, threads) == loss);
            ag_grad_densify(&same_w);
            assert_same_bits(&same_hidden.grad, &hidden.grad);
            assert_same_bits(&same_w.grad, &w.grad);
            parameter_free(&same_hidden);
            parameter_free(&same_w);
        }
        parameter_free(&hidden);
        parameter_free(&w);
    }
}

static void no_inputs(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_windows alone = one_window;
    alone.list = (const ag_window[]){{1, 1, 1}};
    ag_sgns(t, random_leaf(t, 1, SHAPE(4, 16)), random_leaf(t, 2, SHAPE(5, 16)), &alone);
}
static void position_outside(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_sgns(t, random_leaf(t, 1, SHAPE(2, 16)), random_leaf(t, 2, SHAPE(5, 16)), &one_window);
}
static void rows_without_padding(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_cbow(t, random_leaf(t, 1, SHAPE(4, 9)), random_leaf(t, 2, SHAPE(5, 9)), &one_window, true);
}
static void rows_of_two_lengths(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_hs(t, random_leaf(t, 1, SHAPE(4, 32)), random_leaf(t, 2, SHAPE(5, 16)), &one_window,
          &one_paths, AG_INPUTS_EACH);
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(no_inputs, "sgns: window 0: positions 1 to 1 of 4, 3 outputs");
    assert_bug(position_outside, "sgns: window 0: positions 0 to 2 of 2");
    assert_bug(rows_without_padding, "cbow: rows of 9 and 9 numbers");
    assert_bug(rows_of_two_lengths, "hs: rows of 32 and 16 numbers");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_window_by_hand),
        cmocka_unit_test(test_the_true_gradient_of_the_mean),
        cmocka_unit_test(test_a_constant_side),
        cmocka_unit_test(test_large_logits),
        cmocka_unit_test(test_many_windows_at_any_thread_count),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
