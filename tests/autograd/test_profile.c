/* The profile of a tape: which rows there are, what they cost, and that times add up. */
#include "autograd/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/thread.h"
#include "graph.h"

enum { B = 2, T = 8, C = 16, V = 40, HEADS = 2, LAYERS = 3 };

static const ag_profile_row *find(const ag_profile *p, const char *name, int64_t rows,
                                  int64_t cols) {
    for (int i = 0; i < p->n_rows; i++) {
        const ag_profile_row *r = &p->rows[i];
        if (strcmp(r->name, name) == 0 && r->shape[0] == rows && r->shape[1] == cols) return r;
    }
    fail_msg("no row %s %lld x %lld", name, (long long)rows, (long long)cols);
    return NULL;
}

/* Parameters of a small model: wte (V, C), qkv (C, 3C), its bias, back (C, C). */
typedef struct model {
    ag_var wte, qkv, bias, back;
} model;

static void model_init(model *m) {
    parameter_init(&m->wte, "wte", 1, SHAPE(V, C));
    parameter_init(&m->qkv, "qkv", 2, SHAPE(C, 3 * C));
    parameter_init(&m->bias, "bias", 3, SHAPE(3 * C));
    parameter_init(&m->back, "back", 4, SHAPE(C, C));
}

static void model_free(model *m) {
    parameter_free(&m->wte);
    parameter_free(&m->qkv);
    parameter_free(&m->bias);
    parameter_free(&m->back);
}

static ag_var *model_loss(model *m, ag_tape *t) {
    ag_var *x = ag_embedding(t, &m->wte, random_ids(t, 5, B * T, V), B, T);
    for (int i = 0; i < LAYERS; i++) {
        ag_var *h = ag_linear(t, x, &m->qkv, &m->bias, AG_IDENTITY);
        ag_var *q = ag_slice(t, h, 2, 0, C), *k = ag_slice(t, h, 2, C, C);
        ag_var *y = ag_attention(t, q, k, ag_slice(t, h, 2, 2 * C, C), HEADS, 0);
        x = ag_add(t, x, ag_linear(t, y, &m->back, NULL, AG_IDENTITY));
    }
    return ag_linear_cross_entropy(t, x, &m->wte, random_ids(t, 6, B * T, V));
}

static void step(model *m, ag_tape *t) {
    ag_tape_reset(t);
    ag_backward(t, model_loss(m, t), 1);
}

static void assert_flops(const ag_profile_row *r, double forward, double backward) {
    assert_true(r->cost[0].flops == forward);
    assert_true(r->cost[1].flops == backward);
}

static void test_costs_are_those_of_the_formulas(void **state) {
    (void)state;
    model m;
    model_init(&m);
    ag_profile p = {0};
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_tape_set_profile(t, &p);
    step(&m, t);
    const double R = B * T, number = sizeof(real);
    const ag_profile_row *linear = find(&p, "linear", C, 3 * C);
    assert_int_equal(linear->calls, LAYERS);
    assert_flops(linear, LAYERS * 2 * R * C * 3 * C, LAYERS * 4 * R * C * 3 * C);
    const double moved = R * C + C * 3 * C + 3 * C;
    assert_true(linear->cost[0].bytes == LAYERS * number * (moved + R * 3 * C));
    assert_true(linear->cost[1].bytes == LAYERS * number * (2 * moved + R * 3 * C));
    const double pairs = B * T * (T + 1) / 2;
    assert_flops(find(&p, "attention", 0, 0), LAYERS * 4 * pairs * C, LAYERS * 10 * pairs * C);
    assert_flops(find(&p, "linear_cross_entropy", V, C), 2 * R * C * V, 6 * R * C * V);
    const ag_profile_row *embedding = find(&p, "embedding", V, C);
    assert_flops(embedding, 0, 0);
    assert_true(embedding->cost[0].bytes == 2 * number * R * C);
    assert_true(embedding->cost[1].bytes == 3 * number * R * C);
    assert_flops(find(&p, "add", 0, 0), 0, 0);
    assert_int_equal(p.n_rows, 6); /* and linear C x C; no views */
    ag_tape_free(t);
    model_free(&m);
}

/* One matrix for all, and an input that wants no gradient. */
static void test_costs_of_a_matmul(void **state) {
    (void)state;
    ag_profile p = {0};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_tape_set_profile(t, &p);
    ag_var *a = ag_input(t, tape_numbers(t, 1, SHAPE(B, T, C))),
           *w = random_leaf(t, 2, SHAPE(C, V));
    ag_backward(t, ag_sum(t, ag_matmul(t, a, w)), 1);
    assert_flops(find(&p, "matmul", 0, 0), 2.0 * B * T * C * V, 2.0 * B * T * C * V);
    ag_tape_free(t);
}

