/* gradus bench generate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/real.h"
#include "program.h"

static double number_after(const char *text, const char *name) {
    const char *at = strstr(text, name);
    double value;
    if (!at || sscanf(at + strlen(name), " %lf", &value) != 1)
        fail_msg("no '%s' in: %s", name, text);
    return value;
}

static void test_its_line(void **state) {
    (void)state;
    outcome o = RUN("bench", "generate", "--shape=cpu", "--batch=3", "--prompt=2", "--tokens=4");
    assert_prints(o, " cpu fp32 batch 3 ");
    double ms = number_after(o.out, "median_ms"), rate = number_after(o.out, "tokens_per_s");
    assert_true(ms > 0);
    assert_true(rate * ms > 0.5 * 3000 && rate * ms < 2 * 3000);
    assert_true(number_after(o.out, "weights_gb_per_s") > 0);
    assert_true(number_after(o.out, "of_bandwidth") >= 0);
}

static void test_what_is_wrong_is_named(void **state) {
    (void)state;
    assert_error(RUN("bench", "generate", "--shape=gtp2"), 2, "(did you mean 'gpt2'?)");
    assert_error(RUN("bench", "generate", "--batch=17"), 2, "--batch is '17'");
    assert_error(RUN("bench", "generate", "--shape=cpu", "--tokens=64"), 2,
                 "--prompt and --tokens make 80, cpu takes 64");
    assert_error(RUN("bench", "generate", "--shape=cpu", "--precision=int8"), 2,
                 "'int8', expected one of fp32|bf16");
    if (sizeof(real) > sizeof(float))
        assert_error(RUN("bench", "generate", "--shape=cpu", "--precision=bf16"), 2,
                     "this is a build in double");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_line),
        cmocka_unit_test(test_what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, program_set_up, tree_remove);
}
