#include "train/word2vec.h"

#include "base/mem.h"

#include <omp.h>
#include <stdlib.h>

/* Jobs of one epoch. */
static int64_t epoch_jobs(const word2vec *w) {
    return (w->tokens->n + WORD2VEC_JOB - 1) / WORD2VEC_JOB;
}

/* The vectors of words that n-grams make up are those of the stretch's beginning until its end: a
 * long one pulls at rows that many words share again and again from the same place. */
static sampler_settings sampler_settings_of(const config *c) {
    enum { WINDOWS = 250, WINDOWS_OF_NGRAMS = 32 };
    return (sampler_settings){.window = c->window,
                              .negative = c->negative,
                              .sample = c->sample,
                              .ns_exponent = c->ns_exponent,
                              .shared_negatives = c->shared_negatives || !c->sg,
                              .stretch_windows = c->max_n > 0 ? WINDOWS_OF_NGRAMS : WINDOWS,
                              .min_n = c->min_n,
                              .max_n = c->max_n,
                              .bucket = c->max_n > 0 ? c->bucket : 0};
}

static void open_lane(const word2vec *w, word2vec_lane *lane) {
    const nn_word2vec *m = w->model;
    const ag_var *outputs[] = {m->syn1neg, m->syn1};
    nn_overlay *overlays[] = {&lane->syn1neg, &lane->syn1};
    lane->tokens = mem_new(WORD2VEC_JOB, sizeof *lane->tokens);
    if (!w->c->deterministic) return;
    lane->wte = nn_overlay_new(m->wte->value.data, m->wte->value.shape[0], m->width);
    for (int i = 0; i < 2; i++)
        *overlays[i] = outputs[i] ? nn_overlay_new(outputs[i]->value.data,
                                                   outputs[i]->value.shape[0], m->width)
                                  : nn_overlay_new(NULL, 0, m->width);
}

nn_word2vec_config word2vec_model_config(const config *c, int64_t vocab_size) {
    return (nn_word2vec_config){.vocab_size = vocab_size,
                                .vector_size = c->vector_size,
                                .bucket = c->max_n > 0 ? c->bucket : 0,
                                .sg = c->sg,
                                .ns = c->negative > 0,
                                .hs = c->hs};
}

bool word2vec_make(word2vec *w, const config *c, const words *vocabulary,
                   const train_tokens *tokens, rng_key key, err *e) {
    nn_word2vec_config nc = word2vec_model_config(c, vocabulary->n);
    sampler_settings settings = sampler_settings_of(c);
    *w = (word2vec){
        .c = c, .vocabulary = vocabulary, .tokens = tokens, .key = key, .order_epoch = -1};
    if (c->hs && !huffman_make(&w->tree, vocabulary->counts, vocabulary->n, e)) return false;
    w->sampler = sampler_new(&settings, vocabulary);
    w->model = nn_word2vec_new(&nc, false);
    w->order = mem_new((size_t)epoch_jobs(w), sizeof *w->order);
    w->n_lanes = c->deterministic ? WORD2VEC_LANES : omp_get_max_threads();
    w->lanes = mem_new((size_t)w->n_lanes, sizeof *w->lanes);
    for (int64_t i = 0; i < w->n_lanes; i++) open_lane(w, &w->lanes[i]);
    return true;
}

void word2vec_free(word2vec *w) {
    for (int64_t i = 0; i < w->n_lanes; i++) {
        word2vec_lane *lane = &w->lanes[i];
        sampler_job_free(&lane->job);
        nn_overlay_free(&lane->wte);
        nn_overlay_free(&lane->syn1neg);
        nn_overlay_free(&lane->syn1);
        free(lane->scratch);
        free(lane->tokens);
    }
    free(w->lanes);
    free(w->frozen);
    free(w->order);
    if (w->sampler.keep) sampler_free(&w->sampler);
    huffman_free(&w->tree);
    nn_word2vec_free(w->model);
    *w = (word2vec){0};
}

int64_t word2vec_epoch_steps(const word2vec *w) {
    return (epoch_jobs(w) + WORD2VEC_STEP - 1) / WORD2VEC_STEP;
}

int64_t word2vec_steps(const word2vec *w) {
    return w->c->epochs * word2vec_epoch_steps(w);
}

/* A job by its place in the run: the turn-th of its epoch. */
typedef struct job_place {
    int64_t epoch, turn;
} job_place;

static double alpha_of(const word2vec *w, job_place at) {
    double jobs = (double)epoch_jobs(w);
    double done = ((double)at.epoch + (double)at.turn / jobs) / (double)w->c->epochs;
    return w->c->alpha - (w->c->alpha - w->c->min_alpha) * done;
}

