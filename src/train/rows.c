#include "train/rows.h"

#include "base/mem.h"
#include "train/sampler.h"

#include <stdlib.h>
#include <string.h>

void rows_name_tokens(io_vectors *v, const tokenizer *tok) {
    str text = {0};
    size_t *starts = mem_new((size_t)v->n, sizeof *starts);
    for (int64_t i = 0; i < v->n; i++) {
        starts[i] = text.len;
        tok_printable(tok, (int32_t)i, &text);
        str_append(&text, "", 1);
    }
    v->text = text.data;
    v->names = mem_new((size_t)v->n, sizeof *v->names);
    for (int64_t i = 0; i < v->n; i++) v->names[i] = text.data + starts[i];
    free(starts);
}

void rows_name_words(io_vectors *v, const words *w) {
    size_t bytes = 0;
    for (int64_t i = 0; i < w->n; i++) bytes += strlen(w->names[i]) + 1;
    char *to = v->text = mem_new(bytes, 1);
    v->names = mem_new((size_t)w->n, sizeof *v->names);
    for (int64_t i = 0; i < w->n; i++) {
        size_t length = strlen(w->names[i]) + 1;
        v->names[i] = memcpy(to, w->names[i], length);
        to += length;
    }
}

void rows_compose(io_vectors *v, const config *c, const real *ngrams, int64_t stride) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 1; i < v->n; i++) {
        int32_t buckets[SAMPLER_MAX_NGRAMS];
        real *to = v->rows + i * v->width;
        int64_t n = sampler_ngrams(v->names[i], c->min_n, c->max_n, c->bucket, buckets);
        for (int64_t k = 0; k < n; k++)
            for (int64_t d = 0; d < v->width; d++) to[d] += ngrams[buckets[k] * stride + d];
        for (int64_t d = 0; d < v->width; d++) to[d] /= (real)(n + 1);
    }
}
