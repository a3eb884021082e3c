#include "base/file.h"
#include "base/mem.h"
#include "io/safetensors.h"
#include "train/rows.h"
#include "train/run.h"

#include <string.h>
#include <sys/stat.h>

static bool vectors_of_gpt(io_vectors *v, const char *folder, err *e) {
    train_run run;
    if (!train_run_open(&run, folder, false, e)) return false;
    const tensor *wte = &run.model->wte.weight->value;
    v->n = wte->shape[0];
    v->width = wte->shape[1];
    v->rows = mem_new((size_t)(v->n * v->width), sizeof *v->rows);
    memcpy(v->rows, wte->data, (size_t)(v->n * v->width) * sizeof *v->rows);
    rows_name_tokens(v, run.tok);
    train_run_close(&run);
    return true;
}

/* A tensor of the checkpoint, which must have this many rows, or NULL and e. */
static const real *find_rows(const io_safetensors *f, const char *name, int64_t rows,
                             const config *c, const char *path, err *e) {
    const char *dtype = sizeof(real) == 8 ? "F64" : "F32";
    const io_tensor *t = io_safetensors_find(f, name);
    if (t && strcmp(t->dtype, dtype) == 0 && t->n_dim == 2 && t->shape[0] == rows &&
        t->shape[1] == c->vector_size)
        return t->data;
    err_set(e, ERR_INPUT, "%s: no tensor '%s' of %s [%lld, %lld], as config and vocabulary say",
            path, name, dtype, (long long)rows, (long long)c->vector_size);
    return NULL;
}

static void add_ngrams(io_vectors *v, const config *c, const real *rows) {
    v->subwords = (io_subwords){c->min_n, c->max_n, c->bucket, NULL};
    size_t numbers = (size_t)(c->bucket * v->width);
    v->subwords.rows = mem_new(numbers, sizeof *v->subwords.rows);
    memcpy(v->subwords.rows, rows, numbers * sizeof *rows);
    rows_compose(v, c, rows, v->width);
}

static bool copy_rows(io_vectors *v, const config *c, const io_safetensors *f, const char *path,
                      err *e) {
    bool glove = c->objective == TRAIN_GLOVE, ngrams = !glove && c->max_n > 0;
    size_t numbers = (size_t)(v->n * v->width);
    const real *wte = find_rows(f, "wte.weight", v->n + (ngrams ? c->bucket : 0), c, path, e);
    const real *context = wte && glove ? find_rows(f, "context.weight", v->n, c, path, e) : NULL;
    if (!wte || (glove && !context)) return false;
    v->rows = mem_new(numbers, sizeof *v->rows);
    memcpy(v->rows, wte, numbers * sizeof *v->rows);
    for (size_t i = 0; glove && i < numbers; i++) v->rows[i] += context[i];
    if (ngrams) add_ngrams(v, c, wte + numbers);
    return true;
}

/* The checkpoint is read as a file of tensors: outputs are not needed. */
static bool vectors_of_words(io_vectors *v, const config *c, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    words vocabulary = {0};
    io_safetensors f;
    if (!train_run_path(folder, "vocab.txt", path, e) || !words_load(&vocabulary, path, e)) {
        words_free(&vocabulary);
        return false;
    }
    v->n = vocabulary.n;
    v->width = c->vector_size;
    rows_name_words(v, &vocabulary);
    words_free(&vocabulary);
    if (!train_run_path(folder, "ckpt.safetensors", path, e)) return false;
    if (!file_exists(path))
        return err_set(e, ERR_INPUT, "%s: no checkpoint yet; train it first", folder);
    if (!io_safetensors_open(&f, path, e)) return false;
    bool ok = copy_rows(v, c, &f, path, e);
    io_safetensors_close(&f);
    return ok;
}

bool train_run_vectors(io_vectors *v, const char *folder, err *e) {
    config c;
    *v = (io_vectors){0};
    if (!train_run_config(&c, folder, e)) return false;
    return c.objective == TRAIN_GPT ? vectors_of_gpt(v, folder, e)
                                    : vectors_of_words(v, &c, folder, e);
}

static bool read_folder(io_vectors *v, const char *folder, int64_t limit, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, "config.ini", path, e)) return false;
    if (file_exists(path)) {
        if (!train_run_vectors(v, folder, e)) return false;
        if (limit > 0 && limit < v->n) v->n = limit;
        return true;
    }
    if (!train_run_path(folder, "vectors.safetensors", path, e)) return false;
    if (file_exists(path)) return io_vectors_read(v, path, limit, e);
    if (!train_run_path(folder, "vectors.tsv", path, e)) return false;
    if (file_exists(path)) return io_vectors_read(v, folder, limit, e);
    return err_set(e, ERR_INPUT,
                   "%s: not a run: it has no config.ini, nor vectors.safetensors or vectors.tsv",
                   folder);
}

bool train_read_vectors(io_vectors *v, const char *run_or_file, int64_t limit, err *e) {
    struct stat st;
    *v = (io_vectors){0};
    bool is_folder = stat(run_or_file, &st) == 0 && S_ISDIR(st.st_mode);
    return is_folder ? read_folder(v, run_or_file, limit, e)
                     : io_vectors_read(v, run_or_file, limit, e);
}
