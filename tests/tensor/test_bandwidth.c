/* Measured speeds: there, plausible, and measured once. */
#include "tensor/bandwidth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tensor/onednn.h"

static void test_memory_is_measured_once(void **state) {
    (void)state;
    double read = tensor_read_bandwidth(), copy = tensor_copy_bandwidth();
    assert_true(read > 1e7 && read < 1e13);
    assert_true(copy > 1e7 && copy < 1e13);
    assert_true(tensor_read_bandwidth() == read);
    assert_true(tensor_copy_bandwidth() == copy);
}

static void test_onednn_is_in_the_build_or_not(void **state) {
    (void)state;
    double speed = tensor_onednn_bf16_speed(64, 32, 48);
    if (!tensor_onednn_version()) assert_true(speed == 0);
    assert_true(speed >= 0 && speed < 1e16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_measured_once),
        cmocka_unit_test(test_onednn_is_in_the_build_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
