/* GloVe's binary: doubles alone, W (V, D + 1) of the words, then of the contexts, the bias last in
 * each row. The words and their counts stand in vocab.txt beside it. */
#include "io/vectors_layout.h"

#include <stdlib.h>
#include <string.h>

/* The words of vocab.txt. Returns new lines, cut before the count. */
static int64_t list_words(vectors_span list, vectors_span **words) {
    int64_t n = vectors_lines(list, INT64_MAX, words);
    for (int64_t i = 0; i < n; i++) {
        vectors_span *w = *words + i;
        const char *blank = memchr(w->text, ' ', w->n);
        if (blank) w->n = (size_t)(blank - w->text);
    }
    return n;
}

/* D for V words, or 0 where the size of the file does not fit. */
static int64_t width_of(vectors_span file, int64_t n) {
    size_t column = (size_t)n * 2 * sizeof(double);
    return n > 0 && file.n % column == 0 ? (int64_t)(file.n / column) - 1 : 0;
}

bool vectors_is_glove(const vectors_source *s) {
    vectors_span *words;
    int64_t n = s->list.text ? list_words(s->list, &words) : 0;
    if (n) free(words);
    return width_of(s->file, n) > 0;
}

static double number_at(vectors_span file, int64_t i) {
    double x;
    memcpy(&x, file.text + i * (int64_t)sizeof x, sizeof x);
    return x;
}

/* Each vector is the sum of the word's and the context's, as GloVe's text is. */
bool vectors_read_glove(io_vectors *v, const vectors_source *s, err *e) {
    vectors_span *words;
    int64_t n = list_words(s->list, &words), width = width_of(s->file, n);
    vectors_new_rows(v, n < s->limit ? n : s->limit, width);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < v->n; i++)
        for (int64_t j = 0; j < width; j++)
            v->rows[i * width + j] = (real)(number_at(s->file, i * (width + 1) + j) +
                                            number_at(s->file, (n + i) * (width + 1) + j));
    bool ok = vectors_set_names(v, words, s->list_path, e);
    free(words);
    return ok;
}
