#include "train/vectors_model.h"

#include "base/mem.h"
#include "train/rows.h"
#include "train/run.h"

#include <stdlib.h>
#include <string.h>

/* Streams of random numbers of one run. */
enum { STREAM_INIT = 1, STREAM_TEXT };

/* Records of GloVe: of a step, and of one update of all threads together. */
enum { RECORDS_STEP = 1 << 18, RECORDS_BATCH = 512 };

/* Puts the vectors that came from elsewhere over the drawn ones. */
static void put_init(vectors_model *m, const vectors_data *d, bool *frozen) {
    const io_vectors *v = &d->init;
    for (int64_t i = 0; i < v->n; i++) {
        int32_t row = words_find(&d->vocabulary, v->names[i], strlen(v->names[i]));
        if (row < 0) continue;
        memcpy(m->wte->value.data + row * m->width, v->rows + i * v->width,
               (size_t)v->width * sizeof(real));
        if (frozen) frozen[row] = true;
    }
}

static bool make_word2vec(vectors_model *m, const vectors_data *d, rng_key key, err *e) {
    word2vec *w = &m->word2vec;
    if (!word2vec_make(w, m->c, &d->vocabulary, &d->tokens, rng_split(key, STREAM_TEXT), e))
        return false;
    m->params = &w->model->params;
    m->wte = w->model->wte;
    m->width = w->model->width;
    nn_word2vec_init(w->model, rng_split(key, STREAM_INIT));
    if (m->c->freeze_wte) w->frozen = mem_new((size_t)m->wte->value.shape[0], sizeof *w->frozen);
    put_init(m, d, w->frozen);
    return true;
}

static bool count_pairs(const config *c, const train_tokens *tokens, const char *folder,
                        const char *path, rng_key key, err *e) {
    enum { BLOCK = 1 << 20 };
    int32_t *ids = mem_new(BLOCK, sizeof *ids);
    cooccur *counts =
        cooccur_new(c->window, rng_split(key, STREAM_TEXT), (size_t)c->memory << 20, folder);
    bool ok = true;
    for (int64_t first = 0; ok && first < tokens->n; first += BLOCK) {
        int64_t n = tokens->n - first < BLOCK ? tokens->n - first : BLOCK;
        train_tokens_copy(tokens, first, n, ids);
        ok = cooccur_add(counts, ids, n, e);
    }
    ok = ok && cooccur_finish(counts, path, e);
    cooccur_free(counts);
    free(ids);
    return ok;
}

glove_settings vectors_glove_settings(const config *c, int64_t vocab_size) {
    return (glove_settings){.n_words = vocab_size,
                            .dim = c->vector_size,
                            .width = nn_aligned(c->vector_size),
                            .x_max = c->x_max,
                            .alpha = c->x_exponent,
                            .learning_rate = c->alpha};
}

static bool make_glove(vectors_model *m, const vectors_data *d, const char *folder, rng_key key,
                       bool resume, err *e) {
    const config *c = m->c;
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, "cooccurrence.bin", path, e)) return false;
    if (!resume && !count_pairs(c, &d->tokens, folder, path, key, e)) return false;
    if (!cooccur_open(&m->records, path, d->vocabulary.n, e)) return false;
    glove_settings settings = vectors_glove_settings(c, d->vocabulary.n);
    m->width = settings.width;
    m->glove = glove_new(&settings, c->deterministic);
    m->adagrad = glove_optim(m->glove);
    m->tape = ag_tape_new(AG_RELEASE);
    m->block = mem_new(RECORDS_STEP, sizeof *m->block);
    m->params = &m->glove->params;
    m->wte = m->glove->w;
    m->context = m->glove->w_context;
    glove_init(m->glove, rng_split(key, STREAM_INIT));
    put_init(m, d, NULL);
    return true;
}

bool vectors_model_make(vectors_model *m, const config *c, const vectors_data *d,
                        const char *folder, rng_key key, bool resume, err *e) {
    *m = (vectors_model){.c = c};
    return c->objective == TRAIN_GLOVE ? make_glove(m, d, folder, key, resume, e)
                                       : make_word2vec(m, d, key, e);
}

void vectors_model_free(vectors_model *m) {
    word2vec_free(&m->word2vec);
    if (m->tape) ag_tape_free(m->tape);
    optim_free(m->adagrad);
    glove_free(m->glove);
    cooccur_close(&m->records);
    free(m->block);
    *m = (vectors_model){0};
}

void vectors_model_copy(const vectors_model *m, io_vectors *v) {
    const config *c = m->c;
    const real *wte = m->wte->value.data, *context = m->context ? m->context->value.data : NULL;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < v->n; r++)
        for (int64_t i = 0; i < v->width; i++) {
            int64_t at = r * m->width + i;
            v->rows[r * v->width + i] = wte[at] + (context ? context[at] : 0);
        }
    if (!m->glove && c->max_n > 0) rows_compose(v, c, wte + v->n * m->width, m->width);
}

int64_t vectors_model_epoch_steps(const vectors_model *m) {
    if (m->glove) return (m->records.n + RECORDS_STEP - 1) / RECORDS_STEP;
    return word2vec_epoch_steps(&m->word2vec);
}

/* Hogwild: threads take stretches of the block as they come. */
static double descend_records(vectors_model *m, int64_t n) {
    double loss = 0;
#pragma omp parallel for schedule(dynamic, 1) reduction(+ : loss)
    for (int64_t first = 0; first < n; first += RECORDS_BATCH) {
        int64_t length = n - first < RECORDS_BATCH ? n - first : RECORDS_BATCH;
        loss += glove_hogwild(m->glove, m->adagrad, m->block + first, length);
    }
    return loss;
}

static bool glove_records(vectors_model *m, int64_t step, vectors_step *out, err *e) {
    int64_t first = step % vectors_model_epoch_steps(m) * RECORDS_STEP;
    int64_t n = m->records.n - first < RECORDS_STEP ? m->records.n - first : RECORDS_STEP;
    if (!cooccur_read(&m->records, first, n, m->block, e)) return false;
    *out = (vectors_step){.count = n, .units = n, .alpha = m->c->alpha};
    if (!m->c->deterministic) {
        out->loss = descend_records(m, n);
        return true;
    }
    for (int64_t i = 0; i < n; i += RECORDS_BATCH)
        out->loss += glove_step(m->glove, m->tape, m->adagrad, m->block + i,
                                n - i < RECORDS_BATCH ? n - i : RECORDS_BATCH);
    return true;
}

bool vectors_model_step(vectors_model *m, int64_t step, vectors_step *out, err *e) {
    if (m->glove) return glove_records(m, step, out, e);
    out->alpha = word2vec_alpha(&m->word2vec, step);
    out->units = word2vec_step(&m->word2vec, step, &out->loss, &out->count);
    return true;
}
