#include "base/check.h"
#include "train/cooccur.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool cooccur_open(cooccur_file *f, const char *path, int64_t n_words, err *e) {
    *f = (cooccur_file){.n_words = n_words, .map = {.data = ""}};
    int length = snprintf(f->path, sizeof f->path, "%s", path);
    if (length < 0 || (size_t)length >= sizeof f->path)
        return err_set(e, ERR_INPUT, "%.60s...: path longer than %zu bytes", path, sizeof f->path);
    if (!file_open_map(&f->map, path, e)) return false;
    size_t size = f->map.size;
    f->n = (int64_t)(size / sizeof(ag_cooccurrence));
    if (f->n > 0 && size % sizeof(ag_cooccurrence) == 0) return true;
    cooccur_close(f);
    if (size == 0)
        return err_set(e, ERR_INPUT,
                       "%s: empty: no word of the text has another one near it in its line", path);
    return err_set(
        e, ERR_INPUT,
        "%s: %zu bytes, expected co-occurrences of %zu bytes each: truncated, or another file",
        path, size, sizeof(ag_cooccurrence));
}

void cooccur_close(cooccur_file *f) {
    file_close_map(&f->map);
    f->n = 0;
}

bool cooccur_read(const cooccur_file *f, int64_t first, int64_t n, ag_cooccurrence *out, err *e) {
    CHECK(first >= 0 && n >= 0 && first + n <= f->n, "records [%lld, %lld) of %lld",
          (long long)first, (long long)(first + n), (long long)f->n);
    if (n == 0) return true;
    memcpy(out, f->map.data + (size_t)first * sizeof *out, (size_t)n * sizeof *out);
    for (int64_t r = 0; r < n; r++) {
        int32_t i = out[r].i, j = out[r].j;
        bool known = i >= 1 && i < f->n_words && j >= 1 && j < f->n_words;
        if (!known || !(out[r].x > 0) || !isfinite(out[r].x))
            return err_set(e, ERR_INPUT,
                           "%s: record %lld is (%d, %d, %g), expected ids from 1 to %lld and a "
                           "number above 0; not of this vocabulary, or another file",
                           f->path, (long long)(first + r), i, j, out[r].x,
                           (long long)f->n_words - 1);
    }
    return true;
}
