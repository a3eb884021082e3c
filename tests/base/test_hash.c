#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void test_fnv(void **state) {
    (void)state;
    assert_true(hash_bytes(HASH_START, "", 0) == 0xCBF29CE484222325u); /* the authors' values */
    assert_true(hash_bytes(HASH_START, "foobar", 6) == 0x85944171F73967E8u);
}

/* Every byte, and how many there are, has a say. */
static void test_keys_differ(void **state) {
    (void)state;
    char key[40] = {0}, other[40];
    for (size_t n = 0; n < sizeof key; n++) {
        assert_true(hash_key(key, n) != hash_key(key, n + 1));
        for (size_t i = 0; i < n; i++) {
            memcpy(other, key, sizeof key);
            other[i] = 1;
            assert_true(hash_key(key, n) != hash_key(other, n));
            assert_true(n > 8 || hash_load(key, n) != hash_load(other, n));
        }
    }
    assert_true(hash_key("abcd", 4) == hash_key("xabcdx" + 1, 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fnv),
        cmocka_unit_test(test_keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
