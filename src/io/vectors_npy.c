/* A matrix in a .npy file, and its names a line each in the .words.txt beside it. */
#include "io/npy.h"
#include "io/vectors_layout.h"

#include <string.h>

str vectors_npy_list_path(const char *path) {
    static const char ending[] = ".npy";
    size_t n = strlen(path), n_ending = sizeof ending - 1;
    if (n >= n_ending && strcmp(path + n - n_ending, ending) == 0) n -= n_ending;
    str list = {0};
    str_printf(&list, "%.*s.words.txt", (int)n, path);
    return list;
}

bool vectors_is_npy(const vectors_source *s) {
    return io_npy_is(s->file.text, s->file.n);
}

static void copy_doubles(real *out, const char *doubles, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        double x;
        memcpy(&x, doubles + i * (int64_t)sizeof x, sizeof x);
        out[i] = (real)x;
    }
}

bool vectors_read_npy(io_vectors *v, const vectors_source *s, err *e) {
    io_npy m;
    if (!io_npy_parse(&m, s->file.text, s->file.n, s->path, e)) return false;
    if (!s->list.text)
        return err_set(e, ERR_INPUT, "%s: no %s beside it, expected the names there, one a line",
                       s->path, s->list_path);
    vectors_new_rows(v, m.n < s->limit ? m.n : s->limit, m.width);
    (m.f64 ? copy_doubles : vectors_copy_floats)(v->rows, m.data, v->n * v->width);
    return vectors_set_names_of_list(v, s->list, s->list_path, m.n, e);
}

bool vectors_write_npy(const io_vectors *v, const char *path, err *e) {
    str list = vectors_npy_list_path(path);
    bool ok = vectors_check_names(v, path, "\r\n", e) && vectors_write_list(v, list.data, e) &&
              io_npy_write(path, v->rows, v->n, v->width, e);
    str_free(&list);
    return ok;
}