static job_place place_of(const word2vec *w, int64_t step) {
    int64_t per_epoch = word2vec_epoch_steps(w);
    return (job_place){step / per_epoch, step % per_epoch * WORD2VEC_STEP};
}

double word2vec_alpha(const word2vec *w, int64_t step) {
    return alpha_of(w, place_of(w, step));
}

/* The order in which this epoch takes the jobs. */
static void shuffle_jobs(word2vec *w, int64_t epoch) {
    enum { STREAM_ORDER = 1 };
    if (w->order_epoch == epoch) return;
    rng_key key = rng_split(rng_split(w->key, (uint64_t)epoch), STREAM_ORDER);
    rng_permutation(key, w->order, (uint32_t)epoch_jobs(w));
    w->order_epoch = epoch;
}

/* Room for the hidden vectors of the job's longest stretch, before and after. */
static void reserve_scratch(const word2vec *w, word2vec_lane *lane) {
    int64_t longest = 0;
    for (int64_t i = 0; i < lane->job.n_stretches; i++)
        if (lane->job.stretches[i].n > longest) longest = lane->job.stretches[i].n;
    int64_t needed = 2 * longest * w->model->width;
    if (!w->sampler.bag || needed <= lane->scratch_numbers) return;
    free(lane->scratch);
    lane->scratch_numbers = needed + needed / 4;
    lane->scratch = mem_new_aligned((size_t)lane->scratch_numbers * sizeof *lane->scratch);
}

/* The windows of tokens [first, last) of a job. */
static void sample(const word2vec *w, word2vec_lane *lane, job_place at, int64_t first,
                   int64_t last) {
    enum { STREAM_TEXT = 2 };
    int64_t token = w->order[at.turn] * (int64_t)WORD2VEC_JOB + first;
    rng_key epoch = rng_split(rng_split(w->key, (uint64_t)at.epoch), STREAM_TEXT);
    rng_key key = rng_split(epoch, (uint64_t)token);
    train_tokens_copy(w->tokens, token, last - first, lane->tokens);
    sampler_fill(&w->sampler, key, lane->tokens, last - first, &lane->job);
    reserve_scratch(w, lane);
}

static void descend(const word2vec *w, word2vec_lane *lane, const nn_word2vec_rows *rows,
                    double alpha) {
    ag_paths paths = huffman_paths(&w->tree);
    for (int64_t i = 0; i < lane->job.n_stretches; i++) {
        const nn_stretch *s = &lane->job.stretches[i];
        lane->loss +=
            nn_word2vec_descend(w->model, rows, s, &paths, (real)alpha, w->frozen, lane->scratch);
        if (!w->c->sg) lane->n_told += s->windows.n;
    }
    if (w->c->sg) lane->n_told += lane->job.n_pairs;
}

static int64_t job_length(const word2vec *w, job_place at) {
    int64_t left = w->tokens->n - w->order[at.turn] * (int64_t)WORD2VEC_JOB;
    return left < WORD2VEC_JOB ? left : WORD2VEC_JOB;
}

/* Private copies of all rows that the lane's windows need. */
static void take_rows(const word2vec *w, word2vec_lane *lane) {
    for (int64_t i = 0; i < lane->job.n_stretches; i++) {
        const nn_stretch *s = &lane->job.stretches[i];
        const ag_windows *v = &s->windows;
        if (s->bag_begin)
            nn_overlay_take(&lane->wte, s->bag + s->bag_begin[0],
                            s->bag_begin[s->n] - s->bag_begin[0]);
        else
            nn_overlay_take(&lane->wte, s->ids, s->n);
        if (w->model->syn1neg)
            nn_overlay_take(&lane->syn1neg, v->out + v->out_begin[0],
                            v->out_begin[v->n] - v->out_begin[0]);
        for (int64_t k = 0; w->model->syn1 && k < v->n; k++) {
            int32_t word = v->out[v->out_begin[k]], begin = w->tree.begin[word];
            nn_overlay_take(&lane->syn1, w->tree.node + begin, w->tree.begin[word + 1] - begin);
        }
    }
}

