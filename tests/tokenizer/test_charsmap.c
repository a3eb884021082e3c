#include "tokenizer/text/charsmap.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { UNITS = 1024, HEAD = 4 };
static const char replacements[] = "one\0two\0"; /* closed with a NUL more */
enum { BLOB = HEAD + 4 * UNITS + sizeof replacements };

static void put_u32(char *to, uint32_t value) {
    for (int i = 0; i < 4; i++) to[i] = (char)(value >> 8 * i);
}

static void put_unit(char *blob, uint32_t at, uint32_t unit) {
    put_u32(blob + HEAD + 4 * (size_t)at, unit);
}

/* "A" becomes "one", "AB" and "DE" become "two", "é" becomes nothing: a double array made by hand.
 * A unit is label | leaf << 8 | offset << 10; a child by byte b is at (place ^ offset ^ b). */
static void make_blob(char blob[BLOB]) {
    enum {
        ROOT = 256,
        LEAF = 1 << 8,
        A = ROOT ^ 'A',
        AB = 512 ^ 'B',
        D = ROOT ^ 'D',
        DE = 320 ^ 'E',
        E = ROOT ^ 0xC3,
        E2 = 640 ^ 0xA9
    };
    memset(blob, 0, BLOB);
    put_u32(blob, 4 * UNITS);
    put_unit(blob, 0, ROOT << 10);
    put_unit(blob, A, 'A' | LEAF | (uint32_t)(A ^ 512) << 10);
    put_unit(blob, 512, 1u << 31 | 0);
    put_unit(blob, AB, 'B' | LEAF | (uint32_t)(AB ^ 768) << 10);
    put_unit(blob, 768, 1u << 31 | 4);
    put_unit(blob, D, 'D' | (uint32_t)(D ^ 320) << 10);
    put_unit(blob, DE, 'E' | LEAF | (uint32_t)(DE ^ 960) << 10);
    put_unit(blob, 960, 1u << 31 | 4);
    put_unit(blob, E, 0xC3 | (uint32_t)(E ^ 640) << 10);
    put_unit(blob, E2, 0xA9 | LEAF | (uint32_t)(E2 ^ 896) << 10);
    put_unit(blob, 896, 1u << 31 | 8);
    memcpy(blob + HEAD + 4 * UNITS, replacements, sizeof replacements);
}

static void test_replaces_the_longest_match(void **state) {
    (void)state;
    err e = {0};
    char blob[BLOB];
    make_blob(blob);
    charsmap *map = charsmap_new(blob, BLOB, "test", &e);
    assert_non_null(map);
    str out = {0};
    const char text[] = "xAéABAüÃDDE\xC3";
    charsmap_apply(map, text, sizeof text - 1, &out);
    assert_string_equal(out.data, "xonetwooneüÃDtwo\xC3");
    size_t n;
    assert_memory_equal(charsmap_blob(map, &n), blob, BLOB);
    assert_int_equal(n, BLOB);
    str_free(&out);
    charsmap_free(map);
}

static void test_refuses_a_blob_of_the_wrong_size(void **state) {
    (void)state;
    char blob[BLOB];
    make_blob(blob);
    for (size_t n = 0; n < BLOB; n++) {
        err e = {0};
        charsmap *map = charsmap_new(blob, n, "test", &e);
        assert_true(map || strstr(e.message, "test: precompiled_charsmap: "));
        charsmap_free(map);
    }
    err e = {0};
    put_u32(blob, UINT32_MAX);
    assert_null(charsmap_new(blob, BLOB, "test", &e));
}

/* Whatever the units hold: no read outside the blob (seen by the sanitizers), and an end. */
static void test_survives_hostile_units(void **state) {
    (void)state;
    rng_stream s = {.key = rng_from_seed(11)};
    for (int round = 0; round < 300; round++) {
        err e = {0};
        char blob[BLOB], text[64];
        make_blob(blob);
        for (int i = 0; i < 200; i++) {
            uint32_t at = HEAD + rng_next_below(&s, 4 * UNITS);
            blob[at] = (char)rng_next_below(&s, 256);
        }
        for (size_t i = 0; i < sizeof text; i++) text[i] = "ABé\xC3z"[rng_next_below(&s, 6)];
        charsmap *map = charsmap_new(blob, BLOB, "test", &e);
        assert_non_null(map);
        str out = {0};
        charsmap_apply(map, text, sizeof text, &out);
        str_free(&out);
        charsmap_free(map);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaces_the_longest_match),
        cmocka_unit_test(test_refuses_a_blob_of_the_wrong_size),
        cmocka_unit_test(test_survives_hostile_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
