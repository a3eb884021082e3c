#include "cli/bench_shapes.h"

#include "base/str.h"

#include <string.h>

static const bench_shape shapes[] = {
    {"cpu", 12, 64, 65, 4, 4, 128},      /* nanoGPT's CPU recipe, character level */
    {"baby", 16, 256, 65, 6, 6, 384},    /* nanoGPT's shakespeare_char model, batch 16 */
    {"mid", 8, 256, 8192, 8, 8, 512},    /* about 30 M parameters */
    {"gpt2", 4, 64, 50257, 12, 12, 768}, /* GPT-2 124M, llm.c's CPU batch */
    {"gpt2long", 1, 1024, 50257, 12, 12, 768},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

const bench_shape *bench_shape_find(const char *name, const char *usage, err *e) {
    const char *names[N_SHAPES];
    for (size_t i = 0; i < N_SHAPES; i++) {
        names[i] = shapes[i].name;
        if (strcmp(names[i], name) == 0) return &shapes[i];
    }
    const char *nearest = str_nearest(name, names, N_SHAPES);
    err_set(e, ERR_USAGE, "unknown shape '%s'%s%s%s; usage: gradus %s", name,
            nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "", usage);
    return NULL;
}

const bench_shape *bench_shapes_all(size_t *n) {
    *n = N_SHAPES;
    return shapes;
}

bool bench_shape_change(bench_shape *s, const bench_shape *by, err *e) {
    int64_t *const old[] = {&s->B, &s->T, &s->V, &s->L, &s->NH, &s->C};
    const int64_t new[] = {by->B, by->T, by->V, by->L, by->NH, by->C};
    for (size_t i = 0; i < sizeof new / sizeof *new; i++) {
        if (new[i] == 0) continue;
        *old[i] = new[i];
        s->name = "custom";
    }
    return s->C % s->NH == 0 ||
           err_set(e, ERR_USAGE, "n_embd %lld is not a multiple of n_head %lld", (long long)s->C,
                   (long long)s->NH);
}

nn_gpt_config bench_shape_config(const bench_shape *s) {
    return (nn_gpt_config){s->V, s->T, s->L, s->NH, s->C, .bias = true, .tie_weights = true};
}
