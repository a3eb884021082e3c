/* The folder that TensorFlow's Embedding Projector loads: numbers between tabs, names in the first
 * column of a second file, and a file that names the two. */
#include "base/file.h"
#include "base/mem.h"
#include "io/vectors_layout.h"

#include <stdlib.h>
#include <string.h>

bool vectors_is_projector(const vectors_source *s) {
    return s->folder;
}

static int64_t count_cells(vectors_span line) {
    int64_t n = 1;
    for (size_t i = 0; i < line.n; i++) n += line.text[i] == '\t';
    return n;
}

/* The names are the first cells; a header line stands above them where there is a second column. */
static bool read_names(io_vectors *v, const vectors_source *s, int64_t expected, err *e) {
    if (!s->list.text)
        return err_set(e, ERR_INPUT, "%s: not found, expected the names there, one a line",
                       s->list_path);
    vectors_span *lines;
    int64_t n = vectors_lines(s->list, INT64_MAX, &lines);
    int64_t header = n > 0 && memchr(lines[0].text, '\t', lines[0].n) ? 1 : 0;
    bool ok = n - header == expected ||
              err_set(e, ERR_INPUT, "%s: %lld names, expected %lld for the vectors", s->list_path,
                      (long long)(n - header), (long long)expected);
    for (int64_t i = 0; i < n; i++) {
        const char *tab = memchr(lines[i].text, '\t', lines[i].n);
        if (tab) lines[i].n = (size_t)(tab - lines[i].text);
    }
    ok = ok && vectors_set_names(v, lines + header, s->list_path, e);
    free(lines);
    return ok;
}

static bool read_rows(io_vectors *v, const vectors_source *s, const vectors_span *lines, int64_t n,
                      err *e) {
    int64_t width = count_cells(lines[0]), bad = n;
    for (int64_t i = 0; i < n; i++)
        if (count_cells(lines[i]) != width)
            return err_set(e, ERR_INPUT, "%s:%lld: %lld numbers, expected %lld", s->path,
                           (long long)i + 1, (long long)count_cells(lines[i]), (long long)width);
    vectors_new_rows(v, n, width);
#pragma omp parallel for schedule(static) reduction(min : bad)
    for (int64_t i = 0; i < n; i++) {
        const char *end = lines[i].text + lines[i].n;
        bool ok = vectors_read_numbers(lines[i].text, end, '\t', width, v->rows + i * width);
        if (!ok && i < bad) bad = i;
    }
    return bad == n || err_set(e, ERR_INPUT, "%s:%lld: not a line of %lld numbers between tabs",
                               s->path, (long long)bad + 1, (long long)width);
}

bool vectors_read_projector(io_vectors *v, const vectors_source *s, err *e) {
    vectors_span *lines;
    int64_t n = vectors_lines(s->file, INT64_MAX, &lines);
    bool ok = n > 0 || err_set(e, ERR_INPUT, "%s: empty, expected numbers between tabs", s->path);
    ok = ok && read_rows(v, s, lines, n < s->limit ? n : s->limit, e) && read_names(v, s, n, e);
    free(lines);
    return ok;
}

static bool write_rows(const io_vectors *v, const char *path, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    for (int64_t i = 0; i < v->n; i++) {
        vectors_put_text(w.stream, v->rows + i * v->width, v->width, '\t');
        putc('\n', w.stream);
    }
    return file_commit(&w, e);
}

static bool write_config(const io_vectors *v, const char *path, err *e) {
    str json = {0};
    str_printf(&json,
               "{\n  \"embeddings\": [\n    {\n      \"tensorName\": \"vectors\",\n"
               "      \"tensorShape\": [%lld, %lld],\n      \"tensorPath\": \"%s\",\n"
               "      \"metadataPath\": \"%s\"\n    }\n  ]\n}\n",
               (long long)v->n, (long long)v->width, PROJECTOR_VECTORS, PROJECTOR_METADATA);
    bool ok = file_write(path, json.data, json.len, e);
    str_free(&json);
    return ok;
}

bool vectors_write_projector(const io_vectors *v, const char *path, err *e) {
    char rows[1024], list[1024], config[1024];
    return vectors_check_names(v, path, "\t\r\n", e) && file_make_folder(path, e) &&
           file_join(rows, sizeof rows, path, PROJECTOR_VECTORS, e) &&
           file_join(list, sizeof list, path, PROJECTOR_METADATA, e) &&
           file_join(config, sizeof config, path, "projector_config.json", e) &&
           write_rows(v, rows, e) && vectors_write_list(v, list, e) && write_config(v, config, e);
}
