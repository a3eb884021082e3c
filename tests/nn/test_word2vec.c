#include "nn/word2vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "autograd/ops.h"
#include "nn/overlay.h"
#include "numbers.h"
#include "one_window.h"

/* A text of random words in a tiny vocabulary, and everything that a model may want of it. */
enum { V = 15, D = 20, BUCKET = 9, TEXT = 40, NODES = 5, WRONG = 4 };

typedef struct text {
    int32_t ids[TEXT], bag_begin[TEXT + 1], bag[TEXT * 4];
    ag_window windows[TEXT * 4];
    int32_t out_begin[TEXT * 4 + 1], out[TEXT * 4 * (1 + WRONG)];
    int32_t path_begin[V + 1], node[V * NODES];
    uint8_t right[V * NODES];
    nn_stretch stretch;
    ag_paths paths;
} text;

/* The first n of all numbers below `below` in random order: no two are equal. */
static void draw_apart(rng_key key, uint32_t below, int n, int32_t *out) {
    uint32_t order[V];
    rng_permutation(key, order, below);
    for (int i = 0; i < n; i++) out[i] = (int32_t)order[i];
}

static void add_window(text *x, int32_t center, int32_t first, int32_t last) {
    int64_t w = x->stretch.windows.n++;
    int32_t *out = x->out + w * (1 + WRONG);
    x->windows[w] = (ag_window){center, first, last};
    draw_apart(rng_split(rng_from_seed(2), (uint64_t)w), V, 1 + WRONG, out);
    for (int k = 1; k <= WRONG; k++)
        if (out[k] == x->ids[center]) out[k] = out[0];
    out[0] = x->ids[center];
    x->out_begin[w + 1] = (int32_t)(w + 1) * (1 + WRONG);
}

/* Every word with two to either side: one window, or each pair a window of its own. */
static void add_windows(text *x, bool pairs) {
    for (int32_t p = 0; p < TEXT; p++) {
        int32_t first = p > 2 ? p - 2 : 0, last = p + 2 < TEXT ? p + 2 : TEXT - 1;
        if (!pairs) add_window(x, p, first, last);
        for (int32_t q = first; q <= last && pairs; q++)
            if (q != p) add_window(x, p, q, q);
    }
}

/* The bag of a position: its word and up to two n-grams. The text's first bag is not the list's. */
static void set_bags(text *x, rng_stream *s) {
    x->bag_begin[0] = 1;
    for (int p = 0; p < TEXT; p++) {
        int32_t n = (int32_t)rng_next_below(s, 3), *to = x->bag + x->bag_begin[p];
        *to = x->ids[p];
        for (int k = 1; k <= n; k++) to[k] = V + (int32_t)rng_next_below(s, BUCKET);
        x->bag_begin[p + 1] = x->bag_begin[p] + 1 + n;
    }
}

/* Paths of two to NODES nodes, all different. */
static void set_paths(text *x, rng_stream *s) {
    for (int v = 0; v < V; v++) {
        int32_t n = 2 + v % (NODES - 1), at = x->path_begin[v];
        draw_apart(rng_split(rng_from_seed(3), (uint64_t)v), V - 1, n, x->node + at);
        for (int k = 0; k < n; k++) x->right[at + k] = rng_next(s) & 1;
        x->path_begin[v + 1] = at + n;
    }
}

static void text_init(text *x, bool bags) {
    rng_stream s = {.key = rng_from_seed(1)};
    *x = (text){0};
    for (int p = 0; p < TEXT; p++) x->ids[p] = (int32_t)rng_next_below(&s, V);
    draw_apart(rng_from_seed(4), V, 5, x->ids); /* the first window has no word twice */
    set_bags(x, &s);
    set_paths(x, &s);
    x->paths = (ag_paths){x->path_begin, x->node, x->right};
    x->stretch = (nn_stretch){.n = TEXT,
                              .ids = x->ids,
                              .bag_begin = bags ? x->bag_begin : NULL,
                              .bag = bags ? x->bag : NULL,
                              .windows = {0, x->windows, x->out_begin, x->out}};
}

