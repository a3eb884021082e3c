#include "train/generate.h"

#include "base/check.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A token that may be drawn, with its logit, later its probability. */
typedef struct candidate {
    double weight;
    int32_t id;
} candidate;

struct train_generator {
    const nn_gpt *model;
    ag_tape *tape;
    nn_kv_cache *cache; /* NULL without */
    int32_t *window;    /* block_size ids that the next token is drawn after */
    int64_t n_window;
    candidate *candidates; /* V */
};

train_generator *train_generator_new(const nn_gpt *model, bool use_cache) {
    const nn_gpt_config *c = &model->config;
    train_generator *g = mem_new(1, sizeof *g);
    g->model = model;
    g->tape = ag_tape_new(AG_NO_GRAD);
    if (use_cache) g->cache = nn_kv_cache_new(c->n_layer, 1, c->block_size, c->n_embd);
    g->window = mem_new((size_t)c->block_size, sizeof *g->window);
    g->candidates = mem_new((size_t)c->vocab_size, sizeof *g->candidates);
    return g;
}

void train_generator_free(train_generator *g) {
    if (!g) return;
    ag_tape_free(g->tape);
    nn_kv_cache_free(g->cache);
    free(g->window);
    free(g->candidates);
    free(g);
}

/* Falling weight, then rising id. */
static int compare_candidates(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Turns sorted logits into probabilities, up to a common factor; returns their sum. */
static double weigh(candidate *c, int64_t n, double temperature) {
    double highest = c[0].weight, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        c[i].weight = exp((c[i].weight - highest) / temperature);
        sum += c[i].weight;
    }
    return sum;
}

static int32_t draw(candidate *c, const real *logits, int64_t V, const train_sampling *s,
                    rng_stream *random) {
    for (int32_t v = 0; v < V; v++) c[v] = (candidate){(double)logits[v], v};
    qsort(c, (size_t)V, sizeof *c, compare_candidates);
    if (s->temperature == 0) return c[0].id;
    int64_t n = s->top_k > 0 && s->top_k < V ? s->top_k : V;
    double sum = weigh(c, n, s->temperature), limit = s->top_p * sum, kept = 0;
    int64_t n_kept = 0;
    while (n_kept < n && kept < limit) kept += c[n_kept++].weight;
    double point = rng_next_unit(random) * kept;
    for (int64_t i = 0; i < n_kept; i++) {
        point -= c[i].weight;
        if (point < 0) return c[i].id;
    }
    return c[n_kept - 1].id;
}

/* The logits after the window, of which the last n_fresh tokens are not in the cache yet. */
static const real *logits_after(train_generator *g, int64_t n_fresh) {
    ag_tape_reset(g->tape);
    if (g->cache)
        g->cache->length = g->n_window - n_fresh;
    else
        n_fresh = g->n_window;
    const int32_t *ids = g->window + g->n_window - n_fresh;
    ag_var *hidden = nn_gpt_forward(g->model, g->tape, ids, 1, n_fresh, g->cache);
    return nn_gpt_last_logits(g->model, g->tape, hidden)->value.data;
}

/* Appends a token; a full window first drops its older half. Returns how many tokens of the window
 * the cache does not hold: positions have moved if any were dropped. */
static int64_t push(train_generator *g, int32_t id) {
    int64_t block_size = g->model->config.block_size, n_fresh = 1;
    if (g->n_window == block_size) {
        int64_t kept = block_size / 2;
        memmove(g->window, g->window + block_size - kept, (size_t)kept * sizeof *g->window);
        g->n_window = kept;
        n_fresh = kept + 1;
    }
    g->window[g->n_window++] = id;
    return n_fresh;
}

int64_t train_generate(train_generator *g, const int32_t *prompt, int64_t n_prompt, int64_t n_new,
                       const train_sampling *sampling, rng_key key, train_on_token *on_token,
                       void *context) {
    CHECK(n_prompt > 0, "generation from an empty prompt");
    rng_stream random = {.key = key};
    g->n_window = 0;
    for (int64_t i = 0; i < n_prompt; i++) push(g, prompt[i]);
    int64_t n_fresh = g->n_window, made = 0;
    while (made < n_new) {
        const real *logits = logits_after(g, n_fresh);
        int32_t id = draw(g->candidates, logits, g->model->config.vocab_size, sampling, &random);
        made++;
        if (!on_token(context, id)) break;
        n_fresh = push(g, id);
    }
    return made;
}
