#include "autograd/ops.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/bench.h"
#include "nn/gpt.h"
#include "train/optim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                                      \
    "bench step [--shape cpu|baby|mid|gpt2|gpt2long] [--precision fp32] [--threads N] [--steps N]"

typedef struct shape {
    const char *name;
    int64_t B, T, V, L, NH, C;
} shape;

static const shape shapes[] = {
    {"cpu", 12, 64, 65, 4, 4, 128},      /* nanoGPT's CPU recipe, character level */
    {"baby", 16, 256, 65, 6, 6, 384},    /* nanoGPT's shakespeare_char model, batch 16 */
    {"mid", 8, 256, 8192, 8, 8, 512},    /* about 30 M parameters */
    {"gpt2", 4, 64, 50257, 12, 12, 768}, /* GPT-2 124M, llm.c's CPU batch */
    {"gpt2long", 1, 1024, 50257, 12, 12, 768},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static const shape *find_shape(const char *name, err *e) {
    const char *names[N_SHAPES];
    for (size_t i = 0; i < N_SHAPES; i++) {
        names[i] = shapes[i].name;
        if (strcmp(names[i], name) == 0) return &shapes[i];
    }
    const char *nearest = str_nearest(name, names, N_SHAPES);
    err_set(e, ERR_USAGE, "unknown shape '%s'%s%s%s; usage: gradus " USAGE, name,
            nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
    return NULL;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Forward, backward, AdamW and clearing on random ids, no dropout, tied head, as peers are timed.
 * The first step is not counted. */
static void time_steps(const shape *s, int64_t steps) {
    nn_gpt_config c = {s->V, s->T, s->L, s->NH, s->C, .bias = true, .tie_weights = true};
    nn_gpt *m = nn_gpt_new(&c, true);
    nn_params_init(&m->params, rng_from_seed(1337));
    optim_settings settings = {OPTIM_ADAMW, 0.1, 0.9, 0.95, 1e-8, 0};
    optim *o = optim_new(&settings, &m->params);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    int64_t n = s->B * s->T;
    int32_t *ids = mem_new((size_t)(2 * n), sizeof *ids);
    rng_stream random = {.key = rng_from_seed(1)};
    for (int64_t i = 0; i < 2 * n; i++) ids[i] = (int32_t)rng_next_below(&random, (uint32_t)s->V);
    double *times = mem_new((size_t)steps + 1, sizeof *times), loss = 0;
    for (int64_t i = 0; i <= steps; i++) {
        double start = thread_clock();
        ag_tape_reset(t);
        ag_var *y = nn_gpt_loss(m, t, ids, ids + n, s->B, s->T);
        ag_backward(t, y, 1);
        optim_update(o, 1e-4, 1);
        nn_params_clear_grads(&m->params);
        times[i] = thread_clock() - start;
        loss = (double)y->value.data[0];
    }
    qsort(times + 1, (size_t)steps, sizeof *times, compare_doubles);
    double best = times[1], median = (times[1 + (steps - 1) / 2] + times[1 + steps / 2]) / 2;
    printf(
        "gradus %s %s fp32 best_ms %.1f median_ms %.1f tokens_per_s %.0f rss_mib %.0f loss %.4f\n",
        GRADUS_VERSION, s->name, 1e3 * best, 1e3 * median, (double)n / best,
        (double)mem_peak_rss() / 1048576, loss);
    free(times);
    free(ids);
    ag_tape_free(t);
    optim_free(o);
    nn_gpt_free(m);
}

bool bench_step(int argc, char **argv, err *e) {
    const char *name = "cpu", *precision = "fp32";
    int64_t threads = 0, steps = 20;
    const args_flag flags[] = {
        {"shape", ARGS_TEXT, &name, 0, 0, "cpu, baby, mid, gpt2 or gpt2long (cpu)"},
        {"precision", ARGS_TEXT, &precision, 0, 0, "fp32"},
        {"steps", ARGS_INT, &steps, 1, 100000, "steps to time (20)"},
        ARGS_THREADS(threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, 0, USAGE, e))
        return false;
    if (strcmp(precision, "fp32") != 0)
        return err_set(e, ERR_USAGE, "--precision is '%s', expected fp32", precision);
    const shape *s = find_shape(name, e);
    if (!s) return false;
    thread_set_count((int)threads);
    time_steps(s, steps);
    return true;
}
