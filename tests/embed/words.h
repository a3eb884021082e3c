/* Vectors in memory for tests of src/embed. */
#ifndef TESTS_WORDS_H
#define TESTS_WORDS_H

#include "base/mem.h"
#include "io/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The words of a text, with blanks between, and their rows; free with words_free. */
static inline io_vectors words_of(const char *text, const double *rows, int64_t width) {
    io_vectors v = {.width = width, .text = mem_copy_string(text, strlen(text))};
    for (char *word = strtok(v.text, " "); word; word = strtok(NULL, " ")) {
        v.names = mem_resize(v.names, (size_t)v.n + 1, sizeof *v.names);
        v.names[v.n++] = word;
    }
    v.rows = mem_new((size_t)(v.n * width), sizeof *v.rows);
    for (int64_t i = 0; i < v.n * width; i++) v.rows[i] = (real)rows[i];
    return v;
}

/* Takes over rows from malloc; the words are "w0", "w1", ... */
static inline io_vectors words_numbered(real *rows, int64_t n, int64_t width) {
    io_vectors v = {.n = n, .width = width, .rows = rows};
    v.text = mem_new((size_t)n, 12);
    v.names = mem_new((size_t)n, sizeof *v.names);
    for (int64_t i = 0; i < n; i++) {
        v.names[i] = v.text + 12 * i;
        snprintf(v.names[i], 12, "w%d", (int)i);
    }
    return v;
}

static inline void words_free(io_vectors *v) {
    free(v->rows);
    free(v->names);
    free(v->text);
    free(v->subwords.rows);
    *v = (io_vectors){0};
}

#endif