/* Returns new: a model whose matrices hold random numbers, the padding zeros. */
static nn_word2vec *model_of(bool sg, bool ns, bool hs, bool bags) {
    const nn_word2vec_config config = {V, D, bags ? BUCKET : 0, sg, ns, hs};
    nn_word2vec *m = nn_word2vec_new(&config, true);
    for (int i = 0; i < m->params.n; i++) {
        tensor *value = &m->params.list[i]->var.value;
        for (int64_t r = 0; r < value->shape[0]; r++)
            rng_fill_uniform(rng_split(rng_from_seed((uint64_t)i), (uint64_t)r),
                             value->data + r * m->width, D, -0.8, 0.8);
    }
    return m;
}

static double descend(const nn_word2vec *m, const text *x, real alpha, const bool *frozen) {
    static real scratch[2 * TEXT * 64];
    nn_word2vec_rows rows = nn_word2vec_rows_of(m);
    return nn_word2vec_descend(m, &rows, &x->stretch, &x->paths, alpha, frozen,
                               x->stretch.bag_begin ? scratch : NULL);
}

static void assert_values_near(const nn_word2vec *m, const nn_word2vec *expected,
                               double tolerance) {
    for (int64_t i = 0; i < m->params.numel; i++)
        assert_near((double)m->params.value[i], (double)expected->params.value[i], tolerance);
}

static void test_layout(void **state) {
    (void)state;
    for (int losses = 1; losses < 4; losses++) {
        bool ns = losses & 1, hs = losses & 2;
        nn_word2vec *m = nn_word2vec_new(&(nn_word2vec_config){V, D, BUCKET, true, ns, hs}, true);
        assert_true(m->width >= D && m->width < D + 16);
        assert_int_equal((size_t)m->width * sizeof(real) % 64, 0);
        assert_int_equal(m->params.n, 1 + ns + hs);
        assert_int_equal(m->wte->value.shape[0], V + BUCKET);
        assert_int_equal(m->wte->value.shape[1], m->width);
        assert_string_equal(m->wte->name, "wte.weight");
        assert_int_equal(m->syn1neg != NULL, ns);
        assert_int_equal(m->syn1 != NULL, hs);
        if (ns) assert_int_equal(m->syn1neg->value.shape[0], V);
        if (hs) assert_int_equal(m->syn1->value.shape[0], V - 1);
        nn_word2vec_free(m);
    }
}

static void test_initial_numbers(void **state) {
    (void)state;
    const nn_word2vec_config config = {500, D, 500, true, true, true};
    nn_word2vec *m = nn_word2vec_new(&config, false), *same = nn_word2vec_new(&config, false);
    nn_word2vec_init(m, rng_from_seed(1));
    nn_word2vec_init(same, rng_from_seed(1));
    assert_memory_equal(m->params.value, same->params.value,
                        (size_t)m->params.numel * sizeof(real));
    double sum = 0, squares = 0, low = 0, high = 0;
    for (int64_t i = 0; i < 1000 * m->width; i++) {
        double x = (double)m->wte->value.data[i] * D;
        if (i % m->width >= D) assert_true(x == 0);
        assert_true(x >= -0.5 && x < 0.5 + EPSILON);
        sum += x, squares += x * x;
        low = fmin(low, x), high = fmax(high, x);
    }
    assert_near(sum / (1000 * D), 0, 5 * sqrt(1 / 12.0 / (1000 * D)));
    assert_near(squares / (1000 * D), 1 / 12.0, 5 * sqrt(1 / 180.0 / (1000 * D)));
    assert_true(low < -0.499 && high > 0.499);
    assert_true(largest(&m->syn1neg->value) == 0 && largest(&m->syn1->value) == 0);
    nn_word2vec_init(same, rng_from_seed(2));
    assert_memory_not_equal(m->wte->value.data, same->wte->value.data, 1000 * sizeof(real));
    nn_word2vec_free(m);
    nn_word2vec_free(same);
}

static void assert_rows(const ag_var *v, const double (*before)[ONE_COLUMNS],
                        const one_change *changes, int n) {
    for (int32_t r = 0; r < v->value.shape[0]; r++)
        for (int64_t c = 0; c < ONE_WIDTH; c++) {
            double by = one_expected(changes, n, r, c), old = c < ONE_COLUMNS ? before[r][c] : 0;
            double found = (double)v->value.data[r * ONE_WIDTH + c];
            if (by == 0) assert_true((real)found == (real)old);
            assert_near(found, old + by, EPSILON + 1e-15);
        }
}

