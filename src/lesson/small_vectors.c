#include "lesson/small_vectors.h"

#include "base/check.h"
#include "base/mem.h"
#include "lesson/cosine.h"

#include <stdlib.h>
#include <string.h>

/* Streams of random numbers of one run. */
enum { STREAM_INIT = 1, STREAM_TEXT };

enum { MEMORY = 64 << 20 };

config small_vectors_config(int64_t width, int64_t epochs, double alpha, uint64_t seed) {
    config c;
    cfg_defaults(&c);
    c.objective = TRAIN_WORD2VEC;
    c.vector_size = width;
    c.epochs = epochs;
    c.alpha = alpha;
    c.seed = (int64_t)seed;
    return c;
}

static bool append_ids(void *context, const int32_t *ids, int64_t n) {
    tok_ids *all = context;
    memcpy(tok_ids_reserve(all, (size_t)n), ids, (size_t)n * sizeof *ids);
    all->len += (size_t)n;
    return true;
}

bool small_vectors_make(small_vectors *s, const config *c, err *e) {
    *s = (small_vectors){.config = *c};
    rng_key key = rng_from_seed((uint64_t)c->seed);
    if (!words_count(&s->vocabulary, c->dataset, c->min_count, MEMORY, NULL, e) ||
        !words_read(&s->vocabulary, c->dataset, append_ids, &s->ids, e))
        return false;
    s->tokens = train_tokens_of(s->ids.data, (int64_t)s->ids.len);
    if (!word2vec_make(&s->word2vec, &s->config, &s->vocabulary, &s->tokens,
                       rng_split(key, STREAM_TEXT), e))
        return false;
    nn_word2vec_init(s->word2vec.model, rng_split(key, STREAM_INIT));
    return true;
}

void small_vectors_free(small_vectors *s) {
    word2vec_free(&s->word2vec);
    tok_ids_free(&s->ids);
    words_free(&s->vocabulary);
}

double small_vectors_epoch(small_vectors *s) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = word2vec_epoch_steps(&s->word2vec); i > 0; i--) {
        double loss;
        int64_t n_told;
        word2vec_step(&s->word2vec, s->step++, &loss, &n_told);
        sum += loss;
        count += n_told;
    }
    return count ? sum / (double)count : 0;
}

small_table *small_table_new(const small_vectors *s) {
    const nn_word2vec *m = s->word2vec.model;
    int64_t n = s->vocabulary.n, width = m->config.vector_size;
    small_table *t = mem_new(1, sizeof *t);
    t->vectors = (io_vectors){.n = n, .width = width, .names = s->vocabulary.names};
    t->vectors.rows = mem_new((size_t)(n * width), sizeof *t->vectors.rows);
    for (int64_t i = 0; i < n; i++)
        memcpy(t->vectors.rows + i * width, m->wte->value.data + i * m->width,
               (size_t)width * sizeof(real));
    t->table = embed_table_new(&t->vectors);
    return t;
}

void small_table_free(small_table *t) {
    if (!t) return;
    embed_table_free(&t->table);
    free(t->vectors.rows);
    free(t);
}

int64_t small_table_row(const small_table *t, const char *word) {
    int64_t row = embed_find(&t->table, word);
    CHECK(row >= 0, "no vector of '%s'", word);
    return row;
}

double small_table_cosine(const small_table *t, const char *a, const char *b) {
    const io_vectors *v = &t->vectors;
    return lesson_cosine(v->rows + small_table_row(t, a) * v->width,
                         v->rows + small_table_row(t, b) * v->width, v->width);
}
