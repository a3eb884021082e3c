#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "embed/bootstrap.h"
#include "embed/correlation.h"
#include "embed/evaluate.h"
#include "embed/lines.h"
#include "embed/search.h"

#include <stdlib.h>
#include <string.h>

/* Pairs that are scored: their cosines and what people say. */
typedef struct scores {
    double *cosine, *human;
    int64_t n, capacity;
} scores;

static void add(scores *s, double cosine, double human) {
    if (s->n == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 512;
        s->cosine = mem_resize(s->cosine, (size_t)s->capacity, sizeof *s->cosine);
        s->human = mem_resize(s->human, (size_t)s->capacity, sizeof *s->human);
    }
    s->cosine[s->n] = cosine;
    s->human[s->n++] = human;
}

/* The row, below n_rows, of a word as written, else of its lower-case form; or -1. */
static int64_t find(const embed_table *table, embed_slice word, int64_t n_rows) {
    int64_t row = embed_names_find(&table->names, word.data, word.n);
    if (row >= 0 && row < n_rows) return row;
    char *lower = mem_copy_string(word.data, word.n);
    for (size_t i = 0; i < word.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] - 'A' + 'a');
    row = embed_names_find(&table->names, lower, word.n);
    free(lower);
    return row < n_rows ? row : -1;
}

static bool to_number(embed_slice text, double *out) {
    char copy[64];
    if (text.n >= sizeof copy) return false;
    memcpy(copy, text.data, text.n);
    copy[text.n] = '\0';
    return str_to_double(copy, out);
}

/* Reads the text of a file of pairs and scores what is known. */
static bool read_pairs(const embed_table *table, file_map text, const char *path, int64_t n_rows,
                       scores *s, int64_t *n_skipped, err *e) {
    embed_lines lines = {.rest = {text.data, text.size}};
    embed_slice word[3];
    bool is_first = true;
    for (int64_t found; (found = embed_lines_next(&lines, word, 3)) >= 0;) {
        double human;
        if (found == 0 || *lines.line.data == '#') continue;
        if (found < 3)
            return err_set(e, ERR_INPUT, "%s:%lld: found %lld column%s, expected word, word, score",
                           path, (long long)lines.number, (long long)found, found == 1 ? "" : "s");
        bool is_header = is_first;
        is_first = false;
        if (!to_number(word[2], &human)) {
            if (is_header) continue;
            return err_set(e, ERR_INPUT, "%s:%lld: '%.*s' in column 3, expected a number", path,
                           (long long)lines.number, (int)(word[2].n < 40 ? word[2].n : 40),
                           word[2].data);
        }
        int64_t a = find(table, word[0], n_rows), b = find(table, word[1], n_rows);
        if (a < 0 || b < 0)
            ++*n_skipped;
        else
            add(s, embed_cosine(table, a, b), human);
    }
    return true;
}

static double spearman_of(const uint32_t *sample, int64_t n, const void *data) {
    const scores *s = data;
    double *x = mem_new(2 * (size_t)n, sizeof *x), *y = x + n;
    for (int64_t i = 0; i < n; i++) {
        x[i] = s->cosine[sample[i]];
        y[i] = s->human[sample[i]];
    }
    double rho = embed_spearman(x, y, n);
    free(x);
    return rho;
}

bool embed_evaluate_pairs(const embed_table *table, const char *path, int64_t restrict_n,
                          embed_pairs *out, err *e) {
    *out = (embed_pairs){0};
    file_map text;
    scores s = {0};
    if (!file_open_map(&text, path, e)) return false;
    bool ok = read_pairs(table, text, path, embed_n_candidates(table, restrict_n), &s,
                         &out->n_skipped, e);
    if (ok && s.n + out->n_skipped == 0)
        ok = err_set(e, ERR_INPUT, "%s: no pairs, expected lines 'word word score'", path);
    if (ok) {
        out->n = s.n;
        out->pearson = embed_pearson(s.cosine, s.human, s.n);
        out->spearman = embed_spearman(s.cosine, s.human, s.n);
        embed_bootstrap(s.n, spearman_of, &s, &out->low, &out->high);
    }
    free(s.cosine);
    free(s.human);
    file_close_map(&text);
    return ok;
}