static void test_one_window_by_hand(void **state) {
    (void)state;
    const nn_stretch stretch = {.n = ONE_POSITIONS, .ids = one_ids, .windows = one_window};
    for (int i = 0; i < ONE_CASES; i++) {
        const one_case *c = &one_cases[i];
        const nn_word2vec_config config = {ONE_WORDS, ONE_WIDTH, 0, c->sg, c->ns, !c->ns};
        nn_word2vec *m = nn_word2vec_new(&config, false);
        nn_word2vec_rows rows = nn_word2vec_rows_of(m);
        one_fill(one_vectors, ONE_WORDS, rows.wte);
        if (c->ns)
            one_fill(one_syn1neg, ONE_WORDS, rows.syn1neg);
        else
            one_fill(one_syn1, ONE_WORDS - 1, rows.syn1);
        double loss =
            nn_word2vec_descend(m, &rows, &stretch, &one_paths, (real)one_alpha, NULL, NULL);
        assert_near(loss, c->loss, 4 * EPSILON + 1e-14);
        assert_rows(m->wte, one_vectors, c->vectors, 2);
        assert_rows(c->ns ? m->syn1neg : m->syn1, c->ns ? one_syn1neg : one_syn1, c->outputs,
                    c->n_outputs);
        nn_word2vec_free(m);
    }
}

/* One window, descended and on the tape: the model changes by -alpha times the gradient. */
static void assert_descent_is_gradient(bool sg, bool ns, bool bags) {
    const real alpha = (real)0.05;
    static text x;
    text_init(&x, bags);
    add_window(&x, 2, 0, 4);
    nn_word2vec *m = model_of(sg, ns, !ns, bags), *expected = model_of(sg, ns, !ns, bags);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    double sum;
    ag_var *loss = nn_word2vec_loss(expected, t, &x.stretch, &x.paths, &sum);
    assert_near((double)loss->value.data[0], sum, sum * EPSILON);
    ag_backward(t, loss, 1);
    for (int i = 0; i < expected->params.n; i++) {
        ag_var *v = &expected->params.list[i]->var;
        ag_grad_densify(v);
        tensor_accumulate(&v->value, -alpha, &v->grad);
    }
    assert_near(descend(m, &x, alpha, NULL), sum, sum * 8 * EPSILON);
    assert_values_near(m, expected, 4 * EPSILON);
    ag_tape_free(t);
    nn_word2vec_free(m);
    nn_word2vec_free(expected);
}

static void test_descent_is_minus_alpha_times_the_gradient(void **state) {
    (void)state;
    for (int how = 0; how < 8; how++) assert_descent_is_gradient(how & 1, how & 2, how & 4);
}

/* With both losses the tape's is their sum, and so is its gradient. */
static void test_both_losses_add_up(void **state) {
    (void)state;
    static text x;
    text_init(&x, false);
    add_windows(&x, false);
    nn_word2vec *m[] = {model_of(true, true, true, false), model_of(true, true, false, false),
                        model_of(true, false, true, false)};
    memcpy(m[2]->syn1->value.data, m[0]->syn1->value.data,
           (size_t)tensor_numel(&m[2]->syn1->value) * sizeof(real));
    double sum[3];
    for (int i = 0; i < 3; i++) {
        ag_tape *t = ag_tape_new(AG_RELEASE);
        ag_backward(t, nn_word2vec_loss(m[i], t, &x.stretch, &x.paths, &sum[i]), 1);
        ag_tape_free(t);
        ag_grad_densify(m[i]->wte);
    }
    assert_near(sum[0], sum[1] + sum[2], sum[0] * 1e-12);
    tensor both = m[1]->wte->grad;
    tensor_accumulate(&both, 1, &m[2]->wte->grad);
    assert_close(&m[0]->wte->grad, &both, 64 * EPSILON);
    for (int i = 0; i < 3; i++) nn_word2vec_free(m[i]);
}

/* word2vec.c's step in double: for each output in turn g = (label - sigma(h . y)) alpha, the error
 * gains g y, then y gains g h; at the end each input gains the error. */
