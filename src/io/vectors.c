#include "io/vectors.h"

#include "base/check.h"
#include "base/file.h"
#include "base/str.h"
#include "io/vectors_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* In the order in which they are tried: from the certain signs to the vague. */
static const struct layout {
    const char *name;
    bool (*is)(const vectors_source *s);
    vectors_reader *read;
} layouts[] = {
    {"Embedding Projector", vectors_is_projector, vectors_read_projector},
    {"npy", vectors_is_npy, vectors_read_npy},
    {"fastText binary", vectors_is_fasttext, vectors_read_fasttext},
    {"safetensors", vectors_is_safetensors, vectors_read_safetensors},
    {"word2vec text", vectors_is_text, vectors_read_text},
    {"word2vec binary", vectors_is_word2vec, vectors_read_word2vec},
    {"GloVe binary", vectors_is_glove, vectors_read_glove},
};

static bool refuse_unknown(const vectors_source *s, err *e) {
    static const struct {
        const char *start, *kind;
    } packed[] = {
        {"\x1f\x8b", "gzip"}, {"PK\x03\x04", "zip"}, {"BZh", "bzip2"}, {"\3757zXZ", "xz"}};
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
        size_t n = strlen(packed[i].start);
        if (s->file.n >= n && memcmp(s->file.text, packed[i].start, n) == 0)
            return err_set(e, ERR_INPUT, "%s: compressed with %s; unpack it first", s->path,
                           packed[i].kind);
    }
    return err_set(e, ERR_INPUT,
                   "%s: not word vectors, expected a file of word2vec, GloVe (its binary with "
                   "vocab.txt beside it), fastText, .npy or safetensors, or a projector's folder",
                   s->path);
}

/* The first of n rows that holds NaN or an infinity, or n. */
static int64_t first_not_finite(const real *rows, int64_t n, int64_t width) {
    int64_t first = n;
#pragma omp parallel for schedule(static) reduction(min : first)
    for (int64_t i = 0; i < n; i++) {
        int finite = 1;
        for (int64_t j = 0; j < width; j++) finite &= isfinite(rows[i * width + j]) != 0;
        if (!finite && i < first) first = i;
    }
    return first;
}

static bool check_finite(const io_vectors *v, const char *path, err *e) {
    if (v->subwords.rows) {
        int64_t bad = first_not_finite(v->subwords.rows, v->subwords.bucket, v->width);
        if (bad < v->subwords.bucket)
            return err_set(e, ERR_INPUT, "%s: the vector of n-gram bucket %lld is not finite", path,
                           (long long)bad);
    }
    int64_t bad = first_not_finite(v->rows, v->n, v->width);
    if (bad == v->n) return true;
    vectors_span name = {v->names[bad], strlen(v->names[bad])};
    return err_set(e, ERR_INPUT, "%s: the vector of '%s' (row %lld) is not finite", path,
                   vectors_quote(name).text, (long long)bad + 1);
}

bool vectors_parse(io_vectors *v, const vectors_source *s, err *e) {
    *v = (io_vectors){0};
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        if (!layouts[i].is(s)) continue;
        v->layout = layouts[i].name;
        bool ok = layouts[i].read(v, s, e) && check_finite(v, s->path, e);
        if (!ok) io_vectors_free(v);
        return ok;
    }
    return refuse_unknown(s, e);
}

/* Returns new (str_free): where the names of the file would be, were they apart from it. */
static str list_path(const vectors_source *s) {
    str path = {0};
    if (vectors_is_npy(s)) return vectors_npy_list_path(s->path);
    const char *slash = strrchr(s->path, '/');
    str_append(&path, s->path, slash ? (size_t)(slash + 1 - s->path) : 0);
    str_append(&path, GLOVE_LIST, strlen(GLOVE_LIST));
    return path;
}

/* Reads the file and, where there is one, its list: s->list_path, or beside it when that is NULL.
 */
static bool read_files(io_vectors *v, vectors_source *s, err *e) {
    file_map file, list;
    if (!file_open_map(&file, s->path, e)) return false;
    s->file = (vectors_span){file.data, file.size};
    str beside = {0};
    if (!s->list_path) {
        beside = list_path(s);
        s->list_path = beside.data;
    }
    err absent = {0}; /* only some layouts have a list; theirs say what they miss */
    if (file_open_map(&list, s->list_path, &absent)) s->list = (vectors_span){list.data, list.size};
    bool ok = vectors_parse(v, s, e);
    str_free(&beside);
    file_close_map(&list);
    file_close_map(&file);
    return ok;
}

static bool read_folder(io_vectors *v, const char *path, int64_t limit, err *e) {
    str file = {0}, list = {0};
    str_printf(&file, "%s/%s", path, PROJECTOR_VECTORS);
    str_printf(&list, "%s/%s", path, PROJECTOR_METADATA);
    vectors_source s = {.path = file.data, .list_path = list.data, .folder = true, .limit = limit};
    bool ok = file_exists(file.data) ? read_files(v, &s, e)
                                     : err_set(e, ERR_INPUT,
                                               "%s: a folder without %s, expected a projector's "
                                               "folder or a file of word vectors",
                                               path, PROJECTOR_VECTORS);
    str_free(&file);
    str_free(&list);
    return ok;
}

bool io_vectors_read(io_vectors *v, const char *path, int64_t limit, err *e) {
    CHECK(limit >= 0, "a limit of %lld vectors", (long long)limit);
    *v = (io_vectors){0};
    if (limit == 0) limit = INT64_MAX;
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return read_folder(v, path, limit, e);
    return read_files(v, &(vectors_source){.path = path, .limit = limit}, e);
}

void io_vectors_free(io_vectors *v) {
    free(v->rows);
    free(v->names);
    free(v->text);
    free(v->subwords.rows);
    *v = (io_vectors){0};
}

bool io_vectors_write(const io_vectors *v, const char *path, io_vector_format format, err *e) {
    static vectors_writer *const writers[] = {
        [IO_WORD2VEC_BIN] = vectors_write_word2vec,
        [IO_WORD2VEC_TEXT] = vectors_write_word2vec_text,
        [IO_GLOVE_TEXT] = vectors_write_glove_text,
        [IO_NPY] = vectors_write_npy,
        [IO_SAFETENSORS] = vectors_write_safetensors,
        [IO_PROJECTOR] = vectors_write_projector,
    };
    CHECK(format < sizeof writers / sizeof *writers, "unknown format %d", (int)format);
    CHECK(v->n > 0 && v->width > 0, "%s: nothing to write", path);
    return writers[format](v, path, e);
}
