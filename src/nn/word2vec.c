#include "nn/word2vec.h"

#include "autograd/ops.h"
#include "base/check.h"
#include "base/mem.h"

#include <stdlib.h>

nn_word2vec *nn_word2vec_new(const nn_word2vec_config *config, bool with_grad) {
    CHECK(config->ns || config->hs, "word2vec without a loss");
    nn_word2vec *m = mem_new(1, sizeof *m);
    int64_t V = config->vocab_size;
    m->config = *config;
    m->width = nn_aligned(config->vector_size);
    CHECK(m->width <= AG_MAX_WIDTH, "vectors of %lld numbers", (long long)config->vector_size);
    m->wte =
        nn_param_new(&m->params, 2, (int64_t[]){V + config->bucket, m->width}, 0, 0, "wte.weight");
    if (config->ns)
        m->syn1neg = nn_param_new(&m->params, 2, (int64_t[]){V, m->width}, 0, 0, "syn1neg.weight");
    if (config->hs)
        m->syn1 = nn_param_new(&m->params, 2, (int64_t[]){V - 1, m->width}, 0, 0, "syn1.weight");
    for (int i = 0; i < m->params.n; i++) m->params.list[i]->columns = config->vector_size;
    nn_params_allocate(&m->params, with_grad);
    return m;
}

void nn_word2vec_free(nn_word2vec *m) {
    if (!m) return;
    nn_params_free(&m->params);
    free(m);
}

void nn_word2vec_init(nn_word2vec *m, rng_key key) {
    real *x = m->wte->value.data;
    int64_t rows = m->wte->value.shape[0], D = m->config.vector_size;
    rng_fill_uniform(key, x, rows * m->width, -0.5 / (double)D, 0.5 / (double)D);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = D; c < m->width; c++) x[r * m->width + c] = 0;
}

static ag_var *hidden_of(const nn_word2vec *m, ag_tape *t, const nn_stretch *s) {
    if (s->bag_begin) return ag_embedding_bag(t, m->wte, s->bag_begin, s->bag, s->n, true);
    return ag_embedding(t, m->wte, s->ids, 1, s->n);
}

ag_var *nn_word2vec_loss(const nn_word2vec *m, ag_tape *t, const nn_stretch *stretch,
                         const ag_paths *paths, double *sum) {
    ag_var *hidden = hidden_of(m, t, stretch), *ns = NULL, *hs = NULL;
    const ag_windows *w = &stretch->windows;
    *sum = 0;
    if (m->syn1neg) {
        ns = m->config.sg ? ag_sgns(t, hidden, m->syn1neg, w)
                          : ag_cbow(t, hidden, m->syn1neg, w, true);
        *sum += ag_windows_loss(ns);
    }
    if (m->syn1) {
        hs = ag_hs(t, hidden, m->syn1, w, paths,
                   m->config.sg ? AG_INPUTS_EACH : AG_INPUTS_MEAN_FULL);
        *sum += ag_windows_loss(hs);
    }
    return !ns ? hs : !hs ? ns : ag_add(t, ns, hs);
}
