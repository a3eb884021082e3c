#include "lesson/02_similarity.h"

#include "base/mem.h"
#include "base/rng.h"
#include "lesson/small_text.h"
#include "lesson/small_vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *similarity_word(int i) {
    return farm_classes[i / FARM_WORDS].words[i % FARM_WORDS];
}

int similarity_find(const char *word) {
    for (int i = 0; i < SIMILARITY_WORDS; i++)
        if (strcmp(similarity_word(i), word) == 0) return i;
    return -1;
}

/* All cosines between the words of the farm, as the search of the table says: the one evaluator. */
static void score_by_cosine(similarity *s, const embed_table *t) {
    embed_neighbour *all = mem_new((size_t)t->n, sizeof *all);
    int64_t row[SIMILARITY_WORDS];
    for (int i = 0; i < SIMILARITY_WORDS; i++) row[i] = embed_find(t, similarity_word(i));
    for (int i = 0; i < SIMILARITY_WORDS; i++) {
        embed_nearest(t, t->units + row[i] * t->width, NULL, 0, 0, t->n, all);
        for (int64_t k = 0; k < t->n; k++)
            for (int j = 0; j < SIMILARITY_WORDS; j++)
                if (row[j] == all[k].row) s->score[i][j] = all[k].score;
    }
    free(all);
}

static void count_triples(similarity *s) {
    s->right = s->tied = s->wrong = 0;
    for (int i = 0; i < SIMILARITY_WORDS; i++)
        for (int j = 0; j < SIMILARITY_WORDS; j++)
            for (int k = 0; k < SIMILARITY_WORDS; k++) {
                int class = i / FARM_WORDS;
                if (j == i || j / FARM_WORDS != class || k / FARM_WORDS == class) continue;
                double same = s->score[i][j], other = s->score[i][k];
                s->right += same > other;
                s->tied += same == other;
                s->wrong += same < other;
            }
}

static void fill_rows(real *rows, similarity_kind kind, int64_t n, int64_t width, uint64_t seed) {
    for (int64_t i = 0; i < n; i++)
        if (kind == SIMILARITY_IDS)
            rows[i] = (real)i;
        else if (kind == SIMILARITY_ONE_HOT)
            rows[i * width + i] = 1;
    if (kind == SIMILARITY_RANDOM) rng_fill_normal(rng_from_seed(seed), rows, n * width, 1);
}

/* Scores vectors that nobody trained. */
static void score_untrained(similarity *s, similarity_kind kind, const words *w, int64_t width,
                            uint64_t seed) {
    io_vectors v = {.n = w->n, .width = width, .names = w->names};
    v.rows = mem_new((size_t)(v.n * width), sizeof *v.rows);
    fill_rows(v.rows, kind, v.n, width, seed);
    embed_table t = embed_table_new(&v);
    score_by_cosine(s, &t);
    embed_table_free(&t);
    free(v.rows);
}

static void score_trained(similarity *s, small_vectors *v, const similarity_plan *plan) {
    lesson_work work = {plan->progress, "training word vectors", plan->epochs, 0};
    for (int64_t epoch = 0; epoch < plan->epochs; epoch++) {
        small_vectors_epoch(v);
        lesson_work_step(&work);
    }
    small_table *t = small_table_new(v);
    score_by_cosine(s, &t->table);
    small_table_free(t);
}

static void score_all(similarity_lesson *out, small_vectors *v, const similarity_plan *plan) {
    const words *w = &v->vocabulary;
    out->vocabulary = w->n;
    for (int i = 0; i < SIMILARITY_WORDS; i++)
        out->ids[i] = words_find(w, similarity_word(i), strlen(similarity_word(i)));
    for (int i = 0; i < SIMILARITY_WORDS; i++)
        for (int j = 0; j < SIMILARITY_WORDS; j++)
            out->of[SIMILARITY_NEAR].score[i][j] = -fabs((double)(out->ids[i] - out->ids[j]));
    score_untrained(&out->of[SIMILARITY_IDS], SIMILARITY_IDS, w, 1, 0);
    score_untrained(&out->of[SIMILARITY_ONE_HOT], SIMILARITY_ONE_HOT, w, w->n, 0);
    score_untrained(&out->of[SIMILARITY_RANDOM], SIMILARITY_RANDOM, w, plan->vector_size,
                    plan->seed);
    score_trained(&out->of[SIMILARITY_TRAINED], v, plan);
    for (int kind = 0; kind < SIMILARITY_KINDS; kind++) count_triples(&out->of[kind]);
}

bool similarity_compute(similarity_lesson *out, const similarity_plan *plan, err *e) {
    config c = small_vectors_config(plan->vector_size, plan->epochs, 0.1, plan->seed);
    small_vectors v = {0};
    c.sample = 0;
    bool ok = small_text_write(farm_write, plan->n_sentences, plan->seed, plan->folder, "farm.txt",
                               c.dataset, e) &&
              small_vectors_make(&v, &c, e);
    if (ok) score_all(out, &v, plan);
    small_vectors_free(&v);
    return ok;
}

double similarity_share(const similarity *s) {
    return (double)s->right / (double)(s->right + s->tied + s->wrong);
}

double similarity_spread(const similarity *s) {
    double squares = 0;
    for (int i = 0; i < SIMILARITY_WORDS; i++)
        for (int j = 0; j < SIMILARITY_WORDS; j++)
            if (i != j) squares += s->score[i][j] * s->score[i][j];
    return sqrt(squares / (SIMILARITY_WORDS * (SIMILARITY_WORDS - 1)));
}
