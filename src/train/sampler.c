#include "train/sampler.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/ngram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_LONGEST = 1000 };

/* Which random words of a job are for what. */
enum { STREAM_KEEP, STREAM_RADIUS, STREAM_NOISE };

struct sampler_memory {
    uint32_t *random, *radii;
    int32_t *ids, *sentence_end; /* kept words; the position behind the sentence of each */
    ag_window *windows;
    int32_t *out_begin, *out, *bag_begin, *bag;
    size_t n_random, n_radii, n_ids, n_sentence_end, n_windows, n_out_begin, n_out, n_bag_begin,
        n_bag, n_stretches; /* capacities */
};

/* Makes room for n elements of *array; what is there is kept. */
#define RESERVE(array, capacity, n)                                                                \
    do {                                                                                           \
        size_t needed = (size_t)(n);                                                               \
        if (needed > (capacity)) {                                                                 \
            (capacity) = needed + needed / 4;                                                      \
            (array) = mem_resize((array), (capacity), sizeof *(array));                            \
        }                                                                                          \
    } while (0)

static uint32_t *new_keep(const words *w, double sample) {
    uint32_t *keep = mem_new((size_t)w->n, sizeof *keep);
    double threshold = sample * (double)w->total;
    for (int64_t v = 0; v < w->n; v++) {
        double c = (double)w->counts[v], share = (sqrt(c / threshold) + 1) * threshold / c;
        bool always = sample == 0 || c == 0 || share >= 1;
        keep[v] = always ? UINT32_MAX : (uint32_t)(share * 0x1p32);
    }
    return keep;
}

static alias_table new_noise(const words *w, double exponent) {
    double *weights = mem_new((size_t)w->n, sizeof *weights);
    for (int64_t v = 1; v < w->n; v++)
        weights[v] = w->counts[v] > 0 ? pow((double)w->counts[v], exponent) : 0;
    alias_table t = alias_new(weights, w->n);
    free(weights);
    return t;
}

int64_t sampler_ngrams(const char *word, int64_t min_n, int64_t max_n, int64_t bucket,
                       int32_t *buckets) {
    if (strcmp(word, "</s>") == 0) return 0;
    int64_t n =
        ngram_buckets(word, strlen(word), min_n, max_n, bucket, buckets, SAMPLER_MAX_NGRAMS);
    return n < SAMPLER_MAX_NGRAMS ? n : SAMPLER_MAX_NGRAMS;
}

/* The rows of each word: its own, then those of its n-grams, which begin behind the words. */
static void make_bags(sampler *s, const words *w) {
    const sampler_settings *c = &s->settings;
    size_t capacity = 0;
    s->bag_begin = mem_new((size_t)w->n + 1, sizeof *s->bag_begin);
    for (int64_t v = 0; v < w->n; v++) {
        int32_t buckets[SAMPLER_MAX_NGRAMS], begin = s->bag_begin[v];
        int64_t n = sampler_ngrams(w->names[v], c->min_n, c->max_n, c->bucket, buckets);
        RESERVE(s->bag, capacity, begin + 1 + n);
        s->bag[begin] = (int32_t)v;
        for (int64_t k = 0; k < n; k++) s->bag[begin + 1 + k] = (int32_t)w->n + buckets[k];
        s->bag_begin[v + 1] = begin + 1 + (int32_t)n;
    }
}

sampler sampler_new(const sampler_settings *settings, const words *w) {
    CHECK(2 * settings->window <= AG_MAX_INPUTS && settings->negative < AG_MAX_OUTPUTS,
          "windows of %lld words to either side with %lld wrong words", (long long)settings->window,
          (long long)settings->negative);
    sampler s = {*settings, new_keep(w, settings->sample), new_noise(w, settings->ns_exponent),
                 NULL, NULL};
    if (settings->bucket > 0) make_bags(&s, w);
    return s;
}

void sampler_free(sampler *s) {
    free(s->keep);
    alias_free(&s->noise);
    free(s->bag_begin);
    free(s->bag);
    *s = (sampler){0};
}

static void random_words(struct sampler_memory *m, rng_key key, int64_t n) {
    RESERVE(m->random, m->n_random, n + 1);
    rng_fill_words(key, m->random, n);
}

/* Kept words go to m->ids with the ends of their sentences; returns how many. */
static int64_t keep_words(const sampler *s, rng_key key, const int32_t *tokens, int64_t n,
                          struct sampler_memory *m) {
    random_words(m, key, n);
    RESERVE(m->ids, m->n_ids, n + 1);
    RESERVE(m->sentence_end, m->n_sentence_end, n + 1);
    int64_t kept = 0, begin = 0;
    for (int64_t i = 0; i <= n; i++) {
        bool line_ends = i == n || tokens[i] == 0;
        if (!line_ends && m->random[i] <= s->keep[tokens[i]]) m->ids[kept++] = tokens[i];
        if (!line_ends && kept - begin < SENTENCE_LONGEST) continue;
        for (; begin < kept; begin++) m->sentence_end[begin] = (int32_t)kept;
    }
    return kept;
}

