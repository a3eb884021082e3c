#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/bench.h"
#include "cli/bench_shapes.h"
#include "cli/precision.h"
#include "tensor/bandwidth.h"
#include "train/generate.h"

#include <stdio.h>
#include <stdlib.h>

#define USAGE                                                                                      \
    "bench generate [--shape " BENCH_SHAPE_NAMES "] [--precision fp32|bf16] [--batch N]\n"         \
    "                         [--prompt N] [--tokens N] [--threads N]"

/* When the tokens of the first sample came. */
typedef struct watch {
    double *times;
    int64_t n;
} watch;

static bool note(void *context, int64_t sample, int32_t id) {
    watch *w = context;
    (void)id;
    if (sample == 0) w->times[w->n++] = thread_clock();
    return true;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of the distances between n > 1 times, which it overwrites. */
static double median_step(double *times, int64_t n) {
    n--;
    for (int64_t i = 0; i < n; i++) times[i] = times[i + 1] - times[i];
    qsort(times, (size_t)n, sizeof *times, compare_doubles);
    return (times[(n - 1) / 2] + times[n / 2]) / 2;
}

/* What a run generates. */
typedef struct plan {
    const char *precision;
    int64_t batch, n_prompt, n_new;
} plan;

/* Draws as `gradus sample` does without flags, from a model with random weights. */
static void time_tokens(const nn_gpt *m, const char *shape, const plan *p) {
    const train_sampling sampling = {.temperature = 0.8, .top_k = 200, .top_p = 1};
    rng_key keys[TRAIN_MOST_SAMPLES];
    for (int64_t i = 0; i < p->batch; i++) keys[i] = rng_from_seed((uint64_t)i);
    rng_stream random = {.key = rng_from_seed(1)};
    int32_t *prompt = mem_new((size_t)p->n_prompt, sizeof *prompt);
    for (int64_t i = 0; i < p->n_prompt; i++)
        prompt[i] = (int32_t)rng_next_below(&random, (uint32_t)m->config.vocab_size);
    watch w = {mem_new((size_t)p->n_new, sizeof *w.times), 0};
    train_generator *g = train_generator_new(m, p->batch, true);
    train_generate(g, prompt, p->n_prompt, 1, &sampling, keys, p->batch, note, &w);
    w.n = 0;
    double start = thread_clock();
    train_generate(g, prompt, p->n_prompt, p->n_new, &sampling, keys, p->batch, note, &w);
    double first = w.times[0] - start, step = median_step(w.times, w.n);
    double read = (double)nn_gpt_bytes_per_token(m) / step;
    printf("gradus %s %s %s batch %lld prompt_ms %.1f median_ms %.2f tokens_per_s %.1f "
           "weights_gb_per_s %.1f of_bandwidth %.0f%%\n",
           GRADUS_VERSION, shape, p->precision, (long long)p->batch, 1e3 * first, 1e3 * step,
           (double)p->batch / step, 1e-9 * read, 100 * read / tensor_read_bandwidth());
    train_generator_free(g);
    free(w.times);
    free(prompt);
}

static bool check(const plan *p, const bench_shape *s, err *e) {
    return p->n_prompt + p->n_new <= s->T ||
           err_set(e, ERR_USAGE, "--prompt and --tokens make %lld, %s takes %lld",
                   (long long)(p->n_prompt + p->n_new), s->name, (long long)s->T);
}

bool bench_generate(int argc, char **argv, err *e) {
    const char *name = "gpt2";
    int64_t threads = 0;
    plan p = {.precision = "fp32", .batch = 1, .n_prompt = 16, .n_new = 48};
    const args_flag flags[] = {
        {"shape", ARGS_TEXT, &name, 0, 0, "cpu, baby, mid, gpt2 or gpt2long (gpt2)"},
        PRECISION_FLAG(p.precision),
        {"batch", ARGS_INT, &p.batch, 1, TRAIN_MOST_SAMPLES, "samples drawn together (1)"},
        {"prompt", ARGS_INT, &p.n_prompt, 1, 1e6, "tokens of the prompt (16)"},
        {"tokens", ARGS_INT, &p.n_new, 3, 1e6, "tokens to draw (48)"},
        ARGS_THREADS(threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, 0, USAGE, e))
        return false;
    const bench_shape *s = bench_shape_find(name, USAGE, e);
    if (!s || !check(&p, s, e)) return false;
    thread_set_count((int)threads);
    nn_gpt_config c = bench_shape_config(s);
    nn_gpt *m = nn_gpt_new(&c, false);
    nn_params_init(&m->params, rng_from_seed(1337));
    bool ok = precision_apply(p.precision, m, e);
    if (ok) time_tokens(m, s->name, &p);
    nn_gpt_free(m);
    return ok;
}