static void original_step(double (*x)[D], const int32_t *inputs, int n, double (*y)[D],
                          const int32_t *outputs, const uint8_t *label, int n_outputs,
                          double alpha) {
    double h[D] = {0}, error[D] = {0};
    for (int i = 0; i < n; i++)
        for (int c = 0; c < D; c++) h[c] += x[inputs[i]][c] / n;
    for (int k = 0; k < n_outputs; k++) {
        double f = 0, *row = y[outputs[k]];
        for (int c = 0; c < D; c++) f += h[c] * row[c];
        double g = (label[k] - 1 / (1 + exp(-f))) * alpha;
        for (int c = 0; c < D; c++) error[c] += g * row[c];
        for (int c = 0; c < D; c++) row[c] += g * h[c];
    }
    for (int i = 0; i < n; i++)
        for (int c = 0; c < D; c++) x[inputs[i]][c] += error[c];
}

static void original_window(const text *t, int64_t w, bool ns, double (*x)[D], double (*y)[D],
                            double alpha) {
    static const uint8_t first[1 + WRONG] = {1};
    const ag_window *v = &t->windows[w];
    int32_t inputs[4], word = t->ids[v->center], begin = t->path_begin[word];
    int n = 0;
    for (int32_t p = v->first; p <= v->last; p++)
        if (p != v->center) inputs[n++] = t->ids[p];
    if (ns)
        original_step(x, inputs, n, y, t->out + t->out_begin[w], first, 1 + WRONG, alpha);
    else
        original_step(x, inputs, n, y, t->node + begin, t->right + begin,
                      t->path_begin[word + 1] - begin, alpha);
}

/* Pair by pair for skip-gram, window by window for CBOW, the order of updates is the original's:
 * the model is the same after a whole text. */
static void assert_like_the_original(bool sg, bool ns) {
    static text t;
    double x[V][D], y[V][D];
    text_init(&t, false);
    add_windows(&t, sg);
    nn_word2vec *m = model_of(sg, ns, !ns, false);
    const ag_var *outputs = ns ? m->syn1neg : m->syn1;
    for (int64_t i = 0; i < V * D; i++) {
        int64_t at = i / D * m->width + i % D;
        x[i / D][i % D] = (double)m->wte->value.data[at];
        y[i / D][i % D] = i / D < outputs->value.shape[0] ? (double)outputs->value.data[at] : 0;
    }
    descend(m, &t, (real)0.05, NULL);
    for (int64_t w = 0; w < t.stretch.windows.n; w++) original_window(&t, w, ns, x, y, 0.05);
    for (int64_t i = 0; i < V * D; i++) {
        int64_t at = i / D * m->width + i % D;
        assert_near((double)m->wte->value.data[at], x[i / D][i % D], 64 * EPSILON);
        if (i / D < outputs->value.shape[0])
            assert_near((double)outputs->value.data[at], y[i / D][i % D], 64 * EPSILON);
    }
    nn_word2vec_free(m);
}

static void test_a_text_like_the_original(void **state) {
    (void)state;
    for (int how = 0; how < 4; how++) assert_like_the_original(how & 1, how & 2);
}

static nn_overlay overlay_of(const ag_var *v, const int32_t *rows, int64_t n) {
    if (!v) return nn_overlay_new(NULL, 0, 0);
    nn_overlay o = nn_overlay_new(v->value.data, v->value.shape[0], v->value.shape[1]);
    nn_overlay_take(&o, rows, n);
    return o;
}

static void merge(nn_overlay *o, ag_var *v) {
    if (v) nn_overlay_merge((const nn_overlay *[]){o}, 1, 0, v->value.data, 0, 1);
    nn_overlay_free(o);
}

/* Descent on copies of the rows that the text names, put in their place afterwards. */
static double descend_on_copies(const nn_word2vec *m, const text *x, real alpha) {
    static real scratch[2 * TEXT * 64];
    const nn_stretch *s = &x->stretch;
    const int32_t *inputs = s->bag ? s->bag + s->bag_begin[0] : s->ids;
    nn_overlay wte =
        overlay_of(m->wte, inputs, s->bag ? s->bag_begin[TEXT] - s->bag_begin[0] : TEXT);
    nn_overlay syn1neg = overlay_of(m->syn1neg, x->out, x->out_begin[s->windows.n]);
    nn_overlay syn1 = overlay_of(m->syn1, x->node, x->path_begin[V]);
    const nn_word2vec_rows rows = {wte.data, syn1neg.data, syn1.data,
                                   wte.slot, syn1neg.slot, syn1.slot};
    nn_word2vec *before = model_of(m->config.sg, m->config.ns, m->config.hs, s->bag != NULL);
    double loss = nn_word2vec_descend(m, &rows, s, &x->paths, alpha, NULL, scratch);
    assert_values_near(m, before, 0);
    nn_word2vec_free(before);
    merge(&wte, m->wte);
    merge(&syn1neg, m->syn1neg);
    merge(&syn1, m->syn1);
    return loss;
}

