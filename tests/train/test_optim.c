#include "train/optim.h"

#include "autograd/ops.h"
#include "base/mem.h"
#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_WEIGHT = 6, N_BIAS = 2 };
static const double weight_start[N_WEIGHT] = {0.5, -1.25, 2, 0.03, -0.7, 1.1};
static const double bias_start[N_BIAS] = {0.1, -0.2};

static const optim_settings adamw = {OPTIM_ADAMW, .weight_decay = 0.1, 0.9, 0.99, 1e-8, 0};
static const optim_settings sgd = {OPTIM_SGD, .weight_decay = 0.1, .momentum = 0.8};
static const optim_settings plain_sgd = {.type = OPTIM_SGD}, adagrad = {.type = OPTIM_ADAGRAD};

/* A matrix `weight` and a vector `bias` that begin with the numbers above. */
static nn_params small_params(void) {
    nn_params ps = {0};
    nn_param_new(&ps, 2, (int64_t[]){2, 3}, 0, 0, "weight");
    nn_param_new(&ps, 1, (int64_t[]){N_BIAS}, 0, 0, "bias");
    nn_params_allocate(&ps, true);
    for (int i = 0; i < N_WEIGHT; i++) ps.list[0]->var.value.data[i] = (real)weight_start[i];
    for (int i = 0; i < N_BIAS; i++) ps.list[1]->var.value.data[i] = (real)bias_start[i];
    return ps;
}

/* The gradient of element i at step t: every step another, large and small. */
static double gradient(int64_t t, int64_t i) {
    return sin((double)(t + 2 * i)) / (double)t;
}

static void set_gradients(nn_params *ps, int64_t t) {
    for (int k = 0; k < ps->n; k++) {
        ag_var *v = &ps->list[k]->var;
        for (int64_t i = 0; i < tensor_numel(&v->grad); i++) v->grad.data[i] = (real)gradient(t, i);
        v->grad_state = AG_GRAD_DENSE;
    }
}

static void assert_numbers(const nn_param *p, const double *expected) {
    const double tolerance = sizeof(real) == sizeof(double) ? 1e-14 : 5e-7;
    for (int64_t i = 0; i < tensor_numel(&p->var.value); i++) {
        double value = (double)p->var.value.data[i];
        if (!(fabs(value - expected[i]) <= tolerance))
            fail_msg("%s[%lld] = %.15g, expected %.15g", p->name, (long long)i, value, expected[i]);
    }
}

/* Five steps of
 *   torch.set_default_dtype(torch.float64)
 *   W = Parameter(tensor([[0.5, -1.25, 2], [0.03, -0.7, 1.1]])); b = Parameter(tensor([0.1, -0.2]))
 *   o = torch.optim.AdamW([{"params": [W], "weight_decay": 0.1}, {"params": [b], "weight_decay":
 * 0}], lr=1e-2, betas=(0.9, 0.99), eps=1e-8) for t in range(1, 6): for p in (W, b): p.grad =
 * torch.sin(t + 2 * torch.arange(p.numel(), dtype=p.dtype).reshape(p.shape)) / t o.step() in
 * PyTorch 1.13.1. */
static void test_adamw_is_that_of_pytorch(void **state) {
    (void)state;
    static const double weight[] = {0.462426428251798,  -1.232268794374235, 2.015517926214858,
                                    -0.008140478247134, -0.699870477264672, 1.123531927703257};
    static const double bias[] = {0.064832943969503, -0.188512582837618};
    nn_params ps = small_params();
    optim *o = optim_new(&adamw, &ps);
    for (int64_t t = 1; t <= 5; t++) {
        set_gradients(&ps, t);
        optim_update(o, 1e-2, 1);
    }
    assert_int_equal(o->step, 5);
    assert_numbers(ps.list[0], weight);
    assert_numbers(ps.list[1], bias);
    optim_free(o);
    nn_params_free(&ps);
}

/* The formula of the header for one element, in double. */
static double adamw_by_hand(double p, int64_t i, double decay, double grad_scale, int64_t n_steps,
                            const double *lr) {
    double m = 0, v = 0;
    for (int64_t t = 1; t <= n_steps; t++) {
        double g = grad_scale * gradient(t, i);
        m = adamw.beta1 * m + (1 - adamw.beta1) * g;
        v = adamw.beta2 * v + (1 - adamw.beta2) * g * g;
        double m_hat = m / (1 - pow(adamw.beta1, (double)t));
        double v_hat = v / (1 - pow(adamw.beta2, (double)t));
        p -= lr[t - 1] * (decay * p + m_hat / (sqrt(v_hat) + adamw.eps));
    }
    return p;
}