static void mini_batch(const word2vec *w, word2vec_lane *lane, job_place at, int64_t first,
                       int64_t last) {
    nn_overlay *overlays[] = {&lane->wte, &lane->syn1neg, &lane->syn1};
    for (int i = 0; i < 3; i++) nn_overlay_clear(overlays[i]);
    if (first >= last) return;
    sample(w, lane, at, first, last);
    take_rows(w, lane);
    nn_word2vec_rows rows = {lane->wte.data, lane->syn1neg.data, lane->syn1.data,
                             lane->wte.slot, lane->syn1neg.slot, lane->syn1.slot};
    descend(w, lane, &rows, alpha_of(w, at));
}

/* How far one pair of words pulls a row towards its optimum, at alpha = 1: the curvature of the
 * logistic loss, at most a quarter of the other row's square. By trial: at 0 rows that every window
 * has, as the root of hs, grow without bound; from .2 on the rest learns too little. */
static const double pull = 0.05;

/* Puts what the lanes have changed into the model. */
static void merge_lanes(const word2vec *w, double alpha, int part, int parts) {
    enum { N = WORD2VEC_LANES };
    const nn_word2vec *m = w->model;
    const nn_overlay *wte[N], *syn1neg[N], *syn1[N];
    double windows = (double)w->c->window + 1, inputs = w->c->sg ? windows : 1;
    double rate = pull * alpha * inputs, outputs = (double)w->c->negative + 1;
    for (int i = 0; i < N; i++) {
        wte[i] = &w->lanes[i].wte;
        syn1neg[i] = &w->lanes[i].syn1neg;
        syn1[i] = &w->lanes[i].syn1;
    }
    nn_overlay_merge(wte, N, pull * alpha * windows * outputs, m->wte->value.data, part, parts);
    if (m->syn1neg) nn_overlay_merge(syn1neg, N, rate, m->syn1neg->value.data, part, parts);
    if (m->syn1) nn_overlay_merge(syn1, N, rate, m->syn1->value.data, part, parts);
}

/* Tokens of a mini-batch: measured. CBOW, whose alpha is twice as large, loses more by not seeing
 * the other lanes. */
static int64_t batch_tokens(const config *c) {
    return c->sg ? 1000 : 500;
}

/* WORD2VEC_LANES jobs from the given turn on, by all threads of the team that calls it, a
 * mini-batch of each at a time. Who does which does not matter, so the one that is free does:
 * another program may hold a processor. */
static void ordered_jobs(const word2vec *w, job_place at, int64_t end) {
    enum { PARTS = 4 };
    int64_t batch = batch_tokens(w->c);
    for (int64_t first = 0; first < WORD2VEC_JOB; first += batch) {
#pragma omp for schedule(dynamic, 1)
        for (int64_t i = 0; i < WORD2VEC_LANES; i++) {
            job_place job = {at.epoch, at.turn + i};
            int64_t length = job.turn < end ? job_length(w, job) : 0, last = first + batch;
            mini_batch(w, &w->lanes[i], job, first, last < length ? last : length);
        }
#pragma omp for schedule(dynamic, 1)
        for (int part = 0; part < PARTS; part++) merge_lanes(w, alpha_of(w, at), part, PARTS);
    }
}

static void hogwild_job(const word2vec *w, word2vec_lane *lane, job_place at) {
    nn_word2vec_rows rows = nn_word2vec_rows_of(w->model);
    sample(w, lane, at, 0, job_length(w, at));
    descend(w, lane, &rows, alpha_of(w, at));
}

int64_t word2vec_step(word2vec *w, int64_t step, double *loss, int64_t *n_told) {
    job_place begin = place_of(w, step);
    int64_t end = begin.turn + WORD2VEC_STEP, n_tokens = 0;
    if (end > epoch_jobs(w)) end = epoch_jobs(w);
    shuffle_jobs(w, begin.epoch);
    for (int64_t i = 0; i < w->n_lanes; i++) w->lanes[i].loss = 0, w->lanes[i].n_told = 0;
    if (w->c->deterministic) {
#pragma omp parallel
        for (int64_t turn = begin.turn; turn < end; turn += WORD2VEC_LANES)
            ordered_jobs(w, (job_place){begin.epoch, turn}, end);
    } else {
#pragma omp parallel for schedule(dynamic, 1)
        for (int64_t turn = begin.turn; turn < end; turn++)
            hogwild_job(w, &w->lanes[omp_get_thread_num()], (job_place){begin.epoch, turn});
    }
    *loss = 0;
    *n_told = 0;
    for (int64_t i = 0; i < w->n_lanes; i++) {
        *loss += w->lanes[i].loss;
        *n_told += w->lanes[i].n_told;
    }
    for (int64_t turn = begin.turn; turn < end; turn++)
        n_tokens += job_length(w, (job_place){begin.epoch, turn});
    return n_tokens;
}