/* The queries are the last T of S positions: the mask hides nothing of what comes before them. */
static void test_costs_of_attention_to_earlier_positions(void **state) {
    (void)state;
    enum { S = 20 };
    ag_profile p = {0};
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_tape_set_profile(t, &p);
    ag_var *q = random_leaf(t, 1, SHAPE(B, T, C)), *k = random_leaf(t, 2, SHAPE(B, S, C));
    ag_attention(t, q, k, k, HEADS, 0);
    double pairs = 0;
    for (int i = 0; i < T; i++) pairs += S - T + i + 1;
    assert_flops(find(&p, "attention", 0, 0), 4 * B * pairs * C, 0);
    ag_tape_free(t);
}

static void test_times_add_up_to_the_time_that_passed(void **state) {
    (void)state;
    model m;
    model_init(&m);
    ag_profile p = {0};
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_tape_set_profile(t, &p);
    double start = thread_clock();
    for (int i = 0; i < 5; i++) {
        ag_profile_phase(&p, "before", (ag_cost){0});
        step(&m, t);
        ag_profile_phase(&p, "after", (ag_cost){2, 3});
    }
    ag_profile_pause(&p);
    double passed = thread_clock() - start, sum = 0;
    for (int i = 0; i < p.n_rows; i++) {
        const ag_profile_row *r = &p.rows[i];
        assert_true(r->seconds[0] > 0 && r->seconds[1] >= 0);
        sum += r->seconds[0] + r->seconds[1];
    }
    assert_true(sum <= passed && sum > 0.5 * passed);
    assert_true(find(&p, "linear", C, C)->seconds[1] > 0);
    const ag_profile_row *after = find(&p, "after", 0, 0);
    assert_int_equal(after->calls, 5);
    assert_true(after->cost[0].flops == 10 && after->cost[0].bytes == 15);
    ag_tape_free(t);
    model_free(&m);
}

static void test_nobody_is_charged_in_a_pause(void **state) {
    (void)state;
    ag_profile p = {0};
    ag_profile_phase(&p, "work", (ag_cost){0});
    ag_profile_pause(&p);
    double worked = p.rows[0].seconds[0], start = thread_clock();
    while (thread_clock() - start < 1e-3) {}
    ag_profile_pause(&p);
    assert_true(p.rows[0].seconds[0] == worked);
    ag_profile_phase(NULL, "work", (ag_cost){0});
    ag_profile_pause(NULL);
}

static void test_a_profile_changes_no_bit_and_takes_no_memory(void **state) {
    (void)state;
    model m;
    model_init(&m);
    ag_profile p = {0};
    ag_tape *t = ag_tape_new(AG_RELEASE);
    step(&m, t);
    tensor before = m.qkv.grad;
    before.data = mem_new((size_t)tensor_numel(&before), sizeof *before.data);
    tensor_copy(&before, &m.qkv.grad);
    ag_grad_clear(&m.qkv);
    size_t allocations = mem_allocations();
    ag_tape_set_profile(t, &p);
    step(&m, t);
    assert_int_equal(mem_allocations(), allocations);
    assert_same_bits(&before, &m.qkv.grad);
    ag_tape_set_profile(t, NULL);
    int64_t calls = p.rows[0].calls;
    step(&m, t);
    assert_int_equal(p.rows[0].calls, calls);
    free(before.data);
    ag_tape_free(t);
    model_free(&m);
}

static void test_more_kinds_than_rows(void **state) {
    (void)state;
    static char names[AG_PROFILE_ROWS + 5][16];
    ag_profile p = {0};
    for (int i = 0; i < AG_PROFILE_ROWS + 5; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        ag_profile_phase(&p, names[i], (ag_cost){.flops = 1});
    }
    assert_int_equal(p.n_rows, AG_PROFILE_ROWS);
    assert_int_equal(find(&p, "others", 0, 0)->calls, 6);
    assert_true(find(&p, "others", 0, 0)->cost[0].flops == 6);
    assert_int_equal(find(&p, "n62", 0, 0)->calls, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_costs_are_those_of_the_formulas),
        cmocka_unit_test(test_costs_of_a_matmul),
        cmocka_unit_test(test_costs_of_attention_to_earlier_positions),
        cmocka_unit_test(test_times_add_up_to_the_time_that_passed),
        cmocka_unit_test(test_nobody_is_charged_in_a_pause),
        cmocka_unit_test(test_a_profile_changes_no_bit_and_takes_no_memory),
        cmocka_unit_test(test_more_kinds_than_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
