#include "base/arena.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void test_aligned_and_apart(void **state) {
    (void)state;
    arena a = {0};
    unsigned char *blocks[200];
    for (int i = 0; i < 200; i++) {
        size_t n = (size_t)i * 997 + 1;
        blocks[i] = arena_alloc(&a, n);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        memset(blocks[i], i, n);
    }
    for (int i = 0; i < 200; i++)
        for (size_t k = 0; k < (size_t)i * 997 + 1; k++) assert_int_equal(blocks[i][k], i);
    arena_free(&a);
    assert_int_equal(arena_touched(&a), 0);
}

static void test_rewind_gives_the_same_place(void **state) {
    (void)state;
    arena a = {0};
    arena_mark empty = arena_here(&a);
    unsigned char *kept = arena_alloc(&a, 1000);
    memset(kept, 7, 1000);
    arena_mark mark = arena_here(&a);
    void *scratch = arena_alloc(&a, 1000);
    arena_alloc(&a, 50 << 20);
    arena_rewind(&a, mark);
    assert_ptr_equal(arena_alloc(&a, 1000), scratch);
    for (int i = 0; i < 1000; i++) assert_int_equal(kept[i], 7);
    arena_rewind(&a, empty);
    assert_ptr_equal(arena_alloc(&a, 10), kept);
    arena_free(&a);
}

/* What a training step does: sizes of every kind, a scratch region inside. */
static void *step(arena *a) {
    arena_reset(a);
    void *last = NULL;
    for (size_t i = 0; i < 300; i++) {
        arena_alloc(a, i * 7919 % 700000);
        arena_mark mark = arena_here(a);
        arena_alloc(a, i * 104729 % 3000000);
        arena_rewind(a, mark);
        last = arena_alloc(a, 64);
    }
    return last;
}

static void test_a_second_step_needs_no_heap(void **state) {
    (void)state;
    arena a = {0};
    step(&a);
    size_t calls = mem_allocations(), capacity = arena_touched(&a);
    void *last = step(&a);
    assert_ptr_equal(step(&a), last);
    assert_int_equal(mem_allocations(), calls);
    assert_int_equal(arena_touched(&a), capacity);
    arena_free(&a);
}

static void test_a_large_block_passes_over_small_chunks(void **state) {
    (void)state;
    enum { SMALL = 900 << 10, LARGE = 5 << 20 };
    arena a = {0};
    for (int i = 0; i < 3; i++) arena_alloc(&a, SMALL);
    size_t capacity = arena_touched(&a);
    arena_reset(&a);
    memset(arena_alloc(&a, LARGE), 1, LARGE);
    assert_true(arena_touched(&a) >= capacity + LARGE);
    arena_free(&a);
}

static void test_empty_arena(void **state) {
    (void)state;
    arena a = {0};
    arena_reset(&a);
    arena_rewind(&a, arena_here(&a));
    assert_non_null(arena_alloc(&a, 0));
    arena_free(&a);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aligned_and_apart),
        cmocka_unit_test(test_rewind_gives_the_same_place),
        cmocka_unit_test(test_a_second_step_needs_no_heap),
        cmocka_unit_test(test_a_large_block_passes_over_small_chunks),
        cmocka_unit_test(test_empty_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
