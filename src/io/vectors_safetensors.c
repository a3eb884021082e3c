/* gradus's own: "vectors" (V, D) float32 and "words", the names a line each, as bytes. */
#include "base/mem.h"
#include "io/safetensors.h"
#include "io/vectors_layout.h"

#include <stdlib.h>
#include <string.h>

static const char VECTORS[] = "vectors", WORDS[] = "words";

bool vectors_is_safetensors(const vectors_source *s) {
    enum { LENGTH_BYTES = 8 };
    uint64_t length = 0;
    if (s->file.n <= LENGTH_BYTES) return false;
    for (int i = LENGTH_BYTES; i-- > 0;) length = length << 8 | (unsigned char)s->file.text[i];
    return s->file.text[LENGTH_BYTES] == '{' && length < (uint64_t)1 << 32;
}

static bool read_tensors(io_vectors *v, const io_safetensors *f, const vectors_source *s, err *e) {
    const io_tensor *vectors = io_safetensors_find(f, VECTORS);
    const io_tensor *words = io_safetensors_find(f, WORDS);
    if (!vectors || vectors->n_dim != 2 || strcmp(vectors->dtype, "F32") != 0 ||
        vectors->bytes == 0 || !words || words->n_dim != 1 || strcmp(words->dtype, "U8") != 0)
        return err_set(e, ERR_INPUT,
                       "%s: a safetensors file of something else, expected the tensors '%s' "
                       "(V, D) F32 and '%s' U8",
                       s->path, VECTORS, WORDS);
    int64_t n = vectors->shape[0];
    vectors_new_rows(v, n < s->limit ? n : s->limit, vectors->shape[1]);
    vectors_copy_floats(v->rows, vectors->data, v->n * v->width);
    vectors_span list = {words->data, words->bytes};
    return vectors_set_names_of_list(v, list, s->path, n, e);
}

bool vectors_read_safetensors(io_vectors *v, const vectors_source *s, err *e) {
    io_safetensors f;
    if (!io_safetensors_parse(&f, s->file.text, s->file.n, s->path, e)) return false;
    bool ok = read_tensors(v, &f, s, e);
    io_safetensors_close(&f);
    return ok;
}

/* Returns new: the rows as float32, or NULL where they are that already. */
static float *narrowed_rows(const io_vectors *v) {
    if (sizeof(real) == sizeof(float)) return NULL;
    float *rows = mem_new((size_t)(v->n * v->width), sizeof *rows);
    for (int64_t i = 0; i < v->n * v->width; i++) rows[i] = (float)v->rows[i];
    return rows;
}

bool vectors_write_safetensors(const io_vectors *v, const char *path, err *e) {
    if (!vectors_check_names(v, path, "\r\n", e)) return false;
    str words = {0};
    for (int64_t i = 0; i < v->n; i++) str_printf(&words, "%s\n", v->names[i]);
    float *narrowed = narrowed_rows(v);
    const io_tensor tensors[] = {
        {VECTORS,
         "F32",
         2,
         {v->n, v->width},
         narrowed ? (const void *)narrowed : v->rows,
         (size_t)(v->n * v->width) * sizeof(float)},
        {WORDS, "U8", 1, {(int64_t)words.len}, words.data, words.len},
    };
    static const io_meta meta[] = {{"format", "pt"}};
    bool ok = io_safetensors_write(path, tensors, 2, meta, 1, e);
    free(narrowed);
    str_free(&words);
    return ok;
}
