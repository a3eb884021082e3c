#include "train/checkpoint.h"

#include "base/file.h"
#include "base/thread.h"
#include "folder.h"
#include "io/safetensors.h"
#include "tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

enum { MAX_TENSORS = 128, MAX_META = 32 };

static const optim_settings adamw = {OPTIM_ADAMW, 0.1, 0.9, 0.99, 1e-8, 0};
static const optim_settings sgd = {OPTIM_SGD, 0.1, .momentum = 0.9};
static const optim_settings plain_sgd = {.type = OPTIM_SGD}, adagrad = {.type = OPTIM_ADAGRAD};

/* Numbers that decimal digits or a 32-bit word would not carry. */
static const train_state some_state = {.step = 1ll << 40,
                                       .last_eval_step = -1,
                                       .last_val_loss = 1.0 / 3,
                                       .best_val_loss = INFINITY,
                                       .best_step = 17,
                                       .bad_evals = 2,
                                       .loss_sum = 0x1.fffffffffffffp-1000,
                                       .loss_count = 3,
                                       .tokenizer = 0xFEDCBA9876543210u,
                                       .data = 5};

/* A model with its optimizer, both full of numbers. */
typedef struct trained {
    nn_gpt *model;
    optim *optim;
} trained;

static trained trained_new(const nn_gpt_config *c, const optim_settings *settings, uint64_t seed) {
    trained t = {.model = tiny_model(c, true, seed)};
    t.optim = optim_new(settings, &t.model->params);
    for (int i = 0; i < t.model->params.n; i++) {
        ag_var *v = &t.model->params.list[i]->var;
        rng_fill_normal(rng_split(rng_from_seed(seed), (uint64_t)i), v->grad.data,
                        tensor_numel(&v->grad), 1);
        v->grad_state = AG_GRAD_DENSE;
    }
    for (int i = 0; i < 3; i++) optim_update(t.optim, 1e-2, 1);
    return t;
}

static void trained_free(trained *t) {
    optim_free(t->optim);
    nn_gpt_free(t->model);
}

static void save(const trained *t, const char *name) {
    err e = {0};
    assert_true(
        train_checkpoint_save(folder_path(name), &t->model->params, t->optim, &some_state, &e));
}

