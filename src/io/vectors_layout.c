#include "io/vectors_layout.h"

#include "base/decimal.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

int64_t vectors_lines(vectors_span text, int64_t limit, vectors_span **lines) {
    int64_t n = 0, capacity = 0;
    const char *p = text.text, *end = p + text.n;
    *lines = NULL;
    while (p < end && n < limit) {
        if (n == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            *lines = mem_resize(*lines, (size_t)capacity, sizeof **lines);
        }
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline ? newline : end;
        const char *next = newline ? newline + 1 : end;
        if (stop > p && stop[-1] == '\r') stop--;
        (*lines)[n++] = (vectors_span){p, (size_t)(stop - p)};
        p = next;
    }
    return n;
}

bool vectors_read_numbers(const char *p, const char *end, char separator, int64_t n, real *out) {
    for (int64_t i = 0; i < n; i++) {
        while (p < end && *p == separator) p++;
        float x;
        p = decimal_to_float(p, end, &x);
        if (!p || (p < end && *p != separator)) return false;
        out[i] = x;
    }
    while (p < end && *p == separator) p++;
    return p == end;
}

void vectors_new_rows(io_vectors *v, int64_t n, int64_t width) {
    v->n = n;
    v->width = width;
    v->rows = mem_new_aligned((size_t)n * (size_t)width * sizeof *v->rows);
}

bool vectors_set_names(io_vectors *v, const vectors_span *names, const char *path, err *e) {
    size_t bytes = 0;
    for (int64_t i = 0; i < v->n; i++) {
        bool nul = memchr(names[i].text, '\0', names[i].n);
        if (nul || memchr(names[i].text, '\n', names[i].n))
            return err_set(e, ERR_INPUT, "%s: the name '%s' (row %lld) holds a %s", path,
                           vectors_quote(names[i]).text, (long long)i + 1,
                           nul ? "NUL byte" : "line break");
        bytes += names[i].n + 1;
    }
    v->names = mem_new((size_t)v->n, sizeof *v->names);
    char *at = v->text = mem_new(bytes, 1);
    for (int64_t i = 0; i < v->n; i++) {
        v->names[i] = memcpy(at, names[i].text, names[i].n);
        at += names[i].n + 1;
    }
    return true;
}

bool vectors_set_names_of_list(io_vectors *v, vectors_span list, const char *path, int64_t expected,
                               err *e) {
    vectors_span *names;
    int64_t n = vectors_lines(list, INT64_MAX, &names);
    bool ok = n == expected ? vectors_set_names(v, names, path, e)
                            : err_set(e, ERR_INPUT, "%s: %lld names, expected %lld for the vectors",
                                      path, (long long)n, (long long)expected);
    free(names);
    return ok;
}

void vectors_copy_floats(real *out, const char *floats, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        float x;
        memcpy(&x, floats + i * (int64_t)sizeof x, sizeof x);
        out[i] = x;
    }
}

vectors_quoted vectors_quote(vectors_span name) {
    enum { LONGEST = 60 };
    vectors_quoted q = {""};
    size_t n = 0;
    while (n < name.n) {
        size_t length = str_utf8_length(name.text + n, name.n - n);
        if (n + length > LONGEST) break;
        unsigned char first = (unsigned char)name.text[n];
        if (length == 1 && (first < 0x20 || first >= 0x7F))
            q.text[n] = '?';
        else
            memcpy(q.text + n, name.text + n, length);
        n += length;
    }
    return q;
}

bool vectors_check_names(const io_vectors *v, const char *path, const char *bytes, err *e) {
    for (int64_t i = 0; i < v->n; i++) {
        const char *bad = strpbrk(v->names[i], bytes);
        if (bad)
            return err_set(e, ERR_INPUT,
                           "%s: this layout cannot hold the name '%s' (row %lld): a %s in it", path,
                           vectors_quote((vectors_span){v->names[i], strlen(v->names[i])}).text,
                           (long long)i + 1,
                           *bad == ' '    ? "blank"
                           : *bad == '\t' ? "tab"
                                          : "line break");
    }
    return true;
}

void vectors_put_floats(FILE *out, const real *x, int64_t n) {
    enum { BLOCK = 256 };
    float block[BLOCK] = {0};
    for (int64_t i = 0; i < n; i += BLOCK) {
        int64_t k = n - i < BLOCK ? n - i : BLOCK;
        for (int64_t j = 0; j < k; j++) block[j] = (float)x[i + j];
        fwrite(block, sizeof *block, (size_t)k, out);
    }
}

void vectors_put_text(FILE *out, const real *row, int64_t width, char separator) {
    for (int64_t i = 0; i < width; i++) {
        if (i) putc(separator, out);
        fprintf(out, "%.9g", (double)(float)row[i]);
    }
}

bool vectors_write_list(const io_vectors *v, const char *path, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    for (int64_t i = 0; i < v->n; i++) fprintf(w.stream, "%s\n", v->names[i]);
    return file_commit(&w, e);
}