static void test_copies_of_rows_do_as_well(void **state) {
    (void)state;
    static text x;
    for (int how = 0; how < 16; how++) {
        bool sg = how & 1, ns = how & 2, hs = how & 4 || !ns, bags = how & 8;
        text_init(&x, bags);
        add_windows(&x, false);
        nn_word2vec *m = model_of(sg, ns, hs, bags), *in_place = model_of(sg, ns, hs, bags);
        assert_true(descend_on_copies(m, &x, (real)0.05) ==
                    descend(in_place, &x, (real)0.05, NULL));
        assert_values_near(m, in_place, 0);
        nn_word2vec_free(m);
        nn_word2vec_free(in_place);
    }
}

static bool same_row(const nn_word2vec *a, const nn_word2vec *b, int64_t row) {
    return memcmp(a->wte->value.data + row * a->width, b->wte->value.data + row * a->width,
                  (size_t)a->width * sizeof(real)) == 0;
}

/* Frozen rows stay; what the others gain in one window is the same. */
static void test_frozen_rows_stay(void **state) {
    (void)state;
    static text x;
    for (int how = 0; how < 8; how++) {
        bool sg = how & 1, ns = how & 2, bags = how & 4, frozen[V + BUCKET] = {false};
        text_init(&x, bags);
        add_window(&x, 2, 0, 4);
        frozen[x.ids[1]] = frozen[V + 2] = frozen[V + 3] = frozen[V + 5] = true;
        nn_word2vec *m = model_of(sg, ns, !ns, bags), *before = model_of(sg, ns, !ns, bags),
                    *free_rows = model_of(sg, ns, !ns, bags);
        descend(m, &x, (real)0.05, frozen);
        descend(free_rows, &x, (real)0.05, NULL);
        assert_false(same_row(free_rows, before, x.ids[1]));
        for (int64_t r = 0; r < m->wte->value.shape[0]; r++)
            assert_true(same_row(m, frozen[r] ? before : free_rows, r));
        const tensor *found = ns ? &m->syn1neg->value : &m->syn1->value;
        assert_close(found, ns ? &free_rows->syn1neg->value : &free_rows->syn1->value, 0);
        nn_word2vec_free(m);
        nn_word2vec_free(before);
        nn_word2vec_free(free_rows);
    }
}

static void test_the_loss_falls(void **state) {
    (void)state;
    static text x;
    for (int how = 0; how < 16; how++) {
        bool sg = how & 1, ns = how & 2, hs = how & 4 || !ns, bags = how & 8;
        text_init(&x, bags);
        add_windows(&x, false);
        nn_word2vec *m = model_of(sg, ns, hs, bags);
        double before = INFINITY, first = 0;
        for (int i = 0; i < 20; i++) {
            double loss = descend(m, &x, (real)0.02, NULL);
            if (i == 0) first = loss;
            assert_true(loss < before);
            before = loss;
        }
        assert_true(before < 0.9 * first);
        for (int64_t i = 0; i < m->params.numel; i++)
            if (i % m->width >= D) assert_true(m->params.value[i] == 0);
        nn_word2vec_free(m);
    }
}

static void without_a_loss(void) {
    nn_word2vec_new(&(nn_word2vec_config){V, D, 0, true, false, false}, true);
}
static void too_wide(void) {
    nn_word2vec_new(&(nn_word2vec_config){V, AG_MAX_WIDTH + 1, 0, true, true, false}, true);
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(too_wide, "vectors of 4097 numbers");
    assert_bug(without_a_loss, "word2vec without a loss");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_initial_numbers),
        cmocka_unit_test(test_one_window_by_hand),
        cmocka_unit_test(test_descent_is_minus_alpha_times_the_gradient),
        cmocka_unit_test(test_both_losses_add_up),
        cmocka_unit_test(test_a_text_like_the_original),
        cmocka_unit_test(test_copies_of_rows_do_as_well),
        cmocka_unit_test(test_frozen_rows_stay),
        cmocka_unit_test(test_the_loss_falls),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
