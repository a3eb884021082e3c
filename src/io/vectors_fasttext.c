/* fastText's .bin, version 12: settings, dictionary, the input matrix of words and n-gram buckets,
 * then the output matrix, which is left unread. A word's vector is the mean of its row and of its
 * n-grams'. */
#include "base/mem.h"
#include "base/ngram.h"
#include "io/vectors_layout.h"

#include <stdlib.h>
#include <string.h>

enum { MAGIC = 793712314, VERSION = 12, LONGEST_NGRAM = 100 };

/* The part of the file that is left; `ok` is false once it was too short. */
typedef struct cursor {
    const char *at, *end;
    bool ok;
} cursor;

typedef struct model {
    int64_t width, min_n, max_n, bucket, n_words;
    vectors_span *names; /* n_words */
    const char *rows;    /* float32 (n_words + bucket, width) */
} model;

/* Takes n bytes to out, which stays as it is where the file is too short. */
static void take(cursor *c, void *out, size_t n) {
    c->ok = c->ok && (size_t)(c->end - c->at) >= n;
    if (!c->ok) return;
    memcpy(out, c->at, n);
    c->at += n;
}

static int8_t take_int8(cursor *c) {
    int8_t x = 0;
    take(c, &x, sizeof x);
    return x;
}

static int32_t take_int32(cursor *c) {
    int32_t x = 0;
    take(c, &x, sizeof x);
    return x;
}

static int64_t take_int64(cursor *c) {
    int64_t x = 0;
    take(c, &x, sizeof x);
    return x;
}

/* Takes a string with its NUL. */
static vectors_span take_string(cursor *c) {
    const char *nul = c->ok ? memchr(c->at, '\0', (size_t)(c->end - c->at)) : NULL;
    vectors_span s = {c->at, nul ? (size_t)(nul - c->at) : 0};
    c->ok = nul != NULL;
    if (nul) c->at = nul + 1;
    return s;
}

/* Magic and settings, of which only those that shape the vectors count here. */
static bool read_settings(cursor *c, model *m, const char *path, err *e) {
    take_int32(c);
    int32_t version = take_int32(c);
    if (c->ok && version != VERSION)
        return err_set(e, ERR_INPUT, "%s: a fastText model of version %d, expected %d", path,
                       version, VERSION);
    enum { DIM, BUCKET = 8, MIN_N, MAX_N, SETTINGS = 12 };
    int32_t settings[SETTINGS];
    double t; /* the sampling threshold */
    take(c, settings, sizeof settings);
    take(c, &t, sizeof t);
    if (!c->ok) return err_set(e, ERR_INPUT, "%s: ends inside the settings", path);
    m->width = settings[DIM];
    m->bucket = settings[BUCKET];
    m->min_n = settings[MIN_N];
    m->max_n = settings[MAX_N];
    bool ok = m->width > 0 && m->bucket >= 0 && m->min_n >= 0 && m->max_n >= 0 &&
              m->max_n <= LONGEST_NGRAM && (m->max_n == 0 || m->bucket > 0);
    return ok ||
           err_set(e, ERR_INPUT, "%s: impossible settings: dim %d, bucket %d, minn %d, maxn %d",
                   path, settings[DIM], settings[BUCKET], settings[MIN_N], settings[MAX_N]);
}

/* Words, then labels; keeps the names of the words. */
static bool read_dictionary(cursor *c, model *m, const char *path, err *e) {
    enum { SHORTEST = 10 }; /* bytes of an entry: NUL, count, type */
    int64_t n = take_int32(c);
    m->n_words = take_int32(c);
    int64_t n_labels = take_int32(c);
    take_int64(c); /* tokens in the text */
    int64_t n_pruned = take_int64(c);
    if (n_pruned >= 0 && c->ok)
        return err_set(e, ERR_INPUT, "%s: a pruned fastText model, expected one that is whole",
                       path);
    if (!c->ok || m->n_words < 1 || n_labels < 0 || n != m->n_words + n_labels ||
        n > (c->end - c->at) / SHORTEST)
        return err_set(e, ERR_INPUT, "%s: %lld words and %lld labels of %lld do not fit the file",
                       path, (long long)m->n_words, (long long)n_labels, (long long)n);
    m->names = mem_new((size_t)m->n_words, sizeof *m->names);
    for (int64_t i = 0; i < n; i++) {
        vectors_span name = take_string(c);
        take_int64(c); /* its count */
        bool is_label = take_int8(c) != 0;
        if (!c->ok)
            return err_set(e, ERR_INPUT, "%s: ends inside entry %lld of %lld of the dictionary",
                           path, (long long)i + 1, (long long)n);
        if (is_label != (i >= m->n_words))
            return err_set(e, ERR_INPUT, "%s: entry %lld of the dictionary is a %s", path,
                           (long long)i + 1, is_label ? "label among words" : "word among labels");
        if (!is_label) m->names[i] = name;
    }
    return true;
}