/* Only the matrix decays; grad_scale is as if the gradients were smaller; the rate may change. */
static void test_adamw_by_hand(void **state) {
    (void)state;
    static const double lr[] = {1e-2, 5e-2, 2e-2};
    double weight[N_WEIGHT], bias[N_BIAS];
    for (int i = 0; i < N_WEIGHT; i++)
        weight[i] = adamw_by_hand(weight_start[i], i, adamw.weight_decay, 1e-7, 3, lr);
    for (int i = 0; i < N_BIAS; i++) bias[i] = adamw_by_hand(bias_start[i], i, 0, 1e-7, 3, lr);
    nn_params ps = small_params();
    optim *o = optim_new(&adamw, &ps);
    for (int64_t t = 1; t <= 3; t++) {
        set_gradients(&ps, t);
        optim_update(o, lr[t - 1], 1e-7);
        assert_true(ps.list[0]->var.grad.data[1] == (real)gradient(t, 1));
    }
    assert_numbers(ps.list[0], weight);
    assert_numbers(ps.list[1], bias);
    optim_free(o);
    nn_params_free(&ps);
}

/* With its bias correction the first step of Adam is lr * sign(g), however small g is. */
static void test_the_first_step_of_adamw(void **state) {
    (void)state;
    nn_params ps = small_params();
    optim_settings plain = adamw;
    plain.weight_decay = 0;
    plain.eps = 1e-20;
    optim *o = optim_new(&plain, &ps);
    set_gradients(&ps, 1);
    optim_update(o, 1e-3, 1e-6);
    double expected[N_WEIGHT];
    for (int i = 0; i < N_WEIGHT; i++)
        expected[i] = weight_start[i] - 1e-3 * copysign(1, gradient(1, i));
    assert_numbers(ps.list[0], expected);
    optim_free(o);
    nn_params_free(&ps);
}

static void test_sgd_by_hand(void **state) {
    (void)state;
    const double lr = 0.05, scale = 0.5;
    double weight[N_WEIGHT], bias[N_BIAS], m[N_WEIGHT] = {0};
    memcpy(weight, weight_start, sizeof weight);
    memcpy(bias, bias_start, sizeof bias);
    nn_params ps = small_params();
    optim *o = optim_new(&sgd, &ps);
    assert_null(o->exp_avg_sq);
    for (int64_t t = 1; t <= 4; t++) {
        set_gradients(&ps, t);
        optim_update(o, lr, scale);
        for (int i = 0; i < N_WEIGHT; i++) {
            m[i] = sgd.momentum * m[i] + scale * gradient(t, i);
            weight[i] -= lr * (sgd.weight_decay * weight[i] + m[i]);
            if (i < N_BIAS) bias[i] -= lr * m[i]; /* the same gradients, no decay */
        }
    }
    assert_numbers(ps.list[0], weight);
    assert_numbers(ps.list[1], bias);
    optim_free(o);
    nn_params_free(&ps);
}

/* Decay without momentum: no array for it, the same formula. */
static void test_sgd_without_momentum(void **state) {
    (void)state;
    optim_settings decaying = plain_sgd;
    decaying.weight_decay = 0.1;
    double weight[N_WEIGHT], bias[N_BIAS];
    memcpy(weight, weight_start, sizeof weight);
    memcpy(bias, bias_start, sizeof bias);
    nn_params ps = small_params();
    optim *o = optim_new(&decaying, &ps);
    assert_null(o->exp_avg);
    assert_null(o->exp_avg_sq);
    for (int64_t t = 1; t <= 3; t++) {
        set_gradients(&ps, t);
        optim_update(o, 0.05, 2);
        for (int i = 0; i < N_WEIGHT; i++)
            weight[i] -= 0.05 * (0.1 * weight[i] + 2 * gradient(t, i));
        for (int i = 0; i < N_BIAS; i++) bias[i] -= 0.05 * 2 * gradient(t, i);
    }
    assert_numbers(ps.list[0], weight);
    assert_numbers(ps.list[1], bias);
    optim_free(o);
    nn_params_free(&ps);
}