/* The rows of every kept word. */
static void set_bags(const sampler *s, int64_t kept, struct sampler_memory *m) {
    RESERVE(m->bag_begin, m->n_bag_begin, kept + 1);
    m->bag_begin[0] = 0;
    for (int64_t p = 0; p < kept; p++) {
        const int32_t *begin = s->bag_begin + m->ids[p];
        int32_t n = begin[1] - begin[0], to = m->bag_begin[p];
        RESERVE(m->bag, m->n_bag, to + n);
        memcpy(m->bag + to, s->bag + begin[0], (size_t)n * sizeof *m->bag);
        m->bag_begin[p + 1] = to + n;
    }
}

/* Windows on their way into a job. */
typedef struct filling {
    const sampler_settings *settings;
    const alias_table *noise;
    sampler_job *job;
    struct sampler_memory *m;
    nn_stretch *stretch;               /* the open one */
    int64_t base, centers;             /* its first position, and how many centers it has */
    int64_t n_windows, n_out, n_noise; /* of the job; n_noise random words are used */
} filling;

/* Room for the windows of `kept` words; the random words for all their wrong words. */
static void reserve_windows(filling *f, rng_key key, int64_t kept) {
    const sampler_settings *c = f->settings;
    struct sampler_memory *m = f->m;
    int64_t most = c->shared_negatives ? kept : kept * 2 * c->window;
    RESERVE(m->windows, m->n_windows, most);
    RESERVE(m->out_begin, m->n_out_begin, most + 1);
    RESERVE(m->out, m->n_out, most * (1 + c->negative));
    RESERVE(f->job->stretches, m->n_stretches, kept / c->stretch_windows + 2);
    RESERVE(m->radii, m->n_radii, kept + 1);
    rng_fill_words(rng_split(key, STREAM_RADIUS), m->radii, kept);
    random_words(m, rng_split(key, STREAM_NOISE), most * c->negative);
}

static void open_stretch(filling *f, int64_t base) {
    struct sampler_memory *m = f->m;
    bool bags = f->settings->bucket > 0;
    f->stretch = &f->job->stretches[f->job->n_stretches++];
    *f->stretch = (nn_stretch){
        .ids = m->ids + base,
        .bag_begin = bags ? m->bag_begin + base : NULL,
        .bag = bags ? m->bag : NULL,
        .windows = {0, m->windows + f->n_windows, m->out_begin + f->n_windows, m->out}};
    f->base = base;
    f->centers = 0;
}

static void add_window(filling *f, int64_t center, int64_t first, int64_t last) {
    struct sampler_memory *m = f->m;
    int32_t right = m->ids[center];
    ag_window w = {(int32_t)(center - f->base), (int32_t)(first - f->base),
                   (int32_t)(last - f->base)};
    m->windows[f->n_windows] = w;
    m->out_begin[f->n_windows++] = (int32_t)f->n_out;
    m->out[f->n_out++] = right;
    for (int64_t k = 0; k < f->settings->negative; k++) {
        int32_t wrong = alias_draw(f->noise, m->random[f->n_noise++]);
        if (wrong != right) m->out[f->n_out++] = wrong;
    }
    m->out_begin[f->n_windows] = (int32_t)f->n_out;
    f->stretch->windows.n++;
    if (w.last >= f->stretch->n) f->stretch->n = w.last + 1;
    f->job->n_pairs += ag_window_inputs(&w);
}

/* The windows around one center of the sentence at [begin, end). */
static void add_center(filling *f, int64_t center, int64_t begin, int64_t end) {
    uint64_t radius = 1 + ((uint64_t)f->m->radii[center] * (uint64_t)f->settings->window >> 32);
    int64_t first = center - (int64_t)radius, last = center + (int64_t)radius;
    if (first < begin) first = begin;
    if (last >= end) last = end - 1;
    if (first == last) return;
    if (!f->stretch || f->centers == f->settings->stretch_windows) {
        int64_t reach = center - f->settings->window;
        open_stretch(f, reach > begin ? reach : begin);
    }
    f->centers++;
    if (f->settings->shared_negatives) {
        add_window(f, center, first, last);
        return;
    }
    for (int64_t input = first; input <= last; input++)
        if (input != center) add_window(f, center, input, input);
}

void sampler_fill(const sampler *s, rng_key key, const int32_t *tokens, int64_t n,
                  sampler_job *job) {
    if (!job->memory) job->memory = mem_new(1, sizeof *job->memory);
    struct sampler_memory *m = job->memory;
    filling f = {.settings = &s->settings, .noise = &s->noise, .job = job, .m = m};
    job->n_stretches = job->n_pairs = 0;
    int64_t kept = keep_words(s, rng_split(key, STREAM_KEEP), tokens, n, m), begin = 0;
    if (s->bag) set_bags(s, kept, m);
    reserve_windows(&f, key, kept);
    for (int64_t p = 0; p < kept; p++) {
        add_center(&f, p, begin, m->sentence_end[p]);
        if (p + 1 == m->sentence_end[p]) begin = p + 1;
    }
}

void sampler_job_free(sampler_job *job) {
    struct sampler_memory *m = job->memory;
    free(job->stretches);
    if (m) {
        void *arrays[] = {m->random,    m->radii, m->ids,       m->sentence_end, m->windows,
                          m->out_begin, m->out,   m->bag_begin, m->bag};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    }
    free(m);
    *job = (sampler_job){0};
}
