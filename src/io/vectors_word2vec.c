/* word2vec's binary: "V D\n", then V times the word, one blank and D float32; word2vec.c closes
 * each with a line break, gensim with nothing. */
#include "io/vectors_layout.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Takes a whole number of 1 to 18 digits off `rest`, and the blanks behind it. */
static bool take_count(vectors_span *rest, int64_t *out) {
    size_t i = 0;
    int64_t value = 0;
    for (; i < rest->n && i < 18 && (unsigned char)(rest->text[i] - '0') < 10; i++)
        value = value * 10 + (rest->text[i] - '0');
    bool any = i > 0;
    while (i < rest->n && (rest->text[i] == ' ' || rest->text[i] == '\r')) i++;
    *rest = (vectors_span){rest->text + i, rest->n - i};
    *out = value;
    return any && value > 0;
}

bool vectors_take_header(vectors_span file, vectors_header *h) {
    vectors_span rest = file;
    if (!take_count(&rest, &h->n) || !take_count(&rest, &h->width)) return false;
    h->length = (size_t)(rest.text - file.text) + 1;
    return rest.n > 0 && *rest.text == '\n' && memchr(file.text, ' ', h->length);
}

bool vectors_is_word2vec(const vectors_source *s) {
    vectors_header h;
    return vectors_take_header(s->file, &h);
}

/* Takes one record off `rest`: its floats follow the name and a blank. */
static bool take_record(vectors_span *rest, int64_t width, vectors_span *name) {
    while (rest->n && *rest->text == '\n') *rest = (vectors_span){rest->text + 1, rest->n - 1};
    const char *blank = memchr(rest->text, ' ', rest->n);
    *name = (vectors_span){rest->text, blank ? (size_t)(blank - rest->text) : rest->n};
    size_t left = rest->n - name->n - (blank != NULL);
    if (!blank || left / sizeof(float) < (size_t)width) return false;
    size_t bytes = (size_t)width * sizeof(float);
    *rest = (vectors_span){blank + 1 + bytes, left - bytes};
    return true;
}

static bool refuse_record(const vectors_source *s, const vectors_header *h, vectors_span name,
                          int64_t row, err *e) {
    bool in_name = name.text + name.n == s->file.text + s->file.n;
    if (in_name && name.n == 0)
        return err_set(e, ERR_INPUT, "%s: ends after row %lld of %lld", s->path, (long long)row,
                       (long long)h->n);
    return err_set(e, ERR_INPUT, "%s: ends inside the %s of '%s' (row %lld of %lld)", s->path,
                   in_name ? "name" : "vector", vectors_quote(name).text, (long long)row + 1,
                   (long long)h->n);
}

/* Finds the first n names, so that memory is taken for those that are there. Returns new. */
static vectors_span *find_records(const vectors_source *s, const vectors_header *h, int64_t n,
                                  err *e) {
    vectors_span rest = {s->file.text + h->length, s->file.n - h->length}, *names = NULL;
    int64_t capacity = 0;
    bool ok = true;
    for (int64_t i = 0; i < n && ok; i++) {
        if (i == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            names = mem_resize(names, (size_t)capacity, sizeof *names);
        }
        ok = take_record(&rest, h->width, &names[i]) || refuse_record(s, h, names[i], i, e);
    }
    if (ok && n == h->n)
        while (rest.n && *rest.text == '\n') rest = (vectors_span){rest.text + 1, rest.n - 1};
    if (ok && n == h->n && rest.n)
        ok = err_set(e, ERR_INPUT, "%s: %zu bytes behind the last of %lld vectors of %lld numbers",
                     s->path, rest.n, (long long)h->n, (long long)h->width);
    if (ok) return names;
    free(names);
    return NULL;
}

bool vectors_read_word2vec(io_vectors *v, const vectors_source *s, err *e) {
    vectors_header h;
    vectors_take_header(s->file, &h);
    int64_t n = h.n < s->limit ? h.n : s->limit;
    vectors_span *names = find_records(s, &h, n, e);
    if (!names) return false;
    vectors_new_rows(v, n, h.width);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i++)
        vectors_copy_floats(v->rows + i * h.width, names[i].text + names[i].n + 1, h.width);
    bool ok = vectors_set_names(v, names, s->path, e);
    free(names);
    return ok;
}

bool vectors_write_word2vec(const io_vectors *v, const char *path, err *e) {
    file_writer w;
    if (!vectors_check_names(v, path, " \n", e) || !file_begin(&w, path, e)) return false;
    fprintf(w.stream, "%lld %lld\n", (long long)v->n, (long long)v->width);
    for (int64_t i = 0; i < v->n; i++) {
        fprintf(w.stream, "%s ", v->names[i]);
        vectors_put_floats(w.stream, v->rows + i * v->width, v->width);
        putc('\n', w.stream);
    }
    return file_commit(&w, e);
}
