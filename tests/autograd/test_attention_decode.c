#include "autograd/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.h"

/* Queries of 1 of S positions on a tape that keeps gradients and on one that does not. */
static void check_heads(int64_t B, int64_t S, int n_head, int64_t HS) {
    int64_t C = n_head * HS;
    ag_tape *t = ag_tape_new(AG_KEEP), *fast = ag_tape_new(AG_NO_GRAD);
    tensor q = tape_numbers(t, 1, SHAPE(B, 1, C)), kv = tape_numbers(t, 2, SHAPE(B, S + 3, 2 * C));
    tensor cached = tensor_slice(&kv, 1, 0, S);
    tensor k = tensor_slice(&cached, 2, 0, C), v = tensor_slice(&cached, 2, C, C);
    ag_var *slow = ag_attention(t, ag_input(t, q), ag_input(t, k), ag_input(t, v), n_head, 0);
    ag_var *y =
        ag_attention(fast, ag_input(fast, q), ag_input(fast, k), ag_input(fast, v), n_head, 0);
    for (int64_t i = 0; i < B * C; i++)
        assert_near(y->value.data[i], slow->value.data[i], 32 * EPSILON);
    ag_tape_free(t);
    ag_tape_free(fast);
}

static void test_as_with_many_queries(void **state) {
    (void)state;
    check_heads(1, 1, 1, 1);
    check_heads(1, 7, 2, 3);
    check_heads(3, 40, 3, 16);
    check_heads(2, 129, 2, 64);
    check_heads(1, 33, 5, 20);
}

/* A sequence has the same bits alone, whatever the threads. */
static void test_same_bits_alone(void **state) {
    (void)state;
    enum { B = 4, S = 300, C = 64, HEADS = 2 };
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    tensor q = tape_numbers(t, 1, SHAPE(B, 1, C)), k = tape_numbers(t, 2, SHAPE(B, S, C));
    thread_set_count(3);
    ag_var *y = ag_attention(t, ag_input(t, q), ag_input(t, k), ag_input(t, k), HEADS, 0);
    thread_set_count(1);
    for (int64_t b = 0; b < B; b++) {
        tensor qb = tensor_slice(&q, 0, b, 1), kb = tensor_slice(&k, 0, b, 1);
        ag_var *one = ag_attention(t, ag_input(t, qb), ag_input(t, kb), ag_input(t, kb), HEADS, 0);
        assert_memory_equal(one->value.data, y->value.data + b * C, C * sizeof(real));
    }
    ag_tape_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_with_many_queries),
        cmocka_unit_test(test_same_bits_alone),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
