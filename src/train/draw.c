#include "train/draw.h"

#include "base/mem.h"
#include "tensor/softmax.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Tokens are shared out to bins of falling logits. Only bins in which something is decided are
 * sorted: the last of the top_k, the last within top_p, and that of the token drawn. */
enum { N_BINS = 1024 };

/* A token that may be drawn. */
typedef struct candidate {
    double weight; /* its probability, up to a common factor */
    real logit;
    int32_t id;
} candidate;

struct train_drawer {
    int64_t V;
    candidate *candidates;     /* V, bin after bin */
    int16_t *bin;              /* of each token */
    int64_t begin[N_BINS + 1]; /* of each bin among the candidates */
    bool sorted[N_BINS];
    double sum[N_BINS]; /* of the probabilities in a bin */
};

train_drawer *train_drawer_new(int64_t V) {
    train_drawer *d = mem_new(1, sizeof *d);
    d->V = V;
    d->candidates = mem_new((size_t)V, sizeof *d->candidates);
    d->bin = mem_new((size_t)V, sizeof *d->bin);
    return d;
}

void train_drawer_free(train_drawer *d) {
    if (!d) return;
    free(d->candidates);
    free(d->bin);
    free(d);
}

/* The first of the likeliest. */
static int32_t likeliest(const real *logits, int64_t V) {
    real highest = softmax_row_max(V, logits);
    int32_t v = 0;
    while (v < V - 1 && logits[v] != highest) v++;
    return v;
}

/* Falling logit, then rising id. */
static int compare_candidates(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->logit != y->logit) return x->logit < y->logit ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Gives each token its bin, all of equal width over the range of the logits. */
static void choose_bins(train_drawer *d, const real *logits, real highest) {
    real lowest = highest;
#pragma omp simd reduction(min : lowest)
    for (int64_t v = 0; v < d->V; v++) lowest = logits[v] < lowest ? logits[v] : lowest;
    real scale = highest > lowest ? (N_BINS - 1) / (highest - lowest) : 0;
    for (int64_t v = 0; v < d->V; v++) {
        real at = (highest - logits[v]) * scale;
        d->bin[v] = (int16_t)(at < N_BINS ? at : N_BINS - 1);
    }
    for (int b = 0; b <= N_BINS; b++) d->begin[b] = 0;
    for (int64_t v = 0; v < d->V; v++) d->begin[d->bin[v] + 1]++;
    for (int b = 0; b < N_BINS; b++) d->begin[b + 1] += d->begin[b];
}

/* Puts the tokens into their bins, up to that of the n-th; returns how many bins. */
static int fill_bins(train_drawer *d, const real *logits, int64_t n) {
    int64_t next[N_BINS];
    int n_bins = 0;
    while (d->begin[n_bins] < n) n_bins++;
    for (int b = 0; b < n_bins; b++) {
        next[b] = d->begin[b];
        d->sorted[b] = false;
    }
    for (int32_t v = 0; v < d->V; v++)
        if (d->bin[v] < n_bins) d->candidates[next[d->bin[v]]++] = (candidate){0, logits[v], v};
    return n_bins;
}

static void sort_bin(train_drawer *d, int b) {
    if (!d->sorted[b])
        qsort(d->candidates + d->begin[b], (size_t)(d->begin[b + 1] - d->begin[b]),
              sizeof(candidate), compare_candidates);
    d->sorted[b] = true;
}

/* Where the candidates of a bin end, of which n count. */
static int64_t end_of(const train_drawer *d, int b, int64_t n) {
    return d->begin[b + 1] < n ? d->begin[b + 1] : n;
}

/* Weighs the first n candidates; returns the sum. */
static double weigh(train_drawer *d, int n_bins, int64_t n, double highest, double temperature) {
    double all = 0;
    for (int b = 0; b < n_bins; b++) {
        double sum = 0;
        for (int64_t i = d->begin[b]; i < end_of(d, b, n); i++) {
            candidate *c = &d->candidates[i];
            c->weight = exp(((double)c->logit - highest) / temperature);
            sum += c->weight;
        }
        d->sum[b] = sum;
        all += sum;
    }
    return all;
}

/* How many of the first n candidates it takes to hold the weight `limit`, 1 at least; *kept is what
 * they hold. */
static int64_t keep(train_drawer *d, int64_t n, double limit, double *kept) {
    *kept = 0;
    for (int b = 0; d->begin[b] < n; b++) {
        if (*kept + d->sum[b] < limit) {
            *kept += d->sum[b];
            continue;
        }
        sort_bin(d, b);
        for (int64_t i = d->begin[b]; i < end_of(d, b, n); i++) {
            *kept += d->candidates[i].weight;
            if (*kept >= limit) return i + 1;
        }
    }
    return n;
}

/* The first of n candidates at which the sum of the weights passes the point, or the last. */
static int32_t pick(train_drawer *d, int64_t n, double point) {
    int32_t id = 0;
    for (int b = 0; d->begin[b] < n; b++) {
        bool is_last = d->begin[b + 1] >= n;
        if (!is_last && point >= d->sum[b]) {
            point -= d->sum[b];
            continue;
        }
        sort_bin(d, b);
        for (int64_t i = d->begin[b]; i < end_of(d, b, n); i++) {
            id = d->candidates[i].id;
            point -= d->candidates[i].weight;
            if (point < 0) return id;
        }
    }
    return id;
}

int32_t train_draw(train_drawer *d, const real *logits, const train_sampling *s,
                   rng_stream *random) {
    int32_t best = likeliest(logits, d->V);
    if (s->temperature == 0) return best;
    int64_t n = s->top_k > 0 && s->top_k < d->V ? s->top_k : d->V;
    choose_bins(d, logits, logits[best]);
    int n_bins = fill_bins(d, logits, n);
    sort_bin(d, n_bins - 1);
    double kept = weigh(d, n_bins, n, (double)logits[best], s->temperature);
    if (s->top_p < 1) n = keep(d, n, s->top_p * kept, &kept);
    return pick(d, n, rng_next_unit(random) * kept);
}