static void test_adagrad_by_hand(void **state) {
    (void)state;
    const double lr = 0.5, scale = 3;
    double weight[N_WEIGHT], sum[N_WEIGHT];
    memcpy(weight, weight_start, sizeof weight);
    for (int i = 0; i < N_WEIGHT; i++) sum[i] = 1;
    nn_params ps = small_params();
    optim *o = optim_new(&adagrad, &ps);
    assert_null(o->exp_avg);
    for (int64_t t = 1; t <= 4; t++) {
        set_gradients(&ps, t);
        optim_update(o, lr, scale);
        for (int i = 0; i < N_WEIGHT; i++) {
            double step = lr * scale * gradient(t, i);
            weight[i] -= step / sqrt(sum[i]);
            sum[i] += step * step;
        }
    }
    assert_numbers(ps.list[0], weight);
    optim_free(o);
    nn_params_free(&ps);
}

static void test_the_gradient_norm(void **state) {
    (void)state;
    nn_params ps = small_params();
    double sum = 0;
    set_gradients(&ps, 2);
    for (int i = 0; i < N_WEIGHT; i++) sum += gradient(2, i) * gradient(2, i);
    for (int i = 0; i < N_BIAS; i++) sum += gradient(2, i) * gradient(2, i);
    assert_true(fabs(optim_grad_norm(&ps) - sqrt(sum)) < 1e-6);
    nn_params_clear_grads(&ps);
    assert_true(optim_grad_norm(&ps) == 0);
    nn_params_free(&ps);
}

/* The memory of a cleared gradient is whatever it was before. */
static void test_a_cleared_gradient_counts_as_zero(void **state) {
    (void)state;
    nn_params ps = small_params();
    optim_settings plain = sgd;
    plain.weight_decay = 0;
    optim *o = optim_new(&plain, &ps);
    set_gradients(&ps, 1);
    nn_params_clear_grads(&ps);
    optim_update(o, 1, 1);
    assert_numbers(ps.list[0], weight_start);
    assert_numbers(ps.list[1], bias_start);
    optim_free(o);
    nn_params_free(&ps);
}

enum { SPARSE_ROWS = 1000, SPARSE_WIDTH = 37 };

/* A matrix that begins with random numbers, of which one step's gradient holds every third row. */
static nn_params sparse_params(void) {
    nn_params ps = {0};
    nn_param_new(&ps, 1, (int64_t[]){5}, 1, 0, "bias");
    nn_param_new(&ps, 2, (int64_t[]){SPARSE_ROWS, SPARSE_WIDTH}, 0, 1, "weight");
    nn_params_allocate(&ps, true);
    nn_params_init(&ps, rng_from_seed(1));
    return ps;
}

/* Puts the gradients of rows t, t + 3 .. into the matrix as an embedding does; the memory of the
 * others is not cleared. */
static void set_some_rows(nn_params *ps, ag_tape *t, int64_t step) {
    int32_t rows[SPARSE_ROWS], n = 0;
    for (int32_t row = (int32_t)step % 3; row < SPARSE_ROWS; row += 3) rows[n++] = row;
    ag_var *v = &ps->list[1]->var;
    nn_params_clear_grads(ps);
    for (int64_t i = 0; i < tensor_numel(&v->grad); i++) v->grad.data[i] = 99;
    ag_tape_reset(t);
    ag_backward(t, ag_sum(t, ag_embedding(t, v, rows, 1, n)), 1);
    for (int32_t i = 0; i < n; i++)
        for (int64_t c = 0; c < SPARSE_WIDTH; c++)
            v->grad.data[rows[i] * SPARSE_WIDTH + c] = (real)gradient(step, rows[i] + c);
    assert_int_equal(v->grad_state, AG_GRAD_ROWS);
}

/* Five steps, by rows and with the same gradient made dense: the same bits in the parameters and in
 * the sums of squares. No update allocates memory. */
