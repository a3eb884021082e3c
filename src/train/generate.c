#include "train/generate.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A sample that is being drawn. */
typedef struct sequence {
    int64_t sample;
    rng_stream random;
    int32_t *window; /* block_size ids that the next token is drawn after */
    int32_t next;    /* the token drawn */
} sequence;

struct train_generator {
    const nn_gpt *model;
    ag_tape *tape;
    nn_kv_cache *cache; /* NULL without */
    int64_t n_most, n_live;
    sequence *live;         /* those that have not ended, as they stand in the cache */
    train_drawer **drawers; /* one for each */
    int64_t n_window;       /* of all windows */
};

train_generator *train_generator_new(const nn_gpt *model, int64_t n_most, bool use_cache) {
    CHECK(n_most > 0 && n_most <= TRAIN_MOST_SAMPLES, "%lld samples at a time", (long long)n_most);
    const nn_gpt_config *c = &model->config;
    train_generator *g = mem_new(1, sizeof *g);
    *g = (train_generator){.model = model, .tape = ag_tape_new(AG_NO_GRAD), .n_most = n_most};
    if (use_cache) g->cache = nn_kv_cache_new(c->n_layer, n_most, c->block_size, c->n_embd);
    g->live = mem_new((size_t)n_most, sizeof *g->live);
    g->drawers = mem_new((size_t)n_most, sizeof(train_drawer *));
    for (int64_t i = 0; i < n_most; i++) {
        g->live[i].window = mem_new((size_t)c->block_size, sizeof(int32_t));
        g->drawers[i] = train_drawer_new(c->vocab_size);
    }
    return g;
}

void train_generator_free(train_generator *g) {
    if (!g) return;
    ag_tape_free(g->tape);
    nn_kv_cache_free(g->cache);
    for (int64_t i = 0; i < g->n_most; i++) {
        free(g->live[i].window);
        train_drawer_free(g->drawers[i]);
    }
    free(g->live);
    free(g->drawers);
    free(g);
}

/* Appends the next token to each window; full ones first drop their older half. Returns how many
 * tokens of a window the cache does not hold: positions have moved if any were dropped. */
static int64_t push(train_generator *g) {
    int64_t block_size = g->model->config.block_size, n_fresh = 1;
    if (g->n_window == block_size) {
        int64_t kept = block_size / 2;
        for (int64_t i = 0; i < g->n_live; i++) {
            int32_t *window = g->live[i].window;
            memmove(window, window + block_size - kept, (size_t)kept * sizeof *window);
        }
        g->n_window = kept;
        n_fresh = kept + 1;
    }
    for (int64_t i = 0; i < g->n_live; i++) g->live[i].window[g->n_window] = g->live[i].next;
    g->n_window++;
    return n_fresh;
}

/* The logits (n, V) after the windows of live sequences [first, first + n), of which the last
 * n_fresh tokens are not in the cache yet. */
static const real *logits_after(train_generator *g, int64_t first, int64_t n, int64_t n_fresh) {
    ag_tape_reset(g->tape);
    if (g->cache) {
        g->cache->length = g->n_window - n_fresh;
        g->cache->first = first;
        g->cache->n = n;
    }
    size_t row = (size_t)n_fresh * sizeof(int32_t);
    int32_t *ids = ag_tape_alloc(g->tape, (size_t)n * row);
    for (int64_t i = 0; i < n; i++)
        memcpy(ids + i * n_fresh, g->live[first + i].window + g->n_window - n_fresh, row);
    ag_var *hidden = nn_gpt_forward(g->model, g->tape, ids, n, n_fresh, g->cache);
    return nn_gpt_last_logits(g->model, g->tape, hidden)->value.data;
}

/* Draws the next token of sequences [first, first + n), whose logits are `row` numbers apart. */
static void draw(train_generator *g, int64_t first, int64_t n, const real *logits, int64_t row,
                 const train_sampling *sampling) {
#pragma omp parallel for schedule(static, 1) if (n > 1)
    for (int64_t i = 0; i < n; i++) {
        sequence *s = &g->live[first + i];
        s->next = train_draw(g->drawers[first + i], logits + i * row, sampling, &s->random);
    }
}

/* Runs the prompt, once, and draws the first token of each sample. */
static void begin(train_generator *g, const int32_t *prompt, int64_t n_prompt, const rng_key *keys,
                  int64_t n_samples, const train_sampling *sampling) {
    sequence *live = g->live;
    g->n_live = 1;
    g->n_window = 0;
    for (int64_t i = 0; i < n_prompt; i++) {
        live[0].next = prompt[i];
        push(g);
    }
    const real *logits = logits_after(g, 0, 1, g->n_window);
    g->n_live = n_samples;
    for (int64_t i = 0; i < n_samples; i++) {
        live[i].sample = i;
        live[i].random = (rng_stream){.key = keys[i]};
        if (i) memcpy(live[i].window, live[0].window, (size_t)g->n_window * sizeof(int32_t));
        if (g->cache) nn_kv_cache_copy(g->cache, i, 0);
    }
    draw(g, 0, n_samples, logits, 0, sampling);
}

/* Runs the tokens drawn and draws the next: together where each adds one, else one after another,
 * as a sequence alone would. */
static void advance(train_generator *g, const train_sampling *sampling) {
    int64_t V = g->model->config.vocab_size, n_fresh = push(g);
    if (!g->cache) n_fresh = g->n_window;
    int64_t n = n_fresh == 1 ? g->n_live : 1;
    for (int64_t i = 0; i < g->n_live; i += n)
        draw(g, i, n, logits_after(g, i, n, n_fresh), V, sampling);
}

/* The last live sequence takes the place of one that has ended. */
static void end(train_generator *g, int64_t i) {
    sequence ended = g->live[i];
    g->live[i] = g->live[--g->n_live];
    g->live[g->n_live] = ended;
    if (g->cache) nn_kv_cache_copy(g->cache, i, g->n_live);
}

int64_t train_generate(train_generator *g, const int32_t *prompt, int64_t n_prompt, int64_t n_new,
                       const train_sampling *sampling, const rng_key *keys, int64_t n_samples,
                       train_on_token *on_token, void *context) {
    CHECK(n_prompt > 0, "generation from a prompt of %lld tokens", (long long)n_prompt);
    CHECK(n_samples > 0 && n_samples <= g->n_most, "%lld samples by a generator of %lld",
          (long long)n_samples, (long long)g->n_most);
    int64_t made = 0;
    for (int64_t step = 0; step < n_new; step++) {
        if (step == 0)
            begin(g, prompt, n_prompt, keys, n_samples, sampling);
        else
            advance(g, sampling);
        for (int64_t i = 0; i < g->n_live; made++) {
            const sequence *s = &g->live[i];
            if (on_token(context, s->sample, s->next))
                i++;
            else
                end(g, i);
        }
        if (g->n_live == 0) break;
    }
    return made;
}
