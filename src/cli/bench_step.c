#include "autograd/ops.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/bench.h"
#include "cli/bench_shapes.h"
#include "cli/profile_table.h"
#include "train/optim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                                      \
    "bench step [--shape " BENCH_SHAPE_NAMES "] [--precision fp32|bf16] [--threads N]\n"           \
    "                         [--batch_size N] [--block_size N] [--vocab_size N] [--n_layer N]\n"  \
    "                         [--n_head N] [--n_embd N] [--steps N] [--profile] [--csv FILE]"

/* What the flags ask for. */
typedef struct order {
    bench_shape shape;
    const char *precision, *csv;
    tensor_type type;
    int64_t threads, steps;
    bool prints_profile;
} order;

/* A model in training on random ids, as peers are timed: no dropout, tied head. */
typedef struct trial {
    nn_gpt *model;
    optim *adamw;
    ag_tape *tape;
    int64_t B, T;
    int32_t *ids; /* (B, T), then as many targets */
} trial;

static trial trial_new(const bench_shape *s, tensor_type type) {
    nn_gpt_config c = bench_shape_config(s);
    trial r = {.model = nn_gpt_new(&c, true), .tape = ag_tape_new(AG_RELEASE), s->B, s->T};
    nn_params_init(&r.model->params, rng_from_seed(1337));
    optim_settings settings = {OPTIM_ADAMW, 0.1, 0.9, 0.95, 1e-8, 0};
    r.adamw = optim_new(&settings, &r.model->params);
    ag_tape_set_activations(r.tape, type);
    int64_t n = 2 * s->B * s->T;
    r.ids = mem_new((size_t)n, sizeof *r.ids);
    rng_stream random = {.key = rng_from_seed(1)};
    for (int64_t i = 0; i < n; i++) r.ids[i] = (int32_t)rng_next_below(&random, (uint32_t)s->V);
    return r;
}

static void trial_free(trial *r) {
    free(r->ids);
    ag_tape_free(r->tape);
    optim_free(r->adamw);
    nn_gpt_free(r->model);
}

/* Forward, backward, AdamW and clearing; returns the loss. p may be NULL. */
static double step(trial *r, ag_profile *p) {
    ag_tape_reset(r->tape);
    ag_tape_set_profile(r->tape, p);
    ag_var *y = nn_gpt_loss(r->model, r->tape, r->ids, r->ids + r->B * r->T, r->B, r->T);
    ag_backward(r->tape, y, 1);
    ag_profile_phase(p, "optimizer", (ag_cost){.bytes = optim_update_bytes(r->adamw)});
    optim_update(r->adamw, 1e-4, 1);
    ag_profile_phase(p, "clear gradients", (ag_cost){0});
    nn_params_clear_grads(&r->model->params);
    ag_profile_pause(p);
    return (double)y->value.data[0];
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first step is not counted. */
static void time_steps(const order *o, trial *r, ag_profile *p) {
    const bench_shape *s = &o->shape;
    int64_t steps = o->steps;
    double *times = mem_new((size_t)steps, sizeof *times), loss = step(r, NULL);
    for (int64_t i = 0; i < steps; i++) {
        double start = thread_clock();
        loss = step(r, p);
        times[i] = thread_clock() - start;
    }
    qsort(times, (size_t)steps, sizeof *times, compare_doubles);
    double best = times[0], median = (times[(steps - 1) / 2] + times[steps / 2]) / 2;
    printf("gradus %s %s %s best_ms %.1f median_ms %.1f tokens_per_s %.0f rss_mib %.0f loss %.4f\n",
           GRADUS_VERSION, s->name, o->precision, 1e3 * best, 1e3 * median,
           (double)(s->B * s->T) / best, (double)mem_peak_rss() / 1048576, loss);
    free(times);
}

/* Prints it and writes it to csv, as far as that is wanted. */
static void show_profile(const order *o, const ag_profile *p, const trial *r, FILE *csv) {
    double flops = (double)(r->B * r->T) * nn_gpt_flops_per_token(r->model, r->T);
    profile_table table = {p, flops, ceilings_measure(o->type)};
    if (o->prints_profile) profile_table_print(&table);
    if (csv) profile_table_write(&table, csv);
}

static bool order_read(order *o, int argc, char **argv, err *e) {
    const char *name = "cpu";
    bench_shape by = {0};
    *o = (order){.precision = "fp32", .csv = "", .steps = 20};
    const args_flag flags[] = {
        {"shape", ARGS_TEXT, &name, 0, 0, "cpu, baby, mid, gpt2 or gpt2long (cpu)"},
        {"precision", ARGS_TEXT, &o->precision, 0, 0, "fp32 or bf16 (fp32)"},
        {"batch_size", ARGS_INT, &by.B, 1, 4096, "sequences, instead of the shape's"},
        {"block_size", ARGS_INT, &by.T, 1, 65536, "tokens of a sequence, likewise"},
        {"vocab_size", ARGS_INT, &by.V, 2, 1 << 20, "tokens known, likewise"},
        {"n_layer", ARGS_INT, &by.L, 1, 512, "blocks, likewise"},
        {"n_head", ARGS_INT, &by.NH, 1, 512, "heads of attention, likewise"},
        {"n_embd", ARGS_INT, &by.C, 1, 16384, "width, likewise; a multiple of n_head"},
        {"steps", ARGS_INT, &o->steps, 1, 100000, "steps to time (20)"},
        {"profile", ARGS_SWITCH, &o->prints_profile, 0, 0, "print where the time goes"},
        {"csv", ARGS_TEXT, &o->csv, 0, 0, "write that to a file"},
        ARGS_THREADS(o->threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, 0, USAGE, e))
        return false;
    int type = args_choice("precision", o->precision, "fp32|bf16", e);
    const bench_shape *s = type < 0 ? NULL : bench_shape_find(name, USAGE, e);
    if (!s) return false;
    o->type = type ? TENSOR_BF16 : TENSOR_REAL;
    o->shape = *s;
    return bench_shape_change(&o->shape, &by, e);
}

bool bench_step(int argc, char **argv, err *e) {
    order o;
    file_writer csv = {0};
    if (!order_read(&o, argc, argv, e) || (o.csv[0] && !file_begin(&csv, o.csv, e))) return false;
    thread_set_count((int)o.threads);
    trial r = trial_new(&o.shape, o.type);
    ag_profile p = {.steps = o.steps};
    bool profiles = o.prints_profile || o.csv[0];
    time_steps(&o, &r, profiles ? &p : NULL);
    if (profiles) show_profile(&o, &p, &r, csv.stream);
    trial_free(&r);
    return !csv.stream || file_commit(&csv, e);
}