static void assert_rows_as_dense(const optim_settings *settings, int n_threads) {
    thread_set_count(n_threads);
    nn_params by_rows = sparse_params(), dense = sparse_params();
    optim *a = optim_new(settings, &by_rows), *b = optim_new(settings, &dense);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    for (int64_t step = 1; step <= 5; step++) {
        set_some_rows(&by_rows, t, step);
        size_t allocations = mem_allocations();
        optim_update(a, 0.1, 0.5);
        assert_int_equal(mem_allocations(), allocations);
        assert_int_equal(by_rows.list[1]->var.grad_state, AG_GRAD_ROWS);
        set_some_rows(&dense, t, step);
        for (int i = 0; i < dense.n; i++) ag_grad_densify(&dense.list[i]->var);
        optim_update(b, 0.1, 0.5);
        assert_memory_equal(by_rows.value, dense.value, (size_t)dense.numel * sizeof(real));
    }
    if (a->exp_avg_sq)
        assert_memory_equal(a->exp_avg_sq, b->exp_avg_sq, (size_t)dense.numel * sizeof(real));
    ag_tape_free(t);
    optim_free(a);
    optim_free(b);
    nn_params_free(&by_rows);
    nn_params_free(&dense);
}

static void test_rows_are_updated_as_a_dense_gradient(void **state) {
    (void)state;
    for (int n_threads = 1; n_threads <= 2; n_threads++) {
        assert_rows_as_dense(&adagrad, n_threads);
        assert_rows_as_dense(&plain_sgd, n_threads);
    }
}

/* A NaN where no row was touched would be found in anything computed from it. */
static void test_other_rows_are_not_touched(void **state) {
    (void)state;
    const optim_settings *const all[] = {&adagrad, &plain_sgd};
    for (int k = 0; k < 2; k++) {
        nn_params ps = sparse_params(), before = sparse_params();
        optim *o = optim_new(all[k], &ps);
        ag_tape *t = ag_tape_new(AG_RELEASE);
        set_some_rows(&ps, t, 1);
        ag_var *v = &ps.list[1]->var;
        for (int64_t row = 0; row < SPARSE_ROWS; row++)
            if (!v->rows.touched[row]) v->grad.data[row * SPARSE_WIDTH] = (real)NAN;
        optim_update(o, 0.1, 1);
        for (int64_t i = 0; i < SPARSE_ROWS * SPARSE_WIDTH; i++) {
            bool same = v->value.data[i] == before.list[1]->var.value.data[i];
            assert_true(same != v->rows.touched[i / SPARSE_WIDTH]);
        }
        ag_tape_free(t);
        optim_free(o);
        nn_params_free(&ps);
        nn_params_free(&before);
    }
}

/* Returns new (free with free) the numbers after three steps of parameters that need several
 * chunks. */
static real *big_steps(const optim_settings *settings, int n_threads, int64_t *n) {
    thread_set_count(n_threads);
    nn_params ps = {0};
    nn_param_new(&ps, 2, (int64_t[]){400, 401}, 0, 0.02, "weight");
    nn_param_new(&ps, 1, (int64_t[]){70001}, 0, 0.02, "bias");
    nn_params_allocate(&ps, true);
    nn_params_init(&ps, rng_from_seed(1));
    optim *o = optim_new(settings, &ps);
    for (int64_t t = 1; t <= 3; t++) {
        set_gradients(&ps, t);
        optim_update(o, 1e-2, 1 / optim_grad_norm(&ps));
    }
    for (int64_t i = 0; o->exp_avg && i < 400 * 401; i++)
        assert_true(o->exp_avg[i] != 0); /* none left out */
    *n = ps.numel;
    real *out = mem_new((size_t)*n, sizeof *out);
    memcpy(out, ps.value, (size_t)*n * sizeof *out);
    optim_free(o);
    nn_params_free(&ps);
    return out;
}

static void test_the_same_bits_at_any_thread_count(void **state) {
    (void)state;
    const optim_settings *const all[] = {&adamw, &sgd, &plain_sgd, &adagrad};
    for (int i = 0; i < 4; i++) {
        int64_t n;
        real *one = big_steps(all[i], 1, &n), *two = big_steps(all[i], 2, &n);
        assert_memory_equal(one, two, (size_t)n * sizeof *one);
        free(one);
        free(two);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adamw_is_that_of_pytorch),
        cmocka_unit_test(test_adamw_by_hand),
        cmocka_unit_test(test_the_first_step_of_adamw),
        cmocka_unit_test(test_sgd_by_hand),
        cmocka_unit_test(test_sgd_without_momentum),
        cmocka_unit_test(test_adagrad_by_hand),
        cmocka_unit_test(test_the_gradient_norm),
        cmocka_unit_test(test_a_cleared_gradient_counts_as_zero),
        cmocka_unit_test(test_rows_are_updated_as_a_dense_gradient),
        cmocka_unit_test(test_other_rows_are_not_touched),
        cmocka_unit_test(test_the_same_bits_at_any_thread_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