static bool same_numbers(const real *a, const real *b, int64_t n) {
    return memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

static void assert_same(const trained *a, const trained *b) {
    int64_t n = a->model->params.numel;
    assert_true(same_numbers(a->model->params.value, b->model->params.value, n));
    if (a->optim->exp_avg) assert_true(same_numbers(a->optim->exp_avg, b->optim->exp_avg, n));
    if (a->optim->exp_avg_sq)
        assert_true(same_numbers(a->optim->exp_avg_sq, b->optim->exp_avg_sq, n));
}

static void assert_round_trip(const nn_gpt_config *c, const optim_settings *settings) {
    trained written = trained_new(c, settings, 1), read = trained_new(c, settings, 2);
    train_state state = {0};
    err e = {0};
    save(&written, "ckpt");
    if (!train_checkpoint_load(folder_path("ckpt"), &read.model->params, read.optim, &state, &e))
        fail_msg("%s", e.message);
    assert_same(&written, &read);
    assert_memory_equal(&state, &some_state, sizeof state);
    assert_true(read.optim->step == some_state.step);
    trained_free(&written);
    trained_free(&read);
}

static void test_the_round_trip_keeps_every_bit(void **state) {
    (void)state;
    nn_gpt_config other = tiny;
    other.tie_weights = other.bias = false;
    other.position = NN_POSITION_ROPE;
    other.activation = NN_ACTIVATION_SWIGLU;
    other.norm = NN_NORM_RMSNORM;
    assert_round_trip(&tiny, &adamw);
    assert_round_trip(&tiny, &sgd);
    assert_round_trip(&tiny, &plain_sgd);
    assert_round_trip(&tiny, &adagrad);
    assert_round_trip(&other, &adamw);
}

static void test_without_an_optimizer(void **state) {
    (void)state;
    trained written = trained_new(&tiny, &adamw, 1), read = trained_new(&tiny, &adamw, 2);
    train_state loaded;
    err e = {0};
    const char *path = folder_path("best");
    assert_true(train_checkpoint_save(path, &written.model->params, NULL, &some_state, &e));
    assert_false(train_checkpoint_load(path, &read.model->params, read.optim, &loaded, &e));
    assert_non_null(strstr(e.message, "tensor 'optimizer.exp_avg.wte.weight' is missing"));
    e = (err){0};
    assert_true(train_checkpoint_load(path, &read.model->params, NULL, &loaded, &e));
    assert_true(same_numbers(read.model->params.value, written.model->params.value,
                             read.model->params.numel));
    trained_free(&written);
    trained_free(&read);
}

/* Loading "bad" must fail with one line that has the reason in it, and change nothing. */
static void assert_refused(const char *reason) {
    trained t = trained_new(&tiny, &adamw, 2), untouched = trained_new(&tiny, &adamw, 2);
    train_state state = some_state;
    err e = {0};
    assert_false(train_checkpoint_load(folder_path("bad"), &t.model->params, t.optim, &state, &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, "/bad: ") || !strstr(e.message, reason))
        fail_msg("said: %s\n  expected: %s", e.message, reason);
    assert_null(strchr(e.message, '\n'));
    assert_same(&t, &untouched);
    assert_memory_equal(&state, &some_state, sizeof state);
    assert_int_equal(t.optim->step, untouched.optim->step);
    trained_free(&t);
    trained_free(&untouched);
}

static void test_refuses_the_checkpoint_of_another_model(void **state) {
    (void)state;
    nn_gpt_config wider = tiny, shallower = tiny, plainer = tiny;
    wider.block_size = 9;
    shallower.n_layer = 1;
    plainer.bias = false;
    const nn_gpt_config *const others[] = {&wider, &shallower, &plainer};
    static const char *const reasons[] = {
        "tensor 'wpe.weight' has shape [9, 16], the config and the tokenizer make it [8, 16]",
        "tensor 'h.1.ln_1.weight' is missing", "tensor 'h.0.ln_1.bias' is missing"};
    for (int i = 0; i < 3; i++) {
        trained other = trained_new(others[i], &adamw, 1);
        save(&other, "bad");
        assert_refused(reasons[i]);
        trained_free(&other);
    }
    trained other = trained_new(&tiny, &sgd, 1);
    save(&other, "bad");
    assert_refused("tensor 'optimizer.exp_avg_sq.wte.weight' is missing");
    trained_free(&other);
}

/* A good checkpoint, open for a test to spoil one thing in it. */
typedef struct spoiled {
    io_safetensors file;
    io_tensor tensors[MAX_TENSORS];
    io_meta meta[MAX_META];
    size_t n_tensors, n_meta;
} spoiled;

static void open_good(spoiled *s) {
    err e = {0};
    trained t = trained_new(&tiny, &adamw, 1);
    save(&t, "good");
    trained_free(&t);
    assert_true(io_safetensors_open(&s->file, folder_path("good"), &e));
    s->n_tensors = s->file.n_tensors;
    s->n_meta = s->file.n_meta;
    assert_true(s->n_tensors <= MAX_TENSORS && s->n_meta <= MAX_META);
    memcpy(s->tensors, s->file.tensors, s->n_tensors * sizeof *s->tensors);
    memcpy(s->meta, s->file.meta, s->n_meta * sizeof *s->meta);
}

static void write_bad(const spoiled *s) {
    err e = {0};
    assert_true(
        io_safetensors_write(folder_path("bad"), s->tensors, s->n_tensors, s->meta, s->n_meta, &e));
}

static io_tensor *tensor_named(spoiled *s, const char *name) {
    for (size_t i = 0; i < s->n_tensors; i++)
        if (strcmp(s->tensors[i].name, name) == 0) return &s->tensors[i];
    fail_msg("no tensor '%s'", name);
    return NULL;
}

static void test_refuses_spoiled_tensors(void **state) {
    (void)state;
    spoiled s;
    open_good(&s);
    io_tensor *bias = tensor_named(&s, "h.1.mlp.c_fc.bias"), good = *bias;
    bias->name = "h.1.mlp.c_fc.bios";
    write_bad(&s);
    assert_refused("tensor 'h.1.mlp.c_fc.bias' is missing");
    *bias = good;
    bias->dtype = sizeof(real) == sizeof(float) ? "I32" : "I64";
    write_bad(&s);
    assert_refused(sizeof(real) == sizeof(float) ? "is I32, expected F32" : "is I64, expected F64");
    *bias = good;
    bias->n_dim = 2;
    bias->shape[0] = 1;
    bias->shape[1] = good.shape[0];
    write_bad(&s);
    assert_refused("has shape [1, 64], the config and the tokenizer make it [64]");
    io_safetensors_close(&s.file);
}

static void test_refuses_spoiled_metadata(void **state) {
    (void)state;
    spoiled s;
    open_good(&s);
    for (size_t i = 0; i < s.n_meta; i++) {
        const io_meta good = s.meta[i];
        if (strncmp(good.key, "gradus.", strlen("gradus.")) != 0) continue;
        s.meta[i].value = "17x";
        write_bad(&s);
        assert_refused("' is 17x, expected a number");
        s.meta[i] = (io_meta){"elsewhere", ""};
        write_bad(&s);
        assert_refused("' is missing, expected a number; not a checkpoint of gradus");
        s.meta[i] = good;
        if (strcmp(good.key, "gradus.step") != 0) continue;
        s.meta[i].value = "-1";
        write_bad(&s);
        assert_refused("step -1 is negative");
        s.meta[i] = good;
    }
    s.n_meta = 0;
    write_bad(&s);
    assert_refused("metadata 'gradus.step' is missing");
    io_safetensors_close(&s.file);
}

static void test_refuses_a_foreign_safetensors_file(void **state) {
    (void)state;
    err e = {0};
    static const float numbers[2] = {1, 2};
    const io_tensor foreign = {"encoder.weight", "F32", 1, {2}, numbers, sizeof numbers};
    const io_meta meta = {"format", "pt"};
    assert_true(io_safetensors_write(folder_path("bad"), &foreign, 1, &meta, 1, &e));
    assert_refused("not a checkpoint of gradus");
}

static void test_refuses_truncated_files(void **state) {
    (void)state;
    err e = {0};
    file_map good;
    trained t = trained_new(&tiny, &adamw, 1);
    save(&t, "good");
    assert_true(file_open_map(&good, folder_path("good"), &e));
    for (size_t n = 0; n < good.size; n += n < 16 ? 1 : good.size / 7) {
        assert_true(file_write(folder_path("bad"), good.data, n, &e));
        assert_refused("");
    }
    assert_true(file_write(folder_path("bad"), good.data, good.size - 1, &e));
    assert_refused("");
    unlink(folder_path("bad"));
    assert_refused("No such file");
    file_close_map(&good);
    trained_free(&t);
}

static void test_names_the_file_that_it_cannot_write(void **state) {
    (void)state;
    err e = {0};
    trained t = trained_new(&tiny, &adamw, 1);
    assert_false(train_checkpoint_save(folder_path("absent/ckpt"), &t.model->params, t.optim,
                                       &some_state, &e));
    assert_non_null(strstr(e.message, "No such file"));
    trained_free(&t);
}

/* The models are so small that waking a second thread costs more than all the work. */
static int set_up(void **state) {
    thread_set_count(1);
    return folder_make(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_round_trip_keeps_every_bit),
        cmocka_unit_test(test_without_an_optimizer),
        cmocka_unit_test(test_refuses_the_checkpoint_of_another_model),
        cmocka_unit_test(test_refuses_spoiled_tensors),
        cmocka_unit_test(test_refuses_spoiled_metadata),
        cmocka_unit_test(test_refuses_a_foreign_safetensors_file),
        cmocka_unit_test(test_refuses_truncated_files),
        cmocka_unit_test(test_names_the_file_that_it_cannot_write),
    };
    return cmocka_run_group_tests(tests, set_up, folder_remove);
}
