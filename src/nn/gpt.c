#include "nn/gpt.h"

#include "autograd/ops.h"
#include "base/check.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double init_std(const nn_gpt_config *c) {
    return c->init_std > 0 ? c->init_std : 0.02;
}

static nn_block block_new(nn_params *ps, const nn_gpt_config *c, int64_t layer) {
    char name[NN_NAME_SIZE];
    double std = init_std(c), residual_std = std / sqrt(2.0 * (double)c->n_layer);
    bool rope = c->position == NN_POSITION_ROPE;
    nn_block b;
    snprintf(name, sizeof name, "h.%d.ln_1", (int)layer);
    b.ln_1 = nn_norm_new(ps, name, c->norm, c->n_embd, c->bias);
    snprintf(name, sizeof name, "h.%d.attn", (int)layer);
    b.attn = nn_attention_new(ps, name, c->n_embd, (int)c->n_head, rope, c->bias, c->dropout, std,
                              residual_std);
    snprintf(name, sizeof name, "h.%d.ln_2", (int)layer);
    b.ln_2 = nn_norm_new(ps, name, c->norm, c->n_embd, c->bias);
    snprintf(name, sizeof name, "h.%d.mlp", (int)layer);
    b.mlp = nn_mlp_new(ps, name, c->n_embd, c->activation, c->bias, c->dropout, std, residual_std);
    return b;
}

/* sin and cos of pos / 10000^(2i/C) in alternate columns. */
static real *sines_new(int64_t T, int64_t C) {
    real *sines = mem_new_aligned((size_t)(T * C) * sizeof *sines);
    for (int64_t c = 0; c < C; c++) {
        double frequency = pow(10000.0, -(double)(c / 2 * 2) / (double)C);
        for (int64_t pos = 0; pos < T; pos++) {
            double angle = (double)pos * frequency;
            sines[pos * C + c] = (real)(c % 2 ? cos(angle) : sin(angle));
        }
    }
    return sines;
}

nn_gpt *nn_gpt_new(const nn_gpt_config *c, bool with_grad) {
    CHECK(c->n_embd % c->n_head == 0, "n_embd %lld is not a multiple of n_head %lld",
          (long long)c->n_embd, (long long)c->n_head);
    nn_gpt *m = mem_new(1, sizeof *m);
    m->config = *c;
    m->wte = nn_embedding_new(&m->params, "wte", c->vocab_size, c->n_embd, init_std(c));
    if (c->position == NN_POSITION_LEARNED)
        m->wpe = nn_embedding_new(&m->params, "wpe", c->block_size, c->n_embd, init_std(c));
    if (c->position == NN_POSITION_SINUSOIDAL) m->sines = sines_new(c->block_size, c->n_embd);
    m->h = mem_new((size_t)c->n_layer, sizeof *m->h);
    for (int64_t i = 0; i < c->n_layer; i++) m->h[i] = block_new(&m->params, c, i);
    m->ln_f = nn_norm_new(&m->params, "ln_f", c->norm, c->n_embd, c->bias);
    m->head =
        c->tie_weights
            ? m->wte.weight
            : nn_embedding_new(&m->params, "lm_head", c->vocab_size, c->n_embd, init_std(c)).weight;
    nn_params_allocate(&m->params, with_grad);
    return m;
}

void nn_gpt_free(nn_gpt *m) {
    if (!m) return;
    nn_params_free(&m->params);
    free(m->sines);
    free(m->h);
    free(m);
}

void nn_gpt_store_bf16(nn_gpt *m) {
    /* Positions are added, not multiplied: a row of them a token. */
    nn_params_store_bf16(&m->params, m->wpe.weight);
}

static ag_var *add_positions(const nn_gpt *m, ag_tape *t, ag_var *x, int64_t first, int64_t T) {
    int64_t C = m->config.n_embd;
    switch (m->config.position) {
    case NN_POSITION_LEARNED:
        return ag_add(t, x, ag_slice(t, m->wpe.weight, 0, first, T));
    case NN_POSITION_SINUSOIDAL:
        x = ag_scale(t, x, (real)sqrt((double)C));
        return ag_add(t, x, ag_input(t, tensor_2d(m->sines + first * C, T, C)));
    case NN_POSITION_ROPE:
    case NN_POSITION_NONE:
        break;
    }
    return x;
}

/* layers may be NULL. */
static ag_var *forward(const nn_gpt *m, ag_tape *t, const int32_t *ids, int64_t B, int64_t T,
                       nn_kv_cache *cache, ag_var **layers) {
    int64_t first = cache ? cache->length : 0;
    CHECK(first + T <= m->config.block_size, "%lld tokens for a model of block size %lld",
          (long long)(first + T), (long long)m->config.block_size);
    ag_var *x = nn_embedding_forward(&m->wte, t, ids, B, T);
    if (layers) *layers++ = x;
    x = ag_dropout(t, add_positions(m, t, x, first, T), (real)m->config.dropout);
    for (int64_t i = 0; i < m->config.n_layer; i++) {
        x = nn_block_forward(&m->h[i], t, x, cache, i);
        if (layers) *layers++ = x;
    }
    if (cache) cache->length += T;
    x = nn_norm_forward(&m->ln_f, t, x);
    if (layers) *layers = x;
    return x;
}

ag_var *nn_gpt_forward(const nn_gpt *m, ag_tape *t, const int32_t *ids, int64_t B, int64_t T,
                       nn_kv_cache *cache) {
    return forward(m, t, ids, B, T, cache, NULL);
}

ag_var *nn_gpt_forward_layers(const nn_gpt *m, ag_tape *t, const int32_t *ids, int64_t B, int64_t T,
                              ag_var **layers) {
    return forward(m, t, ids, B, T, NULL, layers);
}

ag_var *nn_gpt_loss(const nn_gpt *m, ag_tape *t, const int32_t *ids, const int32_t *targets,
                    int64_t B, int64_t T) {
    return ag_linear_cross_entropy(t, nn_gpt_forward(m, t, ids, B, T, NULL), m->head, targets);
}

ag_var *nn_gpt_last_logits(const nn_gpt *m, ag_tape *t, ag_var *hidden) {
    /* One product of the head by all sequences reads it once. */
    const int *sequences_as_rows = (int[]){1, 0, 2};
    ag_var *last = ag_slice(t, hidden, 1, hidden->value.shape[1] - 1, 1);
    last = ag_permute(t, last, sequences_as_rows);
    ag_var *logits = ag_matmul(t, last, ag_permute(t, m->head, (int[]){1, 0}));
    return ag_permute(t, logits, sequences_as_rows);
}

double nn_gpt_flops_per_token(const nn_gpt *m, int64_t T) {
    int64_t multiplied = m->config.vocab_size * m->config.n_embd;
    for (int i = 0; i < m->params.n; i++) {
        const nn_param *p = m->params.list[i];
        if (p->name[0] == 'h' && p->var.value.n_dim == 2) multiplied += tensor_numel(&p->var.value);
    }
    return 6.0 * (double)multiplied + 6.0 * (double)(m->config.n_layer * m->config.n_embd * T);
}

size_t nn_gpt_bytes_per_token(const nn_gpt *m) {
    size_t bytes = 0;
    for (int i = 0; i < m->params.n; i++) {
        const ag_var *v = &m->params.list[i]->var;
        bool by_rows = v == m->wpe.weight || (v == m->wte.weight && v != m->head);
        if (!by_rows) bytes += tensor_bytes(&v->value);
    }
    return bytes;
}
