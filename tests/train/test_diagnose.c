#include "train/diagnose.h"

#include "base/file.h"
#include "folder.h"
#include "tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

static const int32_t ids[] = {1, 2, 3, 4}, targets[] = {2, 3, 4, 5};

static void assert_said(const err *e, const char *what, const char *where) {
    assert_int_equal(e->code, ERR_DIVERGED);
    if (!strstr(e->message, what) || !strstr(e->message, where))
        fail_msg("said: %s\n  expected: %s ... %s", e->message, what, where);
    assert_null(strchr(e->message, '\n'));
}

/* Fills the parameter with that number, and reads what the loss of the next step is blamed on. */
static void assert_blames(const char *name, double bad, const char *where) {
    nn_gpt *m = tiny_model(&tiny, true, 1);
    tensor_fill(&nn_params_find(&m->params, name)->var.value, (real)bad);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    err e = {0};
    ag_var *loss = nn_gpt_loss(m, t, ids, targets, 1, 4);
    assert_false(train_diagnose_loss(t, loss, 12, folder, &e));
    assert_said(&e, "step 12: the loss is", where);
    ag_tape_free(t);
    nn_gpt_free(m);
}

static void test_a_loss_is_traced_to_a_bad_parameter(void **state) {
    (void)state;
    static const char *const names[] = {"wte.weight",           "wpe.weight",
                                        "h.0.attn.c_attn.bias", "h.1.ln_2.weight",
                                        "h.1.mlp.c_fc.weight",  "ln_f.bias"};
    for (int i = 0; i < 6; i++) {
        assert_blames(names[i], NAN, names[i]);
        assert_blames(names[i], -INFINITY, names[i]);
    }
}

/* Finite numbers too large to be multiplied: the layer is named where they overflow. */
static void test_a_loss_is_traced_to_the_layer_that_overflows(void **state) {
    (void)state;
    const double largest = sizeof(real) == sizeof(double) ? DBL_MAX : FLT_MAX;
    assert_blames("h.0.attn.c_attn.weight", largest, "linear at layer h.0.attn.c_attn;");
    assert_blames("h.1.mlp.c_fc.weight", largest, "linear at layer h.1.mlp.c_fc;");
}

static void test_a_gradient_is_traced_to_its_parameter(void **state) {
    (void)state;
    nn_gpt *m = tiny_model(&tiny, true, 1);
    nn_param *p = nn_params_find(&m->params, "h.0.attn.c_attn.weight");
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_backward(t, nn_gpt_loss(m, t, ids, targets, 1, 4), 1);
    p->var.grad.data[5] = NAN;
    err e = {0};
    assert_false(train_diagnose_gradient(&m->params, 7, folder, &e));
    assert_said(&e, "step 7: the gradient norm is not finite",
                "the gradient of h.0.attn.c_attn.weight is not finite");
    p->var.grad.data[5] = (real)1e30;
    e = (err){0};
    assert_false(train_diagnose_gradient(&m->params, 7, folder, &e));
    assert_said(
        &e, "step 7: ", "the largest element, 1e+30, is in the gradient of h.0.attn.c_attn.weight");
    ag_tape_free(t);
    nn_gpt_free(m);
}

static void test_an_evaluation(void **state) {
    (void)state;
    err e = {0};
    assert_false(train_diagnose_evaluation(INFINITY, 250, folder, &e));
    assert_said(&e, "step 250: the validation loss is inf", "lower learning_rate");
}

static void test_names_the_checkpoint_when_there_is_one(void **state) {
    (void)state;
    err e = {0};
    train_diagnose_evaluation(NAN, 1, folder, &e);
    assert_said(&e, "", "none: training had not reached one");
    e = (err){0};
    assert_true(file_write(folder_path("ckpt.safetensors"), "", 0, &e));
    train_diagnose_evaluation(NAN, 1, folder, &e);
    assert_said(&e, "the last good checkpoint is", folder_path("ckpt.safetensors"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loss_is_traced_to_a_bad_parameter),
        cmocka_unit_test(test_a_loss_is_traced_to_the_layer_that_overflows),
        cmocka_unit_test(test_a_gradient_is_traced_to_its_parameter),
        cmocka_unit_test(test_an_evaluation),
        cmocka_unit_test(test_names_the_checkpoint_when_there_is_one),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