static bool read_matrix(cursor *c, model *m, const char *path, err *e) {
    bool quantised = take_int8(c) != 0;
    if (quantised && c->ok)
        return err_set(e, ERR_INPUT, "%s: a quantised fastText model, expected one that is not",
                       path);
    int64_t rows = take_int64(c), width = take_int64(c);
    if (c->ok && (rows != m->n_words + m->bucket || width != m->width))
        return err_set(e, ERR_INPUT, "%s: a matrix of %lld x %lld, expected %lld + %lld x %lld",
                       path, (long long)rows, (long long)width, (long long)m->n_words,
                       (long long)m->bucket, (long long)m->width);
    int64_t row_bytes = width * (int64_t)sizeof(float), left = c->end - c->at;
    if (!c->ok || left / row_bytes < rows) {
        int64_t row = c->ok ? left / row_bytes : 0;
        vectors_span name = m->names[row < m->n_words ? row : m->n_words - 1];
        return err_set(e, ERR_INPUT, "%s: ends inside the vector of %s'%s' (row %lld of %lld)",
                       path, row < m->n_words ? "" : "an n-gram behind ", vectors_quote(name).text,
                       (long long)row + 1, (long long)(m->n_words + m->bucket));
    }
    m->rows = c->at;
    return true;
}

static void read_subwords(io_vectors *v, const model *m) {
    if (m->max_n == 0) return;
    v->subwords = (io_subwords){m->min_n, m->max_n, m->bucket, NULL};
    int64_t numbers = m->bucket * m->width;
    v->subwords.rows = mem_new_aligned((size_t)numbers * sizeof *v->subwords.rows);
    const char *first = m->rows + m->n_words * m->width * (int64_t)sizeof(float);
    vectors_copy_floats(v->subwords.rows, first, numbers);
}

/* Memory of one thread. */
typedef struct scratch {
    double *sum; /* width */
    int32_t *buckets;
    int64_t capacity;
} scratch;

/* Finds the buckets of a word's n-grams; fastText gives the end of a line none. */
static int64_t find_buckets(const io_subwords *s, vectors_span name, scratch *tmp) {
    if (!s->rows || (name.n == 4 && memcmp(name.text, "</s>", 4) == 0)) return 0;
    int64_t n;
    while ((n = ngram_buckets(name.text, name.n, s->min_n, s->max_n, s->bucket, tmp->buckets,
                              tmp->capacity)) > tmp->capacity) {
        tmp->capacity = 2 * n;
        tmp->buckets = mem_resize(tmp->buckets, (size_t)tmp->capacity, sizeof *tmp->buckets);
    }
    return n;
}

/* Turns the row of word i into the mean of it and its n-grams' rows. */
static void compose(io_vectors *v, vectors_span name, int64_t i, scratch *tmp) {
    real *row = v->rows + i * v->width;
    int64_t n = find_buckets(&v->subwords, name, tmp);
    for (int64_t j = 0; j < v->width; j++) tmp->sum[j] = row[j];
    for (int64_t k = 0; k < n; k++) {
        const real *ngram = v->subwords.rows + tmp->buckets[k] * v->width;
        for (int64_t j = 0; j < v->width; j++) tmp->sum[j] += ngram[j];
    }
    for (int64_t j = 0; j < v->width; j++) row[j] = (real)(tmp->sum[j] / (double)(n + 1));
}

static void compose_all(io_vectors *v, const model *m) {
#pragma omp parallel
    {
        scratch tmp = {.sum = mem_new((size_t)v->width, sizeof(double))};
#pragma omp for schedule(static)
        for (int64_t i = 0; i < v->n; i++) compose(v, m->names[i], i, &tmp);
        free(tmp.sum);
        free(tmp.buckets);
    }
}

bool vectors_is_fasttext(const vectors_source *s) {
    int32_t magic;
    if (s->file.n < sizeof magic) return false;
    memcpy(&magic, s->file.text, sizeof magic);
    return magic == MAGIC;
}

bool vectors_read_fasttext(io_vectors *v, const vectors_source *s, err *e) {
    cursor c = {s->file.text, s->file.text + s->file.n, true};
    model m = {0};
    bool ok = read_settings(&c, &m, s->path, e) && read_dictionary(&c, &m, s->path, e) &&
              read_matrix(&c, &m, s->path, e);
    if (ok) {
        vectors_new_rows(v, m.n_words < s->limit ? m.n_words : s->limit, m.width);
        vectors_copy_floats(v->rows, m.rows, v->n * v->width);
        read_subwords(v, &m);
        compose_all(v, &m);
        ok = vectors_set_names(v, m.names, s->path, e);
    }
    free(m.names);
    return ok;
}
