#include "tokenizer/learn/suffix_array.h"

#include "base/mem.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

/* The slow and certain way. */
static int compare(const uint32_t *text, uint32_t a, uint32_t b, int depth) {
    for (; depth > 0; depth--, a++, b++) {
        if (text[a] != text[b]) return text[a] < text[b] ? -1 : 1;
        if (text[a] == 0) return 0;
    }
    return 0;
}

/* Sorts all suffixes of random words of up to `letters` letters. */
static void assert_sorts(uint64_t seed, size_t n, uint32_t letters, int depth) {
    rng_stream s = {.key = rng_from_seed(seed)};
    uint32_t *text = mem_new(n + 1, sizeof *text), *suffixes = mem_new(n, sizeof *suffixes);
    char *met = mem_new(n, 1);
    size_t n_suffixes = 0;
    for (size_t i = 0; i < n; i++) {
        text[i] = rng_next_below(&s, 10) ? 1 + rng_next_below(&s, letters) : 0;
        if (text[i]) suffixes[n_suffixes++] = (uint32_t)i;
    }
    suffix_sort(text, suffixes, n_suffixes, depth);
    for (size_t i = 0; i < n_suffixes; i++) {
        assert_false(met[suffixes[i]]++);
        if (i > 0) assert_true(compare(text, suffixes[i - 1], suffixes[i], depth) <= 0);
    }
    free(text);
    free(suffixes);
    free(met);
}

static void test_sorts_as_the_naive_way_does(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) assert_sorts(seed, 1000, 2 + seed % 3, 16);
    assert_sorts(1, 1000, 1, 4);
    assert_sorts(2, 100000, 1000, 16); /* enough for several threads */
    assert_sorts(3, 100000, 2, 5);
}

static void test_common_beginnings_and_lengths(void **state) {
    (void)state;
    const uint32_t text[] = {1, 2, 3, 0, 1, 2, 4, 5, 0, 1, 2, 3, 0};
    assert_int_equal(suffix_common(text, 0, 4, 16), 2);
    assert_int_equal(suffix_common(text, 0, 9, 16), 3);
    assert_int_equal(suffix_common(text, 0, 9, 2), 2);
    assert_int_equal(suffix_length(text, 4, 16), 4);
    assert_int_equal(suffix_length(text, 4, 3), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorts_as_the_naive_way_does),
        cmocka_unit_test(test_common_beginnings_and_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
