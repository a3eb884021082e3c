/* Each program of examples/ ends well and says what it is there to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process.h"

/* Runs the example of that name, with the folder of the test for its files. */
static outcome run_example(const char *name) {
    char path[512], own[sizeof folder];
    const char *examples = getenv("EXAMPLES");
    snprintf(path, sizeof path, "%s/%s", examples ? examples : "build/examples", name);
    snprintf(own, sizeof own, "%s", folder);
    return program_wait(program_start_at((const char *[]){path, own, NULL}));
}

/* The number behind the last `label` of the text. */
static double last_number(const char *text, const char *label) {
    const char *at = NULL;
    for (const char *next = text; (next = strstr(next, label)); next += strlen(label)) at = next;
    if (!at) fail_msg("no '%s' in: %s", label, text);
    return strtod(at + strlen(label), NULL);
}

static void test_01_a_view_shares_its_numbers(void **state) {
    (void)state;
    outcome o = run_example("01_tensor");
    assert_prints(o, "x transposed: the strides have changed places: shape (4, 3), strides (1, 4)");
    assert_prints(o, "shape (3, 4), strides (0, 1)");
    assert_prints(o, "     0.0     1.0    50.0     3.0\n"); /* by the slice of a column */
    assert_prints(o, "    10.0    21.0    80.0    43.0\n");
}

static void test_02_gradients_add_and_fit_a_line(void **state) {
    (void)state;
    outcome o = run_example("02_autograd");
    assert_prints(o, "leaf  value   2.0  dy/d(this)  -2.0");
    assert_prints(o, "leaf  value  -3.0  dy/d(this)   2.0");
    assert_prints(o, "step 60  loss  0.00000  y =  3.000 x -2.000");
}

static void test_03_every_gradient_is_right(void **state) {
    (void)state;
    assert_prints(run_example("03_gradcheck"), "all gradients are right");
}

static void test_04_lookup_is_the_product_by_one_hot(void **state) {
    (void)state;
    outcome o = run_example("04_embedding_lookup");
    assert_prints(o, "rows that got gradient, in the order of first touch: 2 5 0\n");
    assert_prints(o, "  row 2    9.000   9.000   9.000   9.000\n");
    assert_prints(o, "differs by 0, its gradient by 0\n");
}

static void test_05_skip_gram_learns(void **state) {
    (void)state;
    outcome o = run_example("05_skipgram");
    assert_prints(o, "epoch 8 ");
    assert_true(last_number(o.out, "loss") < 11);
    assert_true(last_number(o.out, "king~queen") > last_number(o.out, "king~dog") + 0.2);
}

static void test_06_a_gpt_learns_a_poem_by_heart(void **state) {
    (void)state;
    outcome o = run_example("06_tiny_gpt");
    assert_prints(o, "\na row is pulled by every word it happens near to go.\n");
    assert_true(last_number(o.out, "loss") < 0.5);
}

static void test_07_a_tied_gradient_is_the_sum_of_two(void **state) {
    (void)state;
    outcome o = run_example("07_weight_tying");
    assert_prints(o, "8 x 16 fewer");
    assert_prints(o, "as an embedding 4 of 8 rows got gradient; as a head, all");
    assert_prints(o, "tied = embedding + head, number by number");
}

static void test_08_an_op_from_outside_the_library(void **state) {
    (void)state;
    outcome o = run_example("08_custom_op");
    assert_prints(o, "swish, x sigmoid(b x): 10 gradients");
    assert_prints(o, ": ok\n");
    assert_true(last_number(o.out, "b = ") > 1.99);
}

static void test_09_a_run_by_a_config(void **state) {
    (void)state;
    outcome o = run_example("09_train_from_config");
    assert_prints(o, "step 60  validation loss");
    assert_true(last_number(o.out, "validation text: loss") < 4.5); /* 6.4 at first */
    assert_int_equal(access(folder_path("tiny/ckpt_best.safetensors"), R_OK), 0);
}

static void test_10_king_minus_man_plus_woman(void **state) {
    (void)state;
    outcome o = run_example("10_search_with_vectors");
    assert_prints(o, "king - man + woman:  queen ");
    assert_true(last_number(o.out, "questions answered right: ") > 900); /* of 1072 */
    assert_int_equal(access(folder_path("vectors.bin"), R_OK), 0);
}

int main(void) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_01_a_view_shares_its_numbers),
        cmocka_unit_test(test_02_gradients_add_and_fit_a_line),
        cmocka_unit_test(test_03_every_gradient_is_right),
        cmocka_unit_test(test_04_lookup_is_the_product_by_one_hot),
        cmocka_unit_test(test_05_skip_gram_learns),
        cmocka_unit_test(test_06_a_gpt_learns_a_poem_by_heart),
        cmocka_unit_test(test_07_a_tied_gradient_is_the_sum_of_two),
        cmocka_unit_test(test_08_an_op_from_outside_the_library),
        cmocka_unit_test(test_09_a_run_by_a_config),
        cmocka_unit_test(test_10_king_minus_man_plus_woman),
    };
    return cmocka_run_group_tests(tests, folder_make, tree_remove);
}
